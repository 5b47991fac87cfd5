using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Equal pods that can be replaced at any time: web apps, workers.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"/>
public sealed class Deployment : Workload
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

    /// <summary>How many pods. Default: 1.</summary>
    public int? Replicas { get; set; }
}
