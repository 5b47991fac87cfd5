using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>What is to be deployed.</summary>
internal sealed record Release(
    string App, string Environment, string Namespace, string? Commit, IReadOnlyList<ReleaseObject> Objects, string Hash, bool NeedsHashKey, TimeSpan RolloutTimeout,
    TimeSpan? Stability = null, string? EntryService = null)
{
    /// <summary>Where the bundle is in a registry, by digest; null where it is not known to be in any.</summary>
    public string? Bundle { get; init; }

    /// <summary>Whether the environment shall not be there for long.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long to wait for another run that holds the app's lock; null does not.</summary>
    public TimeSpan? LockPatience { get; init; }

    /// <summary>The revision whose objects these are, where an old one is restored: Jobs before its rollout have run when it was new.</summary>
    public int? Restores { get; init; }

    /// <summary>What the deploy may do to what others have a hand in.</summary>
    public ApplyPolicy Policy { get; init; } = ApplyPolicy.Careful;

    /// <summary>The set that the app's objects are part of.</summary>
    public string ApplySetId => ApplySet.IdOf(App, Namespace);

    /// <summary>What decides whether the version is good.</summary>
    public IReadOnlyList<BundleCheck> Checks { get; init; } = [];

    /// <summary>The Jobs that checks run; no part of what is applied.</summary>
    public IReadOnlyList<ReleaseObject> CheckJobs { get; init; } = [];
}

/// <summary>From a release and the live state to the steps of a rolling update. Pure: the same input gives the same plan.</summary>
internal static class ReleasePlanner
{
    public static ReleasePlan Plan(Release release, LiveState live)
    {
        var planned = PlannedOf(live);
        var checks = CheckPlan.Of(release, live.Objects);
        live = live.Without(checks.ShortLived);
        var prunable = live.Former.Where(IsPrunable).ToList();
        var former = live.Former.Where(item => !item.IsGone).ToList();
        if (live.Inventory is { IsComplete: true } && IsWritten(release, live, planned, prunable))
            return new ReleasePlan(release.App, release.Environment, release.Namespace, release.Hash, []);

        var (closed, opened) = Openings.Of(planned, live, waits: checks.After.Count > 0);
        return new ReleasePlan(release.App, release.Environment, release.Namespace, release.Hash,
        [
            .. ReleaseSteps.Begin(release, planned, live),
            ReleaseSteps.Intend(release, live, InventoryOf(release, live, former, isComplete: false, checks.ShortLived)),
            .. ReleaseSteps.Apply("configuration", "Apply configuration", closed, ApplyWave.Configuration),
            .. ReleaseSteps.AwaitSecrets(release, closed, live),
            .. ReleaseSteps.RunJobs(release, closed, live),
            .. Preview(release, checks),
            .. ReleaseSteps.Apply("services", "Apply services", closed, ApplyWave.Services),
            .. ReleaseSteps.Apply("workloads", "Apply workloads", closed, ApplyWave.Workloads),
            .. ReleaseSteps.Apply("rest", "Apply the rest", closed, ApplyWave.Rest),
            .. ReleaseSteps.Await("rollout", "Wait for the rollout", release.RolloutTimeout, Awaited.Of(closed, live.Objects), release.Stability),
            .. ReleaseSteps.RunChecks("checks", checks.After),
            .. ReleaseSteps.Open(release, opened),
            .. ReleaseSteps.Prune(prunable),
            ReleaseSteps.Record(InventoryOf(release, live, [.. former.Except(prunable)], isComplete: true)),
        ])
        {
            Policy = release.Policy,
        };
    }

    internal static bool IsPrunable(FormerObject former) =>
        former is { Uid: not null, IsAway: false, StoodBefore: false } and ({ IsReferenced: false } or { IsReleased: true })
        && (!ApplyOrder.IsKept(former.Id.Kind) || former.Live?["metadata"]?["labels"]?[Slots.Label] is not null);

    /// <summary>Whether a Job before the rollout has done its work: it stands completed, or the inventory remembers it.</summary>
    internal static bool IsFinished(PlannedObject job, LiveState live)
    {
        var observed = live.Objects.First(item => item.Object.Id == job.Object.Id);
        return job.Replacement is null && (observed.Live is null
            ? live.Inventory?.FinishedJobs.Contains(job.Object.Id.Name) == true
            : Rollouts.WorkloadStatus.HasCondition(observed.Live, "Complete"));
    }

