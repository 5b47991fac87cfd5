namespace KubeApps;

/// <summary>The number of pods follows their load: a HorizontalPodAutoscaler. The cluster needs metrics-server.</summary>
/// <seealso href="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"/>
/// <example><code>web.Autoscaling = new Autoscaling { Min = 2, Max = 10, CpuPercent = 70 };</code></example>
public sealed class Autoscaling
{
    /// <summary>The fewest pods. Default: 1.</summary>
    public int Min { get; set; } = 1;

    /// <summary>The most pods. Default: 10.</summary>
    public int Max { get; set; } = 10;

    /// <summary>Average CPU use to aim at, in percent of what the containers request. Default: 70 when <see cref="MemoryPercent"/> is not set either.</summary>
    public int? CpuPercent { get; set; }

    /// <summary>Average memory use to aim at, in percent of what the containers request. Default: not looked at.</summary>
    public int? MemoryPercent { get; set; }
}

/// <summary>How many pods must stay when nodes are drained. Say one of the two.</summary>
/// <seealso href="https://kubernetes.io/docs/tasks/run-application/configure-pdb/"/>
public sealed class DisruptionBudget
{
    /// <summary>How many pods must stay available: <c>1</c> or <c>"50%"</c>.</summary>
    public CountOrPercent? MinAvailable { get; set; }

    /// <summary>How many pods may be missing: <c>1</c> or <c>"25%"</c>.</summary>
    public CountOrPercent? MaxUnavailable { get; set; }
}
