using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Records;
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

    /// <summary>What it takes to make the new cluster, and what it costs; only of a plan.</summary>
    public ClusterPlan? Cluster { get; init; }

    /// <summary>Where users reach the app, whichever cluster they get; null where there is no such address yet, or nobody could look.</summary>
    public Uri? Address { get; init; }

    /// <summary>Its record on GitHub; null where it is not recorded.</summary>
    public DeployRecord? Record { get; init; }

    public TimeSpan Elapsed { get; init; }

    /// <summary>What is under way still; null where all is done.</summary>
    public FullUpdate? Standing => Outcome is DeployOutcome.Aborted or DeployOutcome.Planned || (Outcome == DeployOutcome.Deployed && Update?.Phase is UpdatePhase.Retiring or UpdatePhase.Preparing) ? null : Update;

    /// <summary>As commands tell it.</summary>
    public DeployResult ToDeployResult(string target) => (Deploy ?? DeployResult.Nothing(Outcome, ExitCode, Owner.App, Owner.Environment)) with
    {
        Outcome = Outcome,
        ExitCode = ExitCode,
        Target = target,
        Commit = Update?.Terms.Commit,
        Urls = Address is null ? [] : [Address.ToString()],
        Steps = Steps,
        Failures = Failures,
        Diagnostics = [.. (Deploy?.Diagnostics ?? []).Concat(Diagnostics)],
        Update = this,
        Record = Record,
        Elapsed = Elapsed,
    };
}
