using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// From a release and the live state to the steps of a deploy with two slots. Pure. A version with other pod templates goes into the slot
/// that does not serve; everything else is changed in place. What an earlier deploy left half done is finished or taken back first.
/// </summary>
internal static class BlueGreenPlanner
{
    private static readonly TimeSpan SwitchTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromMinutes(5);

    public static ReleasePlan Plan(SlotRequest request, LiveState live)
    {
        RefuseMixed(request);
        return (request.IsNewVersion ? IntoSlot(request, live) : InPlace(request, live)) with { Start = live.Inventory, Policy = request.Release.Policy };
    }

    /// <summary>What is left of a deploy whose next slot is up: switch, watch, retire.</summary>
    public static ReleasePlan Promote(
        Inventory inventory, IReadOnlyList<PlannedCheck> checks, bool soaks, TimeSpan timeout, TimeSpan? patience, DateTimeOffset now)
    {
        var rollout = inventory.Rollout!;
        var steps = new List<ReleaseStep>();
        ReleasePlanner.AddLock(steps, patience, inventory);
        if (rollout.Phase == RolloutPhase.Held)
        {
            steps.Add(new ReleaseStep.AwaitRollouts("rollout", $"Wait for {Name(rollout.Next)}", timeout, rollout.Workloads, null));
            AddChecks(steps, "checks", checks);
        }

        if (rollout.Phase is RolloutPhase.Held or RolloutPhase.Switching)
        {
            AddSwitch(steps, rollout);
            AddChecks(steps, "checks-after", checks);
        }

        // Who promotes a version that serves already ends the soak.
        if (rollout.Phase is RolloutPhase.Soaking or RolloutPhase.Retiring || AddSoak(steps, rollout, soaks, checks))
            AddEnd(steps, rollout, inventory, [], now);
        return PlanOf(inventory, steps);
    }

    /// <summary>Back to the slot that serves, or did before the switch.</summary>
    public static ReleasePlan Abort(Inventory inventory, TimeSpan? patience, DateTimeOffset now)
    {
        var rollout = inventory.Rollout!;
        var steps = new List<ReleaseStep>();
        ReleasePlanner.AddLock(steps, patience, inventory);
        AddAbort(steps, rollout);
        steps.Add(new ReleaseStep.Record("record", "Record the abort", ReleasePlanner.ApplyTimeout, Aborted(inventory, now)));
        return PlanOf(inventory, steps);
    }

