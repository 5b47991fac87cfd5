using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// Pods that run to an end once for each version of their content: the Job's name carries a hash of it, so an unchanged Job does not run again.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/job/"/>
public sealed class Job : Workload
{
    [JsonConstructor]
    internal Job()
    {
    }

    /// <summary>A job.</summary>
    /// <param name="name">Its name: a DNS-1123 label of at most 52 characters (a hash is appended).</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Job(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>
    /// Whether the Job must succeed before the workloads of this version are rolled out: a database migration. Default: false; it then
    /// starts together with them. A Job that a <see cref="Check"/> names runs when the check does.
    /// </summary>
    public bool BeforeRollout { get; set; }

    /// <summary>
    /// Whether the version before does not fit the data any more once this Job has run (a column that is gone): no rollback then goes back past
    /// it, neither by hand nor by itself. Only with <see cref="BeforeRollout"/>. Default: false.
    /// </summary>
    public bool IsOneWay { get; set; }

    /// <summary>How many pods must succeed. Default: 1.</summary>
    public int Completions { get; set; } = 1;

    /// <summary>How many pods run at once, at most. Default: 1.</summary>
    public int Parallelism { get; set; } = 1;

    /// <summary>How often a failed pod is tried again. Default: 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>How long the Job may take, retries included; whole seconds. Default: 10 minutes.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(10);
}
