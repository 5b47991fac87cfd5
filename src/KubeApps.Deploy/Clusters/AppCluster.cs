namespace KubeApps.Deploy.Clusters;

/// <summary>Whose cluster it is. A full update changes the cluster, never this: clusters are found by it.</summary>
internal sealed record ClusterOwner(string App, string Environment);

internal enum ClusterState
{
    Creating,
    Ready,
    Updating,
    Deleting,
    Failed,
}

/// <summary>A cluster as its provider has it.</summary>
/// <param name="Name">Its name: <c>shop-prod-3</c>. Each full update counts on.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="State">What it is doing.</param>
internal sealed record AppCluster(string Name, ClusterOwner Owner, ClusterState State)
{
    /// <summary>What tells it from every other one for ever: the ARN of EKS, the sandbox's identity.</summary>
    public string? Identity { get; init; }

    /// <summary>The version of Kubernetes: <c>1.34</c>.</summary>
    public string? Version { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What the provider says is wrong with it.</summary>
    public string? Problem { get; init; }
}