    private static ReleasePlan IntoSlot(SlotRequest request, LiveState live)
    {
        var (release, rollout, next) = (request.Release, live.Inventory?.Rollout, request.Target.Slot);
        var planned = live.Objects.Select(observed => ReleasePlanner.Planned(observed, live.Inventory)).ToList();
        var checks = SlotChecks.Of(release, request.RenderedServices, ServiceSwitches.Of(request, live));
        List<ObjectId> shortLived = [.. checks.Select(check => check.Job?.Id).OfType<ObjectId>()];
        live = live with { Former = [.. live.Former.Where(item => !shortLived.Any(item.Id.IsSameObject))] };
        var slotIds = request.Target.InSlot.Select(item => item.Id).ToHashSet();
        var former = live.Former.Where(item => item.Uid is not null).ToList();
        var state = StateOf(request, live, planned, former);
        state = state with { Added = [.. state.Added, .. shortLived] };
        var isWritten = planned.All(item => item.Change == Events.ResourceChange.Unchanged && !item.IsUnchecked);
        if (rollout is { Phase: RolloutPhase.Held } && request.Order.Holds && isWritten && live.Inventory!.Hash == release.Hash)
            return Plan(release, []) with { Holds = true };

        var steps = new List<ReleaseStep>();
        ReleasePlanner.AddBeginning(steps, release, planned, live);
        if (rollout?.Phase == RolloutPhase.Switching)
            AddPoint(steps, "finish", "Finish the switch before", [.. rollout.Services.Select(item => new ServiceSelector(item.Id, item.To))]);
        else if (rollout?.Phase == RolloutPhase.Aborting)
            AddPoint(steps, "return", "Finish the abort before", [.. rollout.Services.Where(item => item.From is not null).Select(item => new ServiceSelector(item.Id, item.From!))]);

        steps.Add(new ReleaseStep.Intend(
            "intend", "Write down what will be created", ReleasePlanner.ApplyTimeout,
            ReleasePlanner.InventoryOf(release, live, former, isComplete: false, shortLived) with { Rollout = state }, release.NeedsHashKey && !live.HasHashKey));
        AddShared(steps, request, live, planned.Where(item => !slotIds.Contains(item.Object.Id)).ToList(), state.Services);
        var slot = planned.Where(item => slotIds.Contains(item.Object.Id)).ToList();
        ReleasePlanner.AddApply(steps, "slot", $"Apply {Name(next)}", ReleasePlanner.Wave(slot, ApplyWave.Workloads));
        var sizes = request.Target.InSlot
            .Where(item => item.Id.Kind == "Deployment" && item.Content["spec"]?["replicas"] is null)
            .Select(item => (item.Id, request.Sizes.FirstOrDefault(size => next.NameIn(size.Key) == item.Id.Name).Value))
            .Where(size => size.Value > 1)
            .ToList();
        if (sizes.Count > 0)
            steps.Add(new SlotStep.Size("size", $"Give {Name(next)} the size of {Name(request.Live)}", ReleasePlanner.ApplyTimeout, sizes));
        ReleasePlanner.AddApply(steps, "slot-rest", $"Apply what belongs to {Name(next)}", ReleasePlanner.Wave(slot, ApplyWave.Rest));
        steps.Add(new ReleaseStep.AwaitRollouts("rollout", $"Wait for {Name(next)}", release.RolloutTimeout, state.Workloads, release.Stability));
        steps.Add(new SlotStep.Examine(
            "examine", "Write down which pods are checked", ReleasePlanner.ApplyTimeout, [.. release.Objects.Where(item => item.IsBeforeJob).Select(item => item.Id.Name)]));
        AddChecks(steps, "checks", checks);
        if (request.Order.Holds && request.Live is not null)
        {
            steps.Add(new SlotStep.Hold("hold", $"Hold {Name(next)}", ReleasePlanner.ApplyTimeout));
            return Plan(release, steps) with { Holds = true };
        }

        AddSwitch(steps, state);
        AddChecks(steps, "checks-after", SlotChecks.WithoutJobs(checks));
        if (AddSoak(steps, state, request.Order.Soaks, SlotChecks.WithoutJobs(checks)))
            AddEnd(steps, state, ReleasePlanner.InventoryOf(release, live, former, isComplete: true), request.RenderedServices, request.Order.Now);
        return Plan(release, steps);
    }

