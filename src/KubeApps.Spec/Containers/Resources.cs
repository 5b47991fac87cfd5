namespace KubeApps;

/// <summary>
/// What a container is promised and what it may use at most. Quantities as Kubernetes writes them: <c>250m</c>, <c>1.5</c>; <c>128Mi</c>, <c>1Gi</c>.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"/>
public sealed class Resources
{
    /// <summary>The CPU that it is promised: <c>250m</c> is a quarter of a core.</summary>
    public string? Cpu { get; set; }

    /// <summary>The memory that it is promised.</summary>
    public string? Memory { get; set; }

    /// <summary>The CPU that it may use at most. Best left out: a limit slows the program down even where the node is idle.</summary>
    public string? CpuLimit { get; set; }

    /// <summary>The memory that it may use at most; beyond it the program is killed.</summary>
    public string? MemoryLimit { get; set; }
}
