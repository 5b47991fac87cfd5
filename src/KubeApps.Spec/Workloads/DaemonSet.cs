using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>One pod on every node (that <see cref="Workload.Placement"/> allows).</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"/>
public sealed class DaemonSet : Workload
{
    [JsonConstructor]
    internal DaemonSet()
    {
    }

    /// <summary>A daemon set.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public DaemonSet(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>On how many nodes the pod may be missing during an update. Default: 1, as Kubernetes does.</summary>
    public CountOrPercent MaxUnavailable { get; set; } = 1;
}