    private static ReleasePlan InPlace(SlotRequest request, LiveState live)
    {
        var (release, rollout, slot) = (request.Release, live.Inventory?.Rollout, request.Target.Slot);
        var planned = live.Objects.Select(observed => ReleasePlanner.Planned(observed, live.Inventory)).ToList();
        var aborts = rollout?.Phase is RolloutPhase.Preparing or RolloutPhase.Held or RolloutPhase.Aborting;
        var retires = rollout?.Phase is RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring;
        var former = live.Former.Where(item => item.Uid is not null && !(aborts && rollout!.Added.Any(added => added.IsSameObject(item.Id)))).ToList();
        // While the old slot stands it is none of the objects that nobody needs any more.
        var prunable = former.Where(item => ReleasePlanner.IsPrunable(item) && !(retires && rollout!.Retired.Any(retired => retired.IsSameObject(item.Id)))).ToList();
        var isWritten = ReleasePlanner.IsWritten(release, live, planned, prunable);
        var handsBack = slot == Slot.Plain;
        if (isWritten && rollout is { IsUnderWay: false } && !handsBack && live.Inventory!.IsComplete)
            return Plan(release, []);
        // The old slot stays until its time is over or somebody ends it.
        if (isWritten && rollout is { SoaksUntil: { } until } && !request.Order.Soaks && request.Order.Now < until)
            return Plan(release, []);

        var steps = new List<ReleaseStep>();
        ReleasePlanner.AddBeginning(steps, release, planned, live);
        var kept = former.Where(item => !prunable.Contains(item) && !(retires && rollout!.Retired.Any(retired => retired.IsSameObject(item.Id)))).ToList();
        var end = ReleasePlanner.InventoryOf(release, live, kept, isComplete: true);
        var handedBack = handsBack ? request.RenderedServices : [];
        if (aborts)
            AddAbort(steps, rollout!);
        if (rollout?.Phase == RolloutPhase.Switching)
            AddSwitch(steps, rollout);
        if (retires && isWritten)
        {
            if (rollout!.Phase == RolloutPhase.Retiring || AddSoak(steps, rollout, request.Order.Soaks, SlotChecks.WithoutJobs(SlotChecks.Of(release, request.RenderedServices, rollout.Services))))
                AddEnd(steps, rollout, end, handedBack, request.Order.Now);
            return Plan(release, steps);
        }

        // Another change ends the time of the old slot: two versions stand beside each other, never three.
        if (retires)
            AddRetire(steps, rollout!);
        var steady = Rollout.Steady(slot, request.Order.Now);
        if (!isWritten)
        {
            steps.Add(new ReleaseStep.Intend(
                "intend", "Write down what will be created", ReleasePlanner.ApplyTimeout,
                ReleasePlanner.InventoryOf(release, live, former, isComplete: false) with { Rollout = steady }, release.NeedsHashKey && !live.HasHashKey));
            AddShared(
                steps, request, live, [.. planned.Where(item => !request.Target.InSlot.Contains(item.Object))],
                [.. ServiceSwitches.Of(request, live).Select(item => item with { From = item.After })]);
            ReleasePlanner.AddApply(steps, "slot", $"Apply {Name(slot)}", [.. planned.Where(item => request.Target.InSlot.Contains(item.Object))]);
        }

        // Also where nothing is to be written: the deploy that wrote it may have been cut before it looked.
        steps.Add(new ReleaseStep.AwaitRollouts("rollout", $"Wait for {Name(slot)}", release.RolloutTimeout, request.Target.Deployments, release.Stability));
        if (prunable.Count > 0)
            steps.Add(new ReleaseStep.Prune("prune", $"Delete {ReleasePlanner.Count(prunable.Count, "former object")}", ReleasePlanner.ApplyTimeout, prunable));
        AddEnd(steps, steady, end, handedBack, request.Order.Now);
        return Plan(release, steps);
    }

    /// <summary>What all slots share: configuration, Services, and workloads that are changed in place.</summary>
    private static void AddShared(
        List<ReleaseStep> steps, SlotRequest request, LiveState live, List<PlannedObject> shared, IReadOnlyList<ServiceSwitch> services)
    {
        var release = request.Release;
        ReleasePlanner.AddApply(steps, "configuration", "Apply configuration", ReleasePlanner.Wave(shared, ApplyWave.Configuration));
        var jobs = shared.Where(item => item.Object.IsBeforeJob && !ReleasePlanner.IsFinished(item, live)).ToList();
        if (jobs.Count > 0)
            steps.Add(new ReleaseStep.RunJobs("before", $"Run {string.Join(", ", jobs.Select(job => job.Object.Id.Name))}", release.RolloutTimeout, jobs));

        // Equal to what is there, but ours from then on: without it the selector would be gone with the next apply.
        AddPoint(steps, "take-over", "Take over the selectors", [.. services
            .Where(item => ServiceSwitches.LiveOf(item.Id, live) is { } standing && !ServiceSwitches.IsOurs(standing))
            .Select(item => (item.Id, Selector: Selector.Of(ServiceSwitches.LiveOf(item.Id, live)!["spec"]?["selector"])))
            .Where(item => item.Selector is not null)
            .Select(item => new ServiceSelector(item.Id, item.Selector!))]);
        ReleasePlanner.AddApply(steps, "services", "Apply services", ReleasePlanner.Wave(shared, ApplyWave.Services));
        AddPoint(steps, "point", $"Hold traffic on {Name(request.Live ?? request.Target.Slot)}", [.. services
            .Where(item => item.From is not null && (ServiceSwitches.LiveOf(item.Id, live) is not { } standing
                || !ServiceSwitches.IsOurs(standing) || !item.From.Equals(Selector.Of(standing["spec"]?["selector"]))))
            .Select(item => new ServiceSelector(item.Id, item.From!))]);
        ReleasePlanner.AddApply(steps, "workloads", "Apply workloads without slots", ReleasePlanner.Wave(shared, ApplyWave.Workloads));
        ReleasePlanner.AddApply(steps, "rest", "Apply the rest", ReleasePlanner.Wave(shared, ApplyWave.Rest));
        var workloads = shared
            .Where(item => item.Object.Id.Kind is "StatefulSet" or "DaemonSet" or "Job" && !item.Object.IsBeforeJob)
            .Select(item => item.Object.Id)
            .ToList();
        if (workloads.Count > 0)
            steps.Add(new ReleaseStep.AwaitRollouts("shared", "Wait for workloads without slots", release.RolloutTimeout, workloads, release.Stability));
    }

