using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Updates;

/// <summary>How far a full update is. Written before what it names is done: whoever finds it knows what may have happened.</summary>
internal enum UpdatePhase
{
    /// <summary>The new cluster is made, and the new version comes up in it. The old one has all load.</summary>
    Preparing,

    /// <summary>The new version stands and passed what was asked of it so far. It waits for <c>promote</c> or <c>abort</c>; shares stay as they are.</summary>
    Held,

    /// <summary>Load moves to the new cluster, step by step.</summary>
    Shifting,

    /// <summary>The new cluster has all load; the old one stands beside it.</summary>
    Soaking,

    /// <summary>The new cluster stays; what still arrives at the old one is waited for.</summary>
    Draining,

    /// <summary>The old cluster is being deleted, and cannot be returned to any more.</summary>
    Retiring,

    /// <summary>The old cluster has all load again, and the new one is being deleted.</summary>
    Aborting,
}

/// <summary>
/// A full update as it is written down: in the old cluster from its first moment to its last, and in the new one as long as two stand. A cluster
/// without one believes that it is the only one; so the old one gets it before there is a new one, and it goes only when the other cluster is gone.
/// What it says in the old cluster counts, until the new one says <see cref="UpdatePhase.Retiring"/>: that is the one write by which they change places.
/// </summary>
/// <param name="From">The old cluster; null for an app's first one.</param>
/// <param name="To">The new cluster. Its name stands here before it is made: a run that goes on makes no second one.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Since">Since when.</param>
/// <param name="Terms">How it is done.</param>
internal sealed record FullUpdate(string? From, string To, UpdatePhase Phase, DateTimeOffset Since, UpdateTerms Terms)
{
    /// <summary>Its record on GitHub; null where it is not recorded.</summary>
    public UpdateMark? Record { get; init; }

    /// <summary>Whether the two are the same but for the time, and for what GitHub has of it.</summary>
    public bool Says(FullUpdate? other) => other is not null && (other with { Since = Since, Record = Record }) == this;

    public FullUpdate In(UpdatePhase phase, DateTimeOffset now) => this with { Phase = phase, Since = now };
}

/// <summary>What is written down of an update's record.</summary>
/// <param name="Mark">What GitHub has of it; its rollout is what tells the update from all others.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="By">Who began it.</param>
internal sealed record UpdateMark(RecordMark Mark, DateTimeOffset StartedAt, Author By);

/// <summary>How a full update is done. Whoever goes on with it, on whatever machine, does it in the same way.</summary>
/// <param name="Version">What tells the version that it brings from every other one: a hash of all that is rendered.</param>
internal sealed record UpdateTerms(string Version)
{
    /// <summary>Every request is seen by few users first.</summary>
    public static readonly IReadOnlyList<int> DefaultShares = [5, 50, 100];

    public string? Commit { get; init; }

    /// <summary>Jobs of the version after which the data fit no older one: what may have run in a cluster that cannot be asked.</summary>
    public IReadOnlyList<string> OneWayJobs { get; init; } = [];

    /// <summary>What the new cluster gets, in percent, one after the other; the last is 100.</summary>
    public IReadOnlyList<int> Shares { get; init; } = DefaultShares;

    /// <summary>How long each share but the last is watched.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the old cluster stands by when the new one has all load.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For how long nothing must have arrived at a cluster before it is deleted.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long that is waited for.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    public bool Equals(UpdateTerms? other) => other is not null && Version == other.Version && Commit == other.Commit && Shares.SequenceEqual(other.Shares) && OneWayJobs.SequenceEqual(other.OneWayJobs)
        && (Watch, Soak, Silence, Patience) == (other.Watch, other.Soak, other.Silence, other.Patience);

    public override int GetHashCode() => Version.GetHashCode(StringComparison.Ordinal);
}
