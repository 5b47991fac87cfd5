using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>What happens when a run is due while the one before still runs.</summary>
public enum CronConcurrency
{
    /// <summary>The new run is left out.</summary>
    Forbid,

    /// <summary>Both run.</summary>
    Allow,

    /// <summary>The new run replaces the old one.</summary>
    Replace,
}

/// <summary>Pods that run to an end at given times.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"/>
/// <example><code>app.Add(new CronJob("cleanup", "0 3 * * *") { TimeZone = "Europe/Berlin", Containers = { … } });</code></example>
public sealed class CronJob : Workload
{
    [JsonConstructor]
    internal CronJob()
    {
    }

    /// <summary>A job at given times.</summary>
    /// <param name="name">Its name: a DNS-1123 label of at most 52 characters (the Jobs' names add a time).</param>
    /// <param name="schedule">Minute, hour, day of month, month, day of week: <c>0 3 * * *</c>; or <c>@hourly</c>, <c>@daily</c>, …</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public CronJob(string name, string schedule, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => Schedule = schedule;

    /// <summary>
    /// When it runs: five fields (minute 0–59, hour 0–23, day of month 1–31, month 1–12 or JAN–DEC, day of week 0–6 or SUN–SAT), each with <c>*</c>, lists,
    /// ranges and steps (<c>*/15</c>); or <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>, <c>@every 90m</c>.
    /// </summary>
    /// <seealso href="https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax"/>
    public string Schedule { get; set; } = "";

    /// <summary>The time zone of the schedule, by its IANA name: <c>Europe/Berlin</c>. Default: <c>Etc/UTC</c>.</summary>
    public string TimeZone { get; set; } = "Etc/UTC";

    /// <summary>What happens when a run is due while the one before still runs. Default: the new one is left out.</summary>
    public CronConcurrency Concurrency { get; set; }

    /// <summary>Whether no run starts. Default: false.</summary>
    public bool Suspend { get; set; }

    /// <summary>How often a failed pod is tried again. Default: 3.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>How long one run may take, retries included; whole seconds. Default: 1 hour.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromHours(1);
}