    private static void AddPoint(List<ReleaseStep> steps, string id, string title, IReadOnlyList<ServiceSelector> services)
    {
        if (services.Count > 0)
            steps.Add(new SlotStep.Point(id, title, SwitchTimeout, services));
    }

    private static void AddChecks(List<ReleaseStep> steps, string id, IReadOnlyList<PlannedCheck> checks)
    {
        if (checks.Count > 0)
            steps.Add(ReleasePlanner.Checks(id, checks));
    }

    private static void AddSwitch(List<ReleaseStep> steps, Rollout rollout) =>
        steps.Add(new SlotStep.Switch("switch", $"Switch to {Name(rollout.Next)}", SwitchTimeout));

    /// <summary>Whether the plan goes on after the soak.</summary>
    private static bool AddSoak(List<ReleaseStep> steps, Rollout rollout, bool soaks, IReadOnlyList<PlannedCheck> checks)
    {
        if (rollout.Live is null || rollout.KeepOld == TimeSpan.Zero)
            return true;
        if (soaks)
            steps.Add(new SlotStep.Soak("soak", $"Watch {Name(rollout.Next)}, with {Name(rollout.Live)} beside it", rollout.KeepOld, checks));
        return soaks;
    }

    private static void AddEnd(List<ReleaseStep> steps, Rollout rollout, Inventory inventory, IReadOnlyList<ReleaseObject> handedBack, DateTimeOffset now)
    {
        AddRetire(steps, rollout);
        var serving = rollout.Next ?? rollout.Live!.Value;
        if (handedBack.Count > 0 && serving == Slot.Plain)
            steps.Add(new SlotStep.HandBack("hand-back", "Give the selectors back to rolling updates", ReleasePlanner.ApplyTimeout, handedBack));
        var end = inventory with
        {
            IsComplete = true,
            Items = [.. inventory.Items.Where(item => !rollout.Retired.Any(retired => retired.IsSameObject(item.Id)))],
            Rollout = handedBack.Count > 0 && serving == Slot.Plain ? null : Rollout.Steady(serving, now),
        };
        steps.Add(new ReleaseStep.Record("record", "Record the release", ReleasePlanner.ApplyTimeout, end));
    }

    private static void AddRetire(List<ReleaseStep> steps, Rollout rollout)
    {
        if (rollout.Retired.Count > 0)
            steps.Add(new SlotStep.Retire("retire", $"Delete {ReleasePlanner.Count(rollout.Retired.Count, "object")} of the old version", RemovalTimeout, rollout.Retired));
        AddPoint(steps, "settle", "Let services lead to what is left", [.. rollout.Services
            .Where(item => item.PinnedTo is not null)
            .Select(item => new ServiceSelector(item.Id, item.After))]);
    }

