using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy;

/// <summary>What to deploy.</summary>
/// <param name="Bundle">What was built.</param>
/// <param name="Environment">Which of its environments.</param>
/// <param name="Namespace">A namespace in place of the environment's own, or null.</param>
/// <param name="Timeout">How long a rollout may take; null takes the strategy's own limit.</param>
/// <param name="DryRun">Only say what would be done.</param>
internal sealed record DeployRequest(Bundle Bundle, string Environment, string? Namespace = null, TimeSpan? Timeout = null, bool DryRun = false)
{
    /// <summary>What the deploy may do to what others have a hand in.</summary>
    public ApplyPolicy Policy { get; init; } = ApplyPolicy.Careful;

    /// <summary>How long to wait for another run that deploys the app; null stops at once.</summary>
    public TimeSpan? WaitForLock { get; init; }

    /// <summary>Whether the environment shall not be there for long, as that of a pull request: <c>destroy --transient</c> finds it.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Who deploys.</summary>
    public Author By { get; init; } = new("");

    /// <summary>The workflow's run that this is, where nothing may be deployed over what a newer one brought; null: whatever stands may be.</summary>
    public WorkflowRun? UnlessNewer { get; init; }

    /// <summary>Deploy anew what stands, and nothing where another commit does.</summary>
    public bool SameCommit { get; init; }

    /// <summary>Whether the last good revision is restored when this one does not come up.</summary>
    public bool RollbackOnFailure { get; init; } = true;

    /// <summary>The old revision whose bundle this is; null for a new version.</summary>
    public Revision? Restores { get; init; }

    /// <summary>The number of the revision that is gone and in whose place its bundle is deployed; null for a new version.</summary>
    public int? InPlaceOf { get; init; }

    /// <summary>Blue/green: end before the switch, and leave it to <c>promote</c> or <c>abort</c>. Null leaves it to the strategy.</summary>
    public bool? Hold { get; init; }

    /// <summary>Blue/green: stay until the old version may go.</summary>
    public bool Soak { get; init; } = true;

    /// <summary>Go on with a deploy of this very release that was cut; nothing else.</summary>
    public bool Resume { get; init; }

    /// <summary>The plan to hold to: where it does not hold any more, nothing is written.</summary>
    public SavedPlan? SavedPlan { get; init; }

    /// <summary>Asked before the first write of a plan that takes away what runs (<see cref="Losses"/>); throws where it must not. Null: nobody is asked.</summary>
    public Func<IReadOnlyList<ObjectId>, CancellationToken, Task>? Confirm { get; init; }

    /// <summary>Whether the result shall have the plan in the form in which it is saved.</summary>
    public bool SavesPlan { get; init; }

    /// <summary>How long the app stays locked when this run dies.</summary>
    public TimeSpan LockDuration { get; init; } = LockLease.DefaultDuration;
}

/// <summary>The tool's exit codes, for the whole product.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>A plan that was asked whether there are differences, and there are.</summary>
    public const int Differences = 2;

    /// <summary>A deploy that failed, after which the last good revision was restored.</summary>
    public const int RolledBack = 3;

    /// <summary>A saved plan that does not hold any more: nothing was changed.</summary>
    public const int PlanBroken = 4;

    public const int Usage = 64;
    public const int TimedOut = 70;
    public const int Cancelled = 130;

    /// <summary>Diagnostics 001x, 003x, 006x, 007x 0042 to 0044, 008x and 009x (but the last) are about the call itself.</summary>
    public static int Of(Diagnostic diagnostic) =>
        diagnostic.Code == DiagnosticDescriptors.Unexpected.Code ? Failed
        : ((string[])["KUBEAPP001", "KUBEAPP003", "KUBEAPP006", "KUBEAPP007", "KUBEAPP008", "KUBEAPP009"]).Any(start => diagnostic.Code.StartsWith(start, StringComparison.Ordinal))
        || diagnostic.Code is "KUBEAPP0042" or "KUBEAPP0043" or "KUBEAPP0044" ? Usage
        : diagnostic.Code == DiagnosticDescriptors.TimedOut.Code ? TimedOut
        : diagnostic.Code == DiagnosticDescriptors.PlanForAnother.Code || diagnostic.Code == DiagnosticDescriptors.PlanOfAnotherBundle.Code
        || diagnostic.Code == DiagnosticDescriptors.PlanOutdated.Code ? PlanBroken
        : Failed;
}

internal enum DeployOutcome
{
    Deployed,
    Unchanged,

    /// <summary>Another version was here first, from a newer run say, and stays.</summary>
    Superseded,
    Planned,
    Failed,
    RolledBack,
    TimedOut,
    Cancelled,

    /// <summary>The new version stands beside the one that serves, and waits.</summary>
    Held,

    /// <summary>The new version was taken away because somebody asked.</summary>
    Aborted,
}

/// <summary>An object and what was (or would be) done to it.</summary>
internal sealed record ObjectChange(string Kind, string? Namespace, string Name, ResourceChange Change);

/// <summary>How a deploy ended.</summary>
internal sealed record DeployResult(
    DeployOutcome Outcome,
    int ExitCode,
    string App,
    string Environment,
    string Target,
    string Namespace,
    string? Commit,
    IReadOnlyList<string> Urls,
    IReadOnlyList<ObjectChange> Changes,
    IReadOnlyList<PlannedStep> Steps,
    IReadOnlyList<FailureReport> Failures,
    IReadOnlyList<Diagnostic> Diagnostics,
    TimeSpan Elapsed)
{
    /// <summary>Where the bundle is in a registry, by digest; null when it is not known to be in any.</summary>
    public string? Bundle { get; init; }

    /// <summary>How the images came into their registry, where a project was published for it.</summary>
    public IReadOnlyList<PublishedImage> Images { get; init; } = [];

    /// <summary>How the checks ended that were run.</summary>
    public IReadOnlyList<CheckOutcome> Checks { get; init; } = [];

    /// <summary>Whether a write was sent to the cluster.</summary>
    public bool HasApplied { get; init; }

    /// <summary>What the deploy was going to do, field by field; null where it ended before it knew.</summary>
    public PlanReport? Plan { get; init; }

    /// <summary>The revision that this deploy made; null where it did not come to that.</summary>
    public int? Revision { get; init; }

    /// <summary>What GitHub has of it; null where it is not recorded there.</summary>
    public DeployRecord? Record { get; init; }

    /// <summary>Where a blue/green deploy stands when this ends; null for an app that is updated in place.</summary>
    public Rollout? Rollout { get; init; }

    /// <summary>Where the version is reached that does not serve.</summary>
    public IReadOnlyList<string> PreviewUrls { get; init; } = [];

    /// <summary>The revision that was restored when this one failed.</summary>
    public int? RolledBackTo { get; init; }

    /// <summary>The plan as it can be saved, where that was asked for.</summary>
    public SavedPlan? SavedPlan { get; init; }

    /// <summary>The full update of which this is a part; null for a deploy to the cluster that the app has.</summary>
    public UpdateResult? Update { get; init; }

    /// <summary>A deploy that has done nothing (yet).</summary>
    public static DeployResult Nothing(DeployOutcome outcome, int exitCode, string app, string environment) =>
        new(outcome, exitCode, app, environment, "", "", null, [], [], [], [], [], TimeSpan.Zero);
}
