using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Pods with a name and storage of their own each.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/"/>
public sealed class StatefulSet : ScalableWorkload
{
    [JsonConstructor]
    internal StatefulSet()
    {
    }

    /// <summary>A stateful set.</summary>
    /// <param name="name">Its name: a DNS-1123 label of at most 52 characters (the pods' names add a number).</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public StatefulSet(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>
    /// The service that gives each pod a host name. Default: the first headless service of this workload; one is added, with <c>-pods</c> behind
    /// the name, where there is none.
    /// </summary>
    public string? HeadlessService { get; set; }

    /// <summary>Storage that each pod gets for itself; mount it with <see cref="Mount.Claim"/>.</summary>
    public List<PersistentClaim> Claims { get; set; } = [];

    /// <summary>Whether pods start and end all at once instead of one after the other. Default: false.</summary>
    public bool Parallel { get; set; }
}
