using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Records;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>How the deploy of a revision ended.</summary>
internal enum RevisionOutcome
{
    /// <summary>It is under way, or its run was killed and no other came since.</summary>
    Deploying,

    /// <summary>It came up: it can be returned to.</summary>
    Deployed,
    Failed,

    /// <summary>It failed, and the revision before it was restored.</summary>
    RolledBack,

    /// <summary>It was given up on purpose before it got load.</summary>
    Aborted,

    /// <summary>Its run ended without a word: it was killed.</summary>
    Interrupted,
    Cancelled,
}

/// <summary>An image that a container of a revision runs.</summary>
internal sealed record RevisionImage(string Workload, string Container, string Image);

/// <summary>How many objects a deploy created, changed, made anew, left and deleted, and in which steps.</summary>
internal sealed record RevisionPlan(IReadOnlyList<PlannedStep> Steps, int Created, int Changed, int Replaced, int Unchanged, int Deleted)
{
    public static readonly RevisionPlan Empty = new([], 0, 0, 0, 0, 0);
}

/// <summary>What a check said about a revision.</summary>
internal sealed record RevisionCheck(string Name, bool IsPassed, string Message)
{
    /// <param name="checks">How they ended.</param>
    /// <param name="mask">Takes out of what one that failed has said what is not to be read elsewhere.</param>
    public static IReadOnlyList<RevisionCheck> Of(IEnumerable<CheckOutcome> checks, Func<string, string> mask) =>
    [
        .. checks.Select(check => new RevisionCheck(
            check.Name, check.Passed, RevisionState.FirstLine(check.Report is { } report ? mask(report.Cause) : $"after {check.Elapsed.TotalSeconds:0.0} s{(check.Attempts > 1 ? $", at attempt {check.Attempts}" : "")}"))),
    ];
}

/// <summary>What becomes known of a revision while it is deployed: the part of it that changes.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Elapsed">How long the deploy took.</param>
/// <param name="Cause">Why it failed, on one line of at most 140 characters.</param>
/// <param name="Checks">What the checks said.</param>
internal sealed record RevisionState(RevisionOutcome Outcome, TimeSpan? Elapsed = null, string? Cause = null, IReadOnlyList<RevisionCheck>? Checks = null)
{
    public const int LongestCause = 140;

    /// <summary>Where the app is reached; null where nobody knows.</summary>
    public string? Url { get; init; }

    public static readonly RevisionState Begun = new(RevisionOutcome.Deploying);

    /// <summary>A cause as it may stand in other systems: one line, not too long.</summary>
    public static string FirstLine(string cause) => Printable.Line(cause.Trim(), LongestCause);
}

/// <summary>One deploy of an app, as the cluster keeps it.</summary>
/// <param name="Number">Counts up, from 1, within the app and its namespace.</param>
/// <param name="App">The app.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Namespace">The app's namespace, where the revision is kept.</param>
/// <param name="Commit">The commit that was built, if it was known.</param>
/// <param name="Hash">The hash of all that was applied.</param>
/// <param name="Strategy">How it came to the cluster.</param>
/// <param name="By">Who deployed it.</param>
/// <param name="StartedAt">When the deploy began.</param>
/// <param name="Images">What its containers run.</param>
/// <param name="Plan">What the deploy was going to do.</param>
/// <param name="Content">
/// The environment as it was applied, names resolved, Secrets with their keys alone; null where it is too large to be kept or cannot be read.
/// </param>
internal sealed record Revision(
    int Number,
    string App,
    string Environment,
    string Namespace,
    string? Commit,
    string Hash,
    string Strategy,
    Author By,
    DateTimeOffset StartedAt,
    IReadOnlyList<RevisionImage> Images,
    RevisionPlan Plan,
    RevisionContent? Content)
{
    /// <summary>Where the bundle is in a registry, by digest; null where it is not known to be in any.</summary>
    public string? Bundle { get; init; }

    /// <summary>The revision whose objects these are, where this one is a rollback.</summary>
    public int? Restores { get; init; }

    /// <summary>Blue or green, where it came up beside the version that served.</summary>
    public string? Slot { get; init; }

    public RevisionState State { get; init; } = RevisionState.Begun;

    /// <summary>The UID of the object that keeps it; null before it is stored.</summary>
    public string? Uid { get; init; }

    /// <summary>Whether the state is what the inventory says, and was not written down because the run was killed just before.</summary>
    public bool IsUnsaid { get; init; }

    /// <summary>The page of the last workflow's run that wanted to deploy it again and found it in place; null where none did.</summary>
    public string? ConfirmedBy { get; init; }

    /// <summary>Whether its object was taken away with the app: it serves no more, whatever comes after it.</summary>
    public bool IsGone { get; init; }

    /// <summary>The record of it on GitHub; null where none is wanted.</summary>
    public RecordMark? Record { get; init; }

    /// <summary>What its record calls it; null before it is stored.</summary>
    public string? Rollout => Record?.Rollout ?? Uid;

    /// <summary>Whether it can be returned to.</summary>
    public bool IsRestorable => State.Outcome == RevisionOutcome.Deployed && Content is not null;
}
