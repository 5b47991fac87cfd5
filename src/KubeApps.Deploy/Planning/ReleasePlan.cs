using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>An object with what applying it will do. <see cref="IsUnchecked"/>: the server could not be asked before an earlier step.</summary>
internal sealed record PlannedObject(ReleaseObject Object, ResourceChange Change, bool IsUnchecked, bool IsTerminating)
{
    /// <summary>Deleted first, where it cannot be changed.</summary>
    public Replacement? Replacement { get; init; }

    /// <summary>The managers whose fields become ours first.</summary>
    public IReadOnlyList<string> MigratesFrom { get; init; } = [];
}

/// <summary>
/// What a deploy does, as data: printed by a dry run, kept in tests, executed one after the other. Another strategy is another list of the
/// same steps and of some that are added here.
/// </summary>
internal abstract record ReleaseStep(string Id, string Title, TimeSpan Timeout)
{
    /// <summary>Takes the app's lock; ends the plan where <paramref name="Known"/> is not the inventory any more, because another run was faster. Without patience it does not wait for one that holds it.</summary>
    internal sealed record Lock(string Id, string Title, TimeSpan Timeout, TimeSpan? Patience, Inventory? Known) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Creates and changes objects, those of one step at the same time.</summary>
    internal sealed record Apply(string Id, string Title, TimeSpan Timeout, IReadOnlyList<PlannedObject> Objects) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Waits until custom kinds are served.</summary>
    internal sealed record Establish(string Id, string Title, TimeSpan Timeout, IReadOnlyList<string> Definitions) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Asks the server about objects that it could not judge before their namespace or kind was there.</summary>
    internal sealed record Check(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ReleaseObject> Objects) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Writes down what is going to be created, before it is: a deploy that is cut leaves nothing that nobody knows of.</summary>
    internal sealed record Intend(string Id, string Title, TimeSpan Timeout, Inventory Inventory, bool CreatesHashKey) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Runs Jobs to their end.</summary>
    internal sealed record RunJobs(string Id, string Title, TimeSpan Timeout, IReadOnlyList<PlannedObject> Jobs) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Waits until workloads run the new version and stay up.</summary>
    internal sealed record AwaitRollouts(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ObjectId> Workloads, TimeSpan? Stability)
        : ReleaseStep(Id, Title, Timeout);

    /// <summary>Starts copies of what is checked before it takes the place of the old version, and waits until they run.</summary>
    internal sealed record StartPreview(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ReleaseObject> Objects, TimeSpan? Stability)
        : ReleaseStep(Id, Title, Timeout);

    /// <summary>Runs checks of the specification, all at the same time.</summary>
    internal sealed record RunChecks(string Id, string Title, TimeSpan Timeout, IReadOnlyList<PlannedCheck> Checks) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Deletes the copies, and waits until their pods are gone: quotas count them.</summary>
    internal sealed record RetirePreview(string Id, string Title, TimeSpan Timeout) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Deletes what the release does not have any more.</summary>
    internal sealed record Prune(string Id, string Title, TimeSpan Timeout, IReadOnlyList<FormerObject> Objects) : ReleaseStep(Id, Title, Timeout);

    /// <summary>Writes down what stands now; the deploy is complete with it.</summary>
    internal sealed record Record(string Id, string Title, TimeSpan Timeout, Inventory Inventory) : ReleaseStep(Id, Title, Timeout);
}

/// <summary>The steps from what stands to what is wanted. None: there is nothing to do.</summary>
internal sealed record ReleasePlan(string App, string Environment, string Namespace, string Hash, IReadOnlyList<ReleaseStep> Steps)
{
    public bool IsNoOp => Steps.Count == 0;

    /// <summary>What the steps may do to what others have a hand in.</summary>
    public ApplyPolicy Policy { get; init; } = ApplyPolicy.Careful;

    /// <summary>Whether the new version waits at the end, beside the one that serves.</summary>
    public bool Holds { get; init; }

    /// <summary>What the inventory says when the plan begins; null where there is none.</summary>
    public Inventory? Start { get; init; }
}