    /// <summary>Whether all objects stand as they should, whatever became of their pods.</summary>
    internal static bool IsWritten(Release release, LiveState live, IReadOnlyList<PlannedObject> planned, IReadOnlyList<FormerObject> prunable) =>
        live.Inventory is { } inventory && inventory.Hash == release.Hash && prunable.All(item => item.IsReleased) && live.MissingNamespaces.Count == 0
        && planned.All(item => item.Object.IsBeforeJob ? release.Restores is not null || IsFinished(item, live) : item.Change == ResourceChange.Unchanged && !item.IsUnchecked);

    internal static List<PlannedObject> PlannedOf(LiveState live) => [.. live.Objects.Select(observed => Planned(observed, live.Inventory))];

    private static PlannedObject Planned(ObservedObject observed, Inventory? inventory)
    {
        // A Job cannot be changed, and one that failed does not run again: it is replaced.
        var replaces = observed.Object.Id.Kind == "Job" && observed is { Live: { } live, IsTerminating: false }
            && Rollouts.WorkloadStatus.HasCondition(live, "Failed") && inventory?.UidOf(observed.Object.Id) is not null
            ? new Replacement((string)live["metadata"]!["uid"]!, "Background")
            : observed.Replacement;
        return new PlannedObject(observed.Object, replaces is null ? observed.Change : ResourceChange.Replaced, observed.DryRun is null, observed.IsTerminating)
        {
            Replacement = replaces,
            MigratesFrom = observed.MigratesFrom,
        };
    }

    private static IEnumerable<ReleaseStep> Preview(Release release, CheckPlan checks)
    {
        if (checks.Previews.Count == 0)
            return [];
        var names = string.Join(", ", checks.Previews.Where(item => item.Id.Kind == "Deployment").Select(item => item.Id.Name));
        return
        [
            new ReleaseStep.StartPreview("preview", $"Start {names}", release.RolloutTimeout, checks.Previews, release.Stability),
            .. ReleaseSteps.RunChecks("preview-checks", checks.Before),
            new ReleaseStep.RetirePreview("retire-preview", $"Delete {names}", ReleaseSteps.ApplyTimeout),
        ];
    }

    internal static Inventory InventoryOf(Release release, LiveState live, IReadOnlyList<FormerObject> former, bool isComplete, IEnumerable<ObjectId>? shortLived = null)
    {
        var items = live.Objects
            .Select(observed => new InventoryItem(
                observed.Object.Id, observed.IsTerminating || observed.Replacement is not null ? null : (string?)observed.Live?["metadata"]?["uid"])
            {
                IsAdopted = observed.IsAdopted,
            })
            .Concat(former.Select(item => new InventoryItem(item.Id, item.Uid)))
            .Select(item => live.Inventory?.HasAdopted(item.Id, item.Uid) == true ? item with { IsAdopted = true } : item)
            .Concat((shortLived ?? []).Select(id => new InventoryItem(id, null)));
        var finished = live.Objects.Where(observed => observed.Object.IsBeforeJob).Select(observed => observed.Object.Id.Name);
        return new Inventory(
            release.App, release.Environment, release.Namespace, release.Commit, release.Hash, isComplete, null, [.. items],
            isComplete ? [.. finished.Concat(release.Restores is null ? [] : FinishedLater(live)).Distinct()] : live.Inventory?.FinishedJobs ?? [])
        {
            Bundle = release.Bundle,
            EntryService = release.EntryService,
            // A version that comes back changes nothing about where it stands.
            IsTransient = release.IsTransient || (release.Restores is not null && live.Inventory is { IsTransient: true }),
            OneWayJobs = live.Inventory?.OneWayJobs ?? [],
        };
    }

    // What a newer version did before its rollout is not done again when that version comes back.
    private static IEnumerable<string> FinishedLater(LiveState live) => (live.Inventory?.FinishedJobs ?? []).Concat(
        live.Former.Where(item => item is { Id.Kind: "Job", Live: { } job } && Rollouts.WorkloadStatus.HasCondition(job, "Complete")).Select(item => item.Id.Name));
}