    private static void AddAbort(List<ReleaseStep> steps, Rollout rollout)
    {
        steps.Add(new SlotStep.Return("return", $"Let all services lead to {Name(rollout.Live)}", SwitchTimeout));
        steps.Add(new SlotStep.Remove("remove", $"Delete {Name(rollout.Next)}", RemovalTimeout, rollout.Added));
        AddPoint(steps, "settle", "Let services lead to what is left", [.. rollout.Services
            .Where(item => item.Before is not null && !item.Before.Equals(item.From))
            .Select(item => new ServiceSelector(item.Id, item.Before!))]);
    }

    private static Inventory Aborted(Inventory inventory, DateTimeOffset now)
    {
        var rollout = inventory.Rollout!;
        return inventory with
        {
            Hash = rollout.Former?.Hash ?? "",
            Commit = rollout.Former?.Commit,
            DeployedAt = rollout.Former?.DeployedAt,
            Revision = rollout.Former?.Revision,
            IsComplete = rollout.Former is not null,
            Items = [.. inventory.Items.Where(item => !rollout.Added.Any(added => added.IsSameObject(item.Id)))],
            Rollout = rollout.Live is { } live ? Rollout.Steady(live, now) : null,
        };
    }

    private static Rollout StateOf(SlotRequest request, LiveState live, IReadOnlyList<PlannedObject> planned, IReadOnlyList<FormerObject> former)
    {
        var (target, inventory) = (request.Target, live.Inventory);
        // What an attempt before this one has brought is ours to take away, too, unless it serves by now.
        var attempt = inventory?.Rollout is { Phase: RolloutPhase.Preparing or RolloutPhase.Held or RolloutPhase.Aborting } before ? before : null;
        var added = planned.Where(item => item.Change == Events.ResourceChange.Created).Select(item => item.Object.Id)
            .Concat(target.InSlot.Select(item => item.Id))
            .Concat(attempt?.Added ?? [])
            .Where(id => !ApplyOrder.IsKept(id.Kind))
            .DistinctBy(id => (id.Group, id.Kind, id.Namespace, id.Name));
        var retired = former.Where(ReleasePlanner.IsPrunable).Select(item => item.Id);
        return new Rollout(RolloutPhase.Preparing, request.Live, target.Slot, request.Order.Now)
        {
            KeepOld = request.Order.KeepOld,
            Services = ServiceSwitches.Of(request, live),
            Workloads = target.Deployments,
            Added = [.. added],
            Retired = [.. retired],
            Former = request.Live is null || inventory is null ? null
                : attempt is not null ? attempt.Former
                : new FormerRelease(inventory.Hash, inventory.Commit, inventory.Revision, inventory.DeployedAt),
        };
    }

    private static void RefuseMixed(SlotRequest request)
    {
        var others = request.Target.App.Where(item => item.Id.Kind is "StatefulSet" or "DaemonSet").ToList();
        var mixed = request.Target.Services
            .Where(service => !service.IsPreview)
            .Select(service => (service.Id, Other: others.FirstOrDefault(item =>
                item.Id.Namespace == service.Id.Namespace && service.Plain.Matches(item.Content["spec"]?["template"]?["metadata"]?["labels"]))))
            .Where(item => item.Other is not null)
            .Select(item => DiagnosticDescriptors.MixedService.Because($"{item.Id} leads to the pods of {item.Other!.Id}, too, which has no slots."))
            .ToList();
        if (mixed.Count > 0)
            throw new DiagnosticException(mixed);
    }

    private static ReleasePlan Plan(Release release, IReadOnlyList<ReleaseStep> steps) =>
        new(release.App, release.Environment, release.Namespace, release.Hash, steps);

    private static ReleasePlan PlanOf(Inventory inventory, IReadOnlyList<ReleaseStep> steps) =>
        new(inventory.App, inventory.Environment, inventory.Namespace, inventory.Hash, steps) { Start = inventory };

    private static string Name(Slot? slot) => slot is { } known ? known == Slot.Plain ? "the version without a slot" : known.Word() : "nothing";
}
