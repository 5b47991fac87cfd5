namespace KubeApps.Deploy.Clusters;

/// <summary>What an app's cluster shall be: from the bundle's hardware and the environment, with defaults filled in.</summary>
internal sealed record ClusterSpecification
{
    /// <summary>
    /// The version of Kubernetes. Null leaves a cluster that is there at its own, and takes for a new one the provider's newest that is not yet in
    /// extended support.
    /// </summary>
    public string? Version { get; init; }

    public IReadOnlyList<NodePoolSpecification> Pools { get; init; } = [];

    public IReadOnlyList<FargateSpecification> Fargate { get; init; } = [];

    /// <summary>The roles in the cloud that pods have by their service accounts.</summary>
    public IReadOnlyList<CloudRoleSpecification> CloudRoles { get; init; } = [];

    /// <summary>Who may do everything in the cluster, besides who makes it: principals of the provider.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];

    /// <summary>The network it shall be in. Null takes a shared one where there is one, else one of the owner's own.</summary>
    public string? Network { get; init; }

    /// <summary>The key that encrypts the cluster's secrets; null is the provider's own.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>Whether the API can be reached from the network alone.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Whether services and ingresses get balancers of the cloud: what makes them belongs to the cluster.</summary>
    public bool HasLoadBalancers { get; init; }

    /// <summary>Whether the number of machines follows the pods that have no place, within the bounds of each pool.</summary>
    public bool HasAutoscaler { get; init; }

    /// <summary>From where the API can be reached, as CIDR ranges; empty: from everywhere.</summary>
    public IReadOnlyList<string> AllowedRanges { get; init; } = [];
}

/// <summary>Machines of one sort.</summary>
internal sealed record NodePoolSpecification(string Name, IReadOnlyList<string> InstanceTypes)
{
    /// <summary><c>amd64</c> or <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "amd64";

    public bool IsSpot { get; init; }

    /// <summary>What the provider calls the machines, where they stand already and stay; null where that follows from the rest.</summary>
    public string? Group { get; init; }

    public int Min { get; init; } = 1;

    public int Max { get; init; } = 3;

    public int Desired { get; init; } = 1;

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<NodeTaint> Taints { get; init; } = [];
}

/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
internal sealed record NodeTaint(string Key, string Value, string Effect);

/// <summary>Pods without machines of one's own: those that one of the selectors finds.</summary>
internal sealed record FargateSpecification(string Name, IReadOnlyList<FargateSelector> Selectors);

/// <summary>Pods of a namespace with certain labels.</summary>
internal sealed record FargateSelector(string Namespace, IReadOnlyDictionary<string, string> Labels);

/// <summary>A role in the cloud for the pods of a service account.</summary>
internal sealed record CloudRoleSpecification(string Namespace, string ServiceAccount, string Role);
