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
    internal static readonly TimeSpan ApplyTimeout = TimeSpan.FromMinutes(2);

    // Pods may take their time to end before what they belong to is gone.
    private static readonly TimeSpan ReplaceTimeout = TimeSpan.FromMinutes(10);

    // Long enough to see whether who holds it lives.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(1);

    public static ReleasePlan Plan(Release release, LiveState live)
    {
        var steps = new List<ReleaseStep>();
        var planned = live.Objects.Select(observed => Planned(observed, live.Inventory)).ToList();
        var checks = CheckPlan.Of(release, live.Objects);
        live = live with { Former = [.. live.Former.Where(item => !checks.ShortLived.Any(item.Id.IsSameObject))] };
        var prunable = live.Former.Where(IsPrunable).ToList();
        var former = live.Former.Where(item => item.Uid is not null).ToList();
        if (IsDone(release, live, planned, prunable))
            return new ReleasePlan(release.App, release.Environment, release.Namespace, release.Hash, []);

        AddBeginning(steps, release, planned, live);
        steps.Add(new ReleaseStep.Intend(
            "intend", "Write down what will be created", ApplyTimeout, InventoryOf(release, live, former, isComplete: false, checks.ShortLived), release.NeedsHashKey && !live.HasHashKey));
        AddApply(steps, "configuration", "Apply configuration", Wave(planned, ApplyWave.Configuration));
        var jobs = release.Restores is null ? planned.Where(item => item.Object.IsBeforeJob && !IsFinished(item, live)).ToList() : [];
        if (jobs.Count > 0)
            steps.Add(new ReleaseStep.RunJobs("before", $"Run {string.Join(", ", jobs.Select(job => job.Object.Id.Name))}", release.RolloutTimeout, jobs));
        AddPreview(steps, release, checks);
        AddApply(steps, "services", "Apply services", Wave(planned, ApplyWave.Services));
        AddApply(steps, "workloads", "Apply workloads", Wave(planned, ApplyWave.Workloads));
        AddApply(steps, "rest", "Apply the rest", Wave(planned, ApplyWave.Rest));
        var workloads = Awaited.Of(planned, live.Objects);
        if (workloads.Count > 0)
            steps.Add(new ReleaseStep.AwaitRollouts("rollout", "Wait for the rollout", release.RolloutTimeout, workloads, release.Stability));
        if (checks.After.Count > 0)
            steps.Add(Checks("checks", checks.After));
        if (prunable.Count > 0)
            steps.Add(new ReleaseStep.Prune("prune", $"Delete {Count(prunable.Count, "former object")}", ApplyTimeout, prunable));
        var remaining = former.Where(item => !prunable.Contains(item)).ToList();
        steps.Add(new ReleaseStep.Record("record", "Record the release", ApplyTimeout, InventoryOf(release, live, remaining, isComplete: true)));
        return new ReleasePlan(release.App, release.Environment, release.Namespace, release.Hash, steps) { Policy = release.Policy };
    }

    internal static void AddLock(List<ReleaseStep> steps, TimeSpan? patience, Inventory? known) =>
        steps.Add(new ReleaseStep.Lock("lock", "Take the lock", patience ?? LockTimeout, patience, known));

    /// <summary>What comes before anything is written down: namespaces, custom kinds, and the questions that these had to wait for.</summary>
    internal static void AddBeginning(List<ReleaseStep> steps, Release release, List<PlannedObject> planned, LiveState live)
    {
        var namespaces = Wave(planned, ApplyWave.Namespaces).Concat(live.MissingNamespaces.Select(NewNamespace)).ToList();
        AddApply(steps, "namespaces", "Create namespaces", namespaces);
        AddLock(steps, release.LockPatience, live.Inventory);
        var definitions = Wave(planned, ApplyWave.Definitions);
        if (definitions.Count > 0)
        {
            AddApply(steps, "definitions", "Apply custom resource definitions", definitions);
            steps.Add(new ReleaseStep.Establish(
                "establish", "Wait for custom kinds", ApplyTimeout, [.. definitions.Select(item => item.Object.Id.Name)]));
        }

        var uncheckable = planned
            .Where(item => item.IsUnchecked && ApplyOrder.WaveOf(item.Object.Id.Kind) > ApplyWave.Definitions)
            .Select(item => item.Object)
            .ToList();
        if (uncheckable.Count > 0)
            steps.Add(new ReleaseStep.Check("check", $"Check {Count(uncheckable.Count, "object")} with the server", ApplyTimeout, uncheckable));
    }

    internal static bool IsPrunable(FormerObject former) =>
        former is { Uid: not null, StoodBefore: false } and ({ IsReferenced: false } or { IsReleased: true }) && !ApplyOrder.IsKept(former.Id.Kind);

    /// <summary>Whether a Job before the rollout has done its work: it stands completed, or the inventory remembers it.</summary>
    internal static bool IsFinished(PlannedObject job, LiveState live)
    {
        var observed = live.Objects.First(item => item.Object == job.Object);
        return job.Replacement is null && (observed.Live is null
            ? live.Inventory?.FinishedJobs.Contains(job.Object.Id.Name) == true
            : Rollouts.WorkloadStatus.HasCondition(observed.Live, "Complete"));
    }

    private static bool IsDone(Release release, LiveState live, List<PlannedObject> planned, List<FormerObject> prunable) =>
        live.Inventory is { IsComplete: true } && IsWritten(release, live, planned, prunable);

    /// <summary>Whether all objects stand as they should, whatever became of their pods.</summary>
    internal static bool IsWritten(Release release, LiveState live, List<PlannedObject> planned, List<FormerObject> prunable) =>
        live.Inventory is { } inventory && inventory.Hash == release.Hash && prunable.All(item => item.IsReleased) && live.MissingNamespaces.Count == 0
        && planned.All(item => item.Object.IsBeforeJob ? release.Restores is not null || IsFinished(item, live) : item.Change == ResourceChange.Unchanged && !item.IsUnchecked);

    internal static PlannedObject Planned(ObservedObject observed, Inventory? inventory)
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

    internal static List<PlannedObject> Wave(IEnumerable<PlannedObject> planned, ApplyWave wave) =>
        [.. planned.Where(item => ApplyOrder.WaveOf(item.Object.Id.Kind) == wave && !item.Object.IsBeforeJob)];

    // Objects that are equal already are told, but not sent.
    internal static void AddApply(List<ReleaseStep> steps, string id, string title, List<PlannedObject> objects)
    {
        if (objects.Any(item => item.Change != ResourceChange.Unchanged))
            steps.Add(new ReleaseStep.Apply(id, title, objects.Any(item => item.Replacement is not null) ? ReplaceTimeout : ApplyTimeout, objects));
    }

    private static void AddPreview(List<ReleaseStep> steps, Release release, CheckPlan checks)
    {
        if (checks.Previews.Count == 0)
            return;
        var names = string.Join(", ", checks.Previews.Where(item => item.Id.Kind == "Deployment").Select(item => item.Id.Name));
        steps.Add(new ReleaseStep.StartPreview("preview", $"Start {names}", release.RolloutTimeout, checks.Previews, release.Stability));
        steps.Add(Checks("preview-checks", checks.Before));
        steps.Add(new ReleaseStep.RetirePreview("retire-preview", $"Delete {names}", ApplyTimeout));
    }

    internal static ReleaseStep.RunChecks Checks(string id, IReadOnlyList<PlannedCheck> checks) =>
        new(id, $"Run {Count(checks.Count, "check")}", checks.Max(check => check.Check.Timeout), checks);

    private static PlannedObject NewNamespace(string name)
    {
        var content = new System.Text.Json.Nodes.JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = name },
        };
        return new PlannedObject(new ReleaseObject(ObjectId.Of(content), Bundles.BundleConventions.MainPhase, "", content), ResourceChange.Created, true, false);
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
            OneWayJobs = live.Inventory?.OneWayJobs ?? [],
        };
    }

    // What a newer version did before its rollout is not done again when that version comes back.
    private static IEnumerable<string> FinishedLater(LiveState live) => (live.Inventory?.FinishedJobs ?? []).Concat(
        live.Former.Where(item => item is { Id.Kind: "Job", Live: { } job } && Rollouts.WorkloadStatus.HasCondition(job, "Complete")).Select(item => item.Id.Name));

    internal static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
