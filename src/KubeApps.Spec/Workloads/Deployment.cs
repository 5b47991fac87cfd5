using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Equal pods that can be replaced at any time: web apps, workers.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"/>
public sealed class Deployment : ScalableWorkload
{
    [JsonConstructor]
    internal Deployment()
    {
    }

    /// <summary>A deployment.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Deployment(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>
    /// Whether all old pods end before the first new one starts, for programs of which two versions must not run at once. Default: false;
    /// pods are replaced step by step.
    /// </summary>
    public bool Recreate { get; set; }

    /// <summary>How many pods more than wanted there may be during an update. Default: <c>25%</c>, rounded up, as Kubernetes does.</summary>
    public CountOrPercent MaxSurge { get; set; } = "25%";

    /// <summary>How many pods fewer than wanted there may be during an update. Default: 0, so that an update costs no capacity.</summary>
    public CountOrPercent MaxUnavailable { get; set; } = 0;

    /// <summary>How long a new pod must be ready before it counts as available; whole seconds. Default: 0.</summary>
    public TimeSpan MinReady { get; set; }

    /// <summary>How long an update may stand still before it has failed; whole seconds. Default: 10 minutes, as Kubernetes does.</summary>
    public TimeSpan ProgressDeadline { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many old versions the cluster keeps for <c>kubectl rollout undo</c>. Default: 10, as Kubernetes does.</summary>
    public int RevisionHistory { get; set; } = 10;
}
