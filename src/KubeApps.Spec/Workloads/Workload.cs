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

    /// <summary>Labels of the workload object and its pods, besides the framework's.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>Annotations of the workload object.</summary>
    public Dictionary<string, string> Annotations { get; set; } = [];

    /// <summary>Annotations of the pods. A value that changes with every build replaces every pod with every deploy.</summary>
    public Dictionary<string, string> PodAnnotations { get; set; } = [];

    /// <summary>All containers of a pod, whatever their role.</summary>
    [JsonIgnore]
    internal IEnumerable<Container> AllContainers => Containers;
}
