using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>How far a blue/green deploy is. Written before what it names is done: whoever finds it knows what may have happened.</summary>
internal enum RolloutPhase
{
    /// <summary>One slot serves and nothing is under way.</summary>
    Steady,

    /// <summary>The next slot comes up and is checked; nothing was switched.</summary>
    Preparing,

    /// <summary>The next slot is up and checked, and waits for <c>promote</c> or <c>abort</c>.</summary>
    Held,

    /// <summary>Services are being switched to the next slot: some may be already.</summary>
    Switching,

    /// <summary>The next slot serves; the one before stands beside it still.</summary>
    Soaking,

    /// <summary>The next slot serves; the one before is being deleted, and cannot be returned to any more.</summary>
    Retiring,

    /// <summary>Services go back to the live slot, and the next one is removed.</summary>
    Aborting,
}

/// <summary>What one Service selects at each point of a deploy; null selects nothing.</summary>
/// <param name="Id">The Service.</param>
/// <param name="Before">Where the deploy began: what an abort leaves.</param>
/// <param name="From">Until the switch: only the live slot, whatever else comes up beside it.</param>
/// <param name="To">From the switch on.</param>
/// <param name="After">When the old slot is gone.</param>
/// <param name="PinnedTo">
/// The Deployment of the plain slot whose hash belongs into <paramref name="To"/>: the hash is known only when it stands.
/// </param>
internal sealed record ServiceSwitch(ObjectId Id, Selector? Before, Selector? From, Selector To, Selector After, string? PinnedTo = null);

/// <summary>The pods that were checked: what is switched to must be of the same make.</summary>
/// <param name="Deployment">The Deployment.</param>
/// <param name="ReplicaSet">UID of the ReplicaSet: with it go template and digests.</param>
/// <param name="Pods">UIDs of its pods.</param>
internal sealed record CheckedPods(string Deployment, string ReplicaSet, IReadOnlyList<string> Pods);

/// <summary>What stood when a deploy began, for when it is aborted.</summary>
internal sealed record FormerRelease(string Hash, string? Commit, int? Revision, DateTimeOffset? DeployedAt);

/// <summary>The state of an app's slots, kept in its inventory.</summary>
internal sealed record Rollout(RolloutPhase Phase, Slot? Live, Slot? Next, DateTimeOffset Since)
{
    /// <summary>How long the old slot stays after the switch.</summary>
    public TimeSpan KeepOld { get; init; }

    /// <summary>How much longer than usual the pods of either version may take to end.</summary>
    public TimeSpan ExtraGrace { get; init; }

    public IReadOnlyList<ServiceSwitch> Services { get; init; } = [];

    /// <summary>The Deployments and the other workloads of the next slot.</summary>
    public IReadOnlyList<ObjectId> Workloads { get; init; } = [];

    /// <summary>What the deploy brings: an abort deletes it.</summary>
    public IReadOnlyList<ObjectId> Added { get; init; } = [];

    /// <summary>What versions share and the deploy changes in place: an abort leaves it as it is.</summary>
    public IReadOnlyList<ObjectId> Changed { get; init; } = [];

    /// <summary>What the deploy makes superfluous: deleted when the old slot goes.</summary>
    public IReadOnlyList<ObjectId> Retired { get; init; } = [];

    public IReadOnlyList<CheckedPods> Checked { get; init; } = [];

    public FormerRelease? Former { get; init; }

    public bool IsUnderWay => Phase != RolloutPhase.Steady;

    /// <summary>The slot that serves, or will: from the switch's intent on the next one.</summary>
    public Slot? Serving => Phase is RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring ? Next : Live;

    /// <summary>Whether the version before stands, so that it can serve again.</summary>
    public bool CanBeTakenBack => IsUnderWay && Live is not null && Phase != RolloutPhase.Retiring;

    public DateTimeOffset? SoaksUntil => Phase == RolloutPhase.Soaking ? Since + KeepOld : null;

    public static Rollout Steady(Slot live, DateTimeOffset since) => new(RolloutPhase.Steady, live, null, since);
}
