using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Containers that run together as pods, in one of the ways that Kubernetes knows.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/"/>
public abstract class Workload : AppPart
{
    private protected Workload()
    {
    }

    private protected Workload(string name, string file, int line)
        : base(name, file, line)
    {
    }

    /// <summary>The containers of each pod; the first one is what the workload is for.</summary>
    public List<Container> Containers { get; set; } = [];

    /// <summary>Containers that run to their end, one after the other, before the others start.</summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/workloads/pods/init-containers/"/>
    public List<Container> InitContainers { get; set; } = [];

    /// <summary>Containers that start before the others, run beside them and end after them.</summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/"/>
    public List<Container> Sidecars { get; set; } = [];

    /// <summary>
    /// Labels of the workload object and its pods, besides the framework's. A value has at most 63 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; a key too,
    /// perhaps behind a domain and <c>/</c>.
    /// </summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"/>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>Annotations of the workload object; all together at most 256 KiB.</summary>
    public Dictionary<string, string> Annotations { get; set; } = [];

    /// <summary>Annotations of the pods. A value that changes with every build replaces every pod with every deploy.</summary>
    public Dictionary<string, string> PodAnnotations { get; set; } = [];

    /// <summary>The <see cref="KubeApps.ServiceAccount"/> of the pods, by name. Default: the namespace's, without its token.</summary>
    public string? ServiceAccount { get; set; }

    /// <summary>Which nodes the pods run on. Default: any.</summary>
    public Placement? Placement { get; set; }

    /// <summary>How the pods spread over zones or nodes. Default: as the cluster does it.</summary>
    public List<TopologySpread> TopologySpread { get; set; } = [];

    /// <summary>What the pods may do on their node. Default: run as another user than root, with the runtime's seccomp profile.</summary>
    public PodSecurity? Security { get; set; }

    /// <summary>
    /// How long the program takes to stop after SIGTERM, at most: <c>HostOptions.ShutdownTimeout</c>. Default: 30 seconds, as the .NET host has it.
    /// </summary>
    public TimeSpan HostShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a pod has from the wish to end it until it is killed; must be more than the sleep before the stop and
    /// <see cref="HostShutdownTimeout"/> together. Default: their sum and 5 seconds.
    /// </summary>
    public TimeSpan? TerminationGracePeriod { get; set; }

    /// <summary>All containers of a pod, whatever their role.</summary>
    [JsonIgnore]
    internal IEnumerable<Container> AllContainers => InitContainers.Concat(Sidecars).Concat(Containers);
}

/// <summary>A workload with a number of pods that can be changed.</summary>
public abstract class ScalableWorkload : Workload
{
    private protected ScalableWorkload()
    {
    }

    private protected ScalableWorkload(string name, string file, int line)
        : base(name, file, line)
    {
    }

    /// <summary>How many pods. Default: 1; left to the autoscaler where there is <see cref="Autoscaling"/>.</summary>
    public int? Replicas { get; set; }

    /// <summary>Lets the cluster choose the number of pods by their load. Default: off.</summary>
    public Autoscaling? Autoscaling { get; set; }

    /// <summary>How many pods an eviction (a node that is drained) must leave. Default: none is kept.</summary>
    public DisruptionBudget? DisruptionBudget { get; set; }
}
