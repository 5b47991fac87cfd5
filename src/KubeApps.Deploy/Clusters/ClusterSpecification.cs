namespace KubeApps.Deploy.Clusters;

/// <summary>What an app's cluster shall be: from the bundle's hardware and the environment, with defaults filled in.</summary>
internal sealed record ClusterSpecification
{
    /// <summary>The version of Kubernetes; null takes the provider's newest one that is not yet in extended support.</summary>
    public string? Version { get; init; }

    public IReadOnlyList<NodePoolSpecification> Pools { get; init; } = [];

    public IReadOnlyList<FargateSpecification> Fargate { get; init; } = [];
}

/// <summary>Machines of one sort.</summary>
internal sealed record NodePoolSpecification(string Name, IReadOnlyList<string> InstanceTypes)
{
    /// <summary><c>amd64</c> or <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "amd64";

    public bool IsSpot { get; init; }

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

/// <summary>Pods without machines of one's own: those of a namespace with certain labels.</summary>
internal sealed record FargateSpecification(string Name, string Namespace, IReadOnlyDictionary<string, string> Labels);
