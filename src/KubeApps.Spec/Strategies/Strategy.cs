using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>How a new version takes the place of the old one.</summary>
public enum StrategyKind
{
    /// <summary>Pods are replaced step by step.</summary>
    Rolling,

    /// <summary>The new version comes up beside the old one, is checked, and gets all load at once.</summary>
    BlueGreen,
}

/// <summary>How a new version takes the place of the old one, with its parameters.</summary>
/// <example><code>app.Strategy = Strategy.BlueGreen(keepOld: TimeSpan.FromHours(1)) with { Timeout = TimeSpan.FromMinutes(30) };</code></example>
public sealed record Strategy
{
    [JsonConstructor]
    internal Strategy()
    {
    }

    /// <summary>The kind.</summary>
    [JsonInclude]
    public StrategyKind Kind { get; internal set; }

    /// <summary>
    /// How long the whole rollout may take. Default: 15 minutes, longer than a Deployment's <see cref="Deployment.ProgressDeadline"/>: what Kubernetes
    /// gives up by itself is told before.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long the new pods must stay up before the rollout is a success, from the start of each container on: a crashing program is up for
    /// a moment, too. Default: minReadySeconds where the workload has it, otherwise 2 seconds for containers with a readiness probe and 6 for
    /// those without; where a liveness probe asks something else, until it has asked for the first time (a minute at most).
    /// </summary>
    public TimeSpan? StabilityWindow { get; set; }

    /// <summary>How many deploys the cluster remembers, to go back to and to look up; at least 2, at most 100. Default: 10.</summary>
    public int KeepRevisions { get; set; } = 10;

    /// <summary>Blue/green: whether load moves by itself once the checks have passed. Default: true.</summary>
    [JsonInclude]
    public bool AutoPromote { get; internal set; } = true;

    /// <summary>Blue/green: how long the old version stays after the switch. Default: 10 minutes.</summary>
    [JsonInclude]
    public TimeSpan KeepOld { get; internal set; } = TimeSpan.FromMinutes(10);

    internal SourceLocation? Location { get; private init; }

    /// <summary>Pods are replaced step by step; how many at once is said by each <see cref="Deployment"/>.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Strategy Rolling([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new() { Location = new SourceLocation(file, line) };

    /// <summary>The new version comes up beside the old one, is checked, and gets all load at once.</summary>
    /// <param name="autoPromote">Whether load moves by itself once the checks have passed.</param>
    /// <param name="keepOld">How long the old version stays after the switch. Default: 10 minutes.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static Strategy BlueGreen(
        bool autoPromote = true, TimeSpan? keepOld = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new()
        {
            Kind = StrategyKind.BlueGreen,
            AutoPromote = autoPromote,
            KeepOld = keepOld ?? TimeSpan.FromMinutes(10),
            Location = new SourceLocation(file, line),
        };
}
