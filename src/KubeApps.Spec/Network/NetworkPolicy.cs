using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// What can connect to the pods of a workload: only their declared ports. The framework adds one for each workload; add your own of the same
/// workload to replace it.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/network-policies/"/>
public sealed class NetworkPolicy : AppPart
{
    [JsonConstructor]
    internal NetworkPolicy()
    {
    }

    /// <summary>A policy.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="workload">The workload that it protects.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public NetworkPolicy(string name, string workload, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => Workload = workload;

    /// <summary>The workload that it protects, by name.</summary>
    public string Workload { get; set; } = "";

    /// <summary>Only pods of these namespaces can connect. Empty: whoever reaches the declared ports.</summary>
    public List<string> FromNamespaces { get; set; } = [];

    /// <summary>Only these workloads of the app can connect, besides <see cref="FromNamespaces"/>. Empty: whoever reaches the declared ports.</summary>
    public List<string> FromWorkloads { get; set; } = [];
}
