using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>How a run of a full update ended.</summary>
internal sealed record UpdateResult(DeployOutcome Outcome, int ExitCode, ClusterOwner Owner)
{
    /// <summary>What is under way still, or was; null where it did not come to that.</summary>
    public FullUpdate? Update { get; init; }

    /// <summary>Who has which share of the load, in percent; null where nobody could look.</summary>
    public IReadOnlyDictionary<string, int>? Shares { get; init; }

    public IReadOnlyList<PlannedStep> Steps { get; init; } = [];

    /// <summary>How the deploy to the new cluster ended; null where there was none in this run.</summary>
    public DeployResult? Deploy { get; init; }

    /// <summary>Why the new version did not do.</summary>
    public IReadOnlyList<FailureReport> Failures { get; init; } = [];

    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>What a cluster that is gone has left.</summary>
    public IReadOnlyList<ClusterLeftover> Leftovers { get; init; } = [];

    public TimeSpan Elapsed { get; init; }
}
