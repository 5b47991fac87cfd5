using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// From a release and the live state to the steps of a deploy with two slots. Pure. A version with other pod templates goes into the slot
/// that does not serve; everything else is changed in place. What an earlier deploy left half done is finished or taken back first.
/// </summary>
internal static class BlueGreenPlanner
{
    public static ReleasePlan Plan(SlotRequest request, LiveState live)
    {
        ServiceSwitches.RefuseMixed(request.Target, live);
        return (request.IsNewVersion ? Beside(request, live) : InPlace(request, live)) with { Start = live.Inventory, Policy = request.Release.Policy };
    }

    /// <summary>
    /// What is left of a deploy whose next slot is up. Who promotes a version that serves already ends the time of the old one. What waits for the end of that
    /// is in <paramref name="late"/>; null: nobody knows.
    /// </summary>
    public static ReleasePlan Promote(
        Inventory inventory, IReadOnlyList<PlannedCheck> checks, bool soaks, TimeSpan timeout, TimeSpan? patience, DateTimeOffset now,
        IReadOnlyList<PlannedObject>? late = null)
    {
        var rollout = inventory.Rollout!;
        return Plan(inventory,
        [
            ReleaseSteps.Lock(patience, inventory),
            .. rollout.Phase == RolloutPhase.Held
                ? [.. ReleaseSteps.Await("rollout", $"Wait for {SlotSteps.Name(rollout.Next)}", timeout, rollout.Workloads, null), .. ReleaseSteps.RunChecks("checks", checks)]
                : (IEnumerable<ReleaseStep>)[],
            .. rollout.Phase is RolloutPhase.Held or RolloutPhase.Switching
                ? Onward(rollout, checks, soaks, inventory, [], late, now)
                : End(rollout, inventory, [], late, now),
        ]);
    }

    /// <summary>Back to the slot that serves, or did before the switch, because somebody asked.</summary>
    public static ReleasePlan Abort(Inventory inventory, TimeSpan? patience, DateTimeOffset now) =>
        Return(inventory, Former(inventory, now) with { AbortedRevision = inventory.Revision }, patience);

    /// <summary>The same, because the new version failed.</summary>
    public static ReleasePlan TakeBack(Inventory inventory, DateTimeOffset now) => Return(inventory, Former(inventory, now), null);

    private static ReleasePlan Return(Inventory inventory, Inventory former, TimeSpan? patience) => Plan(inventory,
    [
        ReleaseSteps.Lock(patience, inventory),
        .. SlotSteps.TakeBack(inventory.Rollout!, _ => false),
        ReleaseSteps.Record(former, "Record the abort"),
    ]);

    /// <summary>A version that comes up beside the one that serves, and takes its place; beside nothing, where it is the first.</summary>
    private static ReleasePlan Beside(SlotRequest request, LiveState live)
    {
        var (release, order, next) = (request.Release, request.Order, request.Target.Slot);
        var services = ServiceSwitches.Of(request, live);
        var checks = SlotChecks.Of(release, request.RenderedServices, services);
        List<ObjectId> shortLived = [.. checks.Select(check => check.Job?.Id).OfType<ObjectId>()];
        live = live.Without(shortLived);
        var planned = ReleasePlanner.PlannedOf(live);
        var former = live.Former.Where(item => !item.IsGone).ToList();
        var holds = order.Holds && request.Live is not null;
        var rollout = Begun(request, live, services, planned, former, shortLived);
        var late = LateOf(request, rollout, planned);
        if (holds && request.IsAsChecked && live.Inventory?.Rollout is { Phase: RolloutPhase.Held } && ReleasePlanner.IsWritten(release, live, [.. planned.Except(late)], []))
            return Plan(release, []) with { Holds = true };

        var (closed, opened) = Openings.Of([.. planned.Except(late)], live, waits: checks.Count > 0);
        var inSlot = closed.Where(item => request.Target.IsInSlot(item.Object.Id)).ToList();
        var shared = closed.Except(inSlot).ToList();
        var end = ReleasePlanner.InventoryOf(release, live, former, isComplete: true);
        return Plan(release,
        [
            .. ReleaseSteps.Begin(release, planned, live),
            .. SlotSteps.FinishFormer(live.Inventory?.Rollout, request.Target),
            ReleaseSteps.Intend(release, live, ReleasePlanner.InventoryOf(release, live, former, isComplete: false, shortLived) with { Rollout = rollout }),
            .. Shared(request, live, shared, services),
            .. ReleaseSteps.Apply("slot-claims", $"Apply the claims of {SlotSteps.Name(next)}", inSlot, ApplyWave.Configuration),
            .. ReleaseSteps.Apply("slot", $"Apply {SlotSteps.Name(next)}", inSlot, ApplyWave.Workloads),
            .. SlotSteps.Size(request),
            .. ReleaseSteps.Apply("slot-rest", $"Apply what belongs to {SlotSteps.Name(next)}", inSlot, ApplyWave.Rest),
            .. SlotSteps.KeepSize(request, rollout),
            .. AwaitSlot(request, live, closed),
            SlotSteps.Examine(release),
            .. ReleaseSteps.RunChecks("checks", checks),
            .. ReleaseSteps.Open(release, opened),
            .. holds ? [SlotSteps.Hold(next)] : Onward(rollout, SlotChecks.WithoutJobs(checks), order.Soaks, end, request.RenderedServices, late, order.Now),
        ]) with
        {
            Holds = holds,
        };
    }

    /// <summary>The slot that serves holds this version already, and only what stands around it changes.</summary>
    private static ReleasePlan InPlace(SlotRequest request, LiveState live)
    {
        var (release, order, slot, rollout) = (request.Release, request.Order, request.Target.Slot, live.Inventory!.Rollout!);
        var isTakenBack = rollout.Phase is RolloutPhase.Preparing or RolloutPhase.Held or RolloutPhase.Aborting;
        var isLeaving = rollout.Phase is RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring;
        bool IsWanted(ObjectId id) => release.Objects.Any(item => item.Id.IsSameObject(id));
        // Two versions stand beside each other, never three: the other one goes first, and is none of the objects that nobody needs any more.
        List<ObjectId> goes = [.. (isTakenBack ? rollout.Added : isLeaving ? rollout.Retired : []).Where(id => !IsWanted(id))];
        var former = live.Former.Where(item => !item.IsGone && !goes.Any(item.Id.IsSameObject)).ToList();
        var prunable = former.Where(ReleasePlanner.IsPrunable).ToList();
        var planned = ReleasePlanner.PlannedOf(live);
        // Where users are led is what matters most: somebody may have changed it by hand.
        bool IsLed(SlottedService service) => ServiceSwitches.LiveOf(service.Id, live) is not { } standing
            || ServiceSwitches.Settled(service, slot).Equals(Selector.Of(standing["spec"]?["selector"]));
        var late = isLeaving ? LateOf(request, rollout, planned) : [];
        var isWritten = ReleasePlanner.IsWritten(release, live, [.. planned.Except(late)], prunable) && (rollout.IsUnderWay || request.Target.Services.All(IsLed));
        if (isWritten && (rollout.IsUnderWay ? rollout.SoaksUntil is { } until && !order.Soaks && order.Now < until : live.Inventory.IsComplete && slot != Slot.Plain))
            return Plan(release, []);

        var services = ServiceSwitches.Of(request, live).Select(item => item with { From = item.After }).ToList();
        var checks = SlotChecks.WithoutJobs(SlotChecks.Of(release, request.RenderedServices, isLeaving ? rollout.Services : services));
        var end = ReleasePlanner.InventoryOf(release, live, [.. former.Except(prunable)], isComplete: true);
        IReadOnlyList<ReleaseObject> handedBack = slot == Slot.Plain ? request.RenderedServices : [];
        var beginning = ReleaseSteps.Begin(release, planned, live);
        if (isWritten && isLeaving)
            return Plan(release, [.. beginning, .. Onward(rollout, checks, order.Soaks, end, handedBack, late, order.Now)]);

        var (closed, opened) = Openings.Of(planned, live, waits: checks.Count > 0);
        var inSlot = closed.Where(item => request.Target.IsInSlot(item.Object.Id)).ToList();
        var steady = Rollout.Steady(slot, order.Now);
        return Plan(release,
        [
            .. beginning,
            .. isTakenBack ? SlotSteps.TakeBack(rollout, IsWanted) : [],
            .. rollout.Phase == RolloutPhase.Switching ? [SlotSteps.Switch(rollout)] : (IEnumerable<ReleaseStep>)[],
            .. isLeaving ? [.. SlotSteps.Retire(rollout, goes), .. SlotSteps.Settle(rollout)] : (IEnumerable<ReleaseStep>)[],
            .. isWritten ? [] : (IEnumerable<ReleaseStep>)
            [
                ReleaseSteps.Intend(release, live, ReleasePlanner.InventoryOf(release, live, former, isComplete: false) with { Rollout = steady }),
                .. Shared(request, live, [.. closed.Except(inSlot)], services),
                .. ReleaseSteps.Apply("slot", $"Apply {SlotSteps.Name(slot)}", inSlot),
            ],
            // Also where nothing is to be written: the deploy that wrote it may have been cut before it looked.
            .. AwaitSlot(request, live, closed),
            .. ReleaseSteps.RunChecks("checks", checks),
            .. ReleaseSteps.Open(release, opened),
            .. ReleaseSteps.Prune(prunable),
            .. End(steady, end, handedBack, [], order.Now),
        ]);
    }

    /// <summary>What all slots share: configuration, Services, and workloads that are changed in place.</summary>
    private static IEnumerable<ReleaseStep> Shared(SlotRequest request, LiveState live, IReadOnlyList<PlannedObject> shared, IReadOnlyList<ServiceSwitch> services) =>
    [
        .. ReleaseSteps.Apply("configuration", "Apply configuration", shared, ApplyWave.Configuration),
        .. ReleaseSteps.AwaitSecrets(request.Release, shared, live),
        .. ReleaseSteps.RunJobs(request.Release, shared, live),
        .. SlotSteps.TakeOver(services, live),
        .. ReleaseSteps.Apply("services", "Apply services", shared, ApplyWave.Services),
        .. SlotSteps.HoldTraffic(services, live, request.Live ?? request.Target.Slot),
        .. ReleaseSteps.Apply("workloads", "Apply workloads without slots", shared, ApplyWave.Workloads),
        .. ReleaseSteps.Apply("rest", "Apply the rest", shared, ApplyWave.Rest),
        .. ReleaseSteps.Await(
            "shared", "Wait for workloads without slots", request.Release.RolloutTimeout,
            [.. shared.Where(item => IsSharedWorkload(item.Object)).Select(item => item.Object.Id)], request.Release.Stability),
    ];

    /// <summary>The slot itself, and whatever else is not as it should be yet; what has no slot was waited for before.</summary>
    private static IEnumerable<ReleaseStep> AwaitSlot(SlotRequest request, LiveState live, IReadOnlyList<PlannedObject> planned) => ReleaseSteps.Await(
        "rollout", $"Wait for {SlotSteps.Name(request.Target.Slot)}", request.Release.RolloutTimeout,
        Awaited.Of([.. planned.Where(item => !IsSharedWorkload(item.Object))], live.Objects), request.Release.Stability);

    private static bool IsSharedWorkload(ReleaseObject item) => item.Id.Kind is "StatefulSet" or "DaemonSet" or "Job" && !item.IsBeforeJob;

    /// <summary>From a version that is up and checked to the end of the one before.</summary>
    private static IEnumerable<ReleaseStep> Onward(
        Rollout rollout, IReadOnlyList<PlannedCheck> checks, bool soaks, Inventory inventory, IReadOnlyList<ReleaseObject> handedBack, IReadOnlyList<PlannedObject>? late, DateTimeOffset now)
    {
        var isSwitched = rollout.Phase is RolloutPhase.Soaking or RolloutPhase.Retiring;
        var keepsOld = rollout.Live is not null && rollout.KeepOld > TimeSpan.Zero && rollout.Phase != RolloutPhase.Retiring && !(rollout.SoaksUntil <= now);
        return
        [
            .. isSwitched ? (IEnumerable<ReleaseStep>)[] : [SlotSteps.Switch(rollout)],
            .. ReleaseSteps.Apply("slot-switched", $"Apply what waited for the switch to {SlotSteps.Name(rollout.Next)}", [.. (late ?? []).Where(item => Overlap.WaitsForTheSwitch(rollout, item.Object.Id))]),
            .. isSwitched ? [] : ReleaseSteps.RunChecks("checks-after", checks),
            .. keepsOld && soaks ? [SlotSteps.Soak(rollout, checks)] : (IEnumerable<ReleaseStep>)[],
            .. keepsOld && !soaks ? [] : End(rollout, inventory, handedBack, late?.Where(item => !Overlap.WaitsForTheSwitch(rollout, item.Object.Id)).ToList(), now),
        ];
    }

    private static IReadOnlyList<PlannedObject> LateOf(SlotRequest request, Rollout rollout, IReadOnlyList<PlannedObject> planned) =>
        [.. planned.Where(item => request.Target.IsInSlot(item.Object.Id) && Overlap.Waits(rollout, item.Object.Id))];

    private static IEnumerable<ReleaseStep> End(
        Rollout rollout, Inventory inventory, IReadOnlyList<ReleaseObject> handedBack, IReadOnlyList<PlannedObject>? late, DateTimeOffset now)
    {
        var serving = rollout.Next ?? rollout.Live!.Value;
        // Where nobody knows what waited, what stands in for it stays: the next deploy has both.
        List<ObjectId> retired = [.. rollout.Retired.Where(id => late is not null || !Overlap.StandsIn(rollout, id))];
        var isHandedBack = serving == Slot.Plain && handedBack.Count > 0;
        var end = inventory with
        {
            IsComplete = true,
            Items = [.. inventory.Items.Where(item => !retired.Any(id => id.IsSameObject(item.Id)))],
            Rollout = isHandedBack ? null : Rollout.Steady(serving, now),
        };
        return
        [
            .. SlotSteps.Retire(rollout, retired),
            .. ReleaseSteps.Apply("slot-late", $"Apply what waited for the end of {SlotSteps.Name(rollout.Live)}", late ?? []),
            .. SlotSteps.Settle(rollout),
            .. isHandedBack ? SlotSteps.HandBack(handedBack) : [],
            ReleaseSteps.Record(end),
        ];
    }

    private static Rollout Begun(
        SlotRequest request, LiveState live, IReadOnlyList<ServiceSwitch> services, IReadOnlyList<PlannedObject> planned, IReadOnlyList<FormerObject> former,
        IReadOnlyList<ObjectId> shortLived)
    {
        var inventory = live.Inventory;
        // What an attempt before this one has brought is ours to take away, too, unless it serves by now.
        var attempt = inventory?.Rollout is { Phase: RolloutPhase.Preparing or RolloutPhase.Held or RolloutPhase.Aborting } before ? before : null;
        var added = planned.Where(item => item.Change == ResourceChange.Created).Select(item => item.Object.Id)
            .Concat(request.Target.InSlot.Select(item => item.Id))
            .Concat((attempt?.Added ?? []).Where(id => request.Target.Has(id) || former.Any(item => item.Id.IsSameObject(id))))
            .Concat(shortLived)
            .Where(id => !ApplyOrder.IsKept(id.Kind) || (request.Target.Slot != Slot.Plain && request.Target.IsInSlot(id)))
            .DistinctBy(id => (id.Group, id.Kind, id.Namespace, id.Name));
        // A selector that is taken over is no change of the Service.
        var changed = planned.Where(item => item.Change is ResourceChange.Changed or ResourceChange.Replaced && !request.Target.IsInSlot(item.Object.Id)
                && (item.Object.Id.Kind != "Service" || ServiceSwitches.LiveOf(item.Object.Id, live) is { } standing && ServiceSwitches.IsOurs(standing)))
            .Select(item => item.Object.Id)
            .Concat(attempt?.Changed ?? [])
            .Distinct();
        return new Rollout(RolloutPhase.Preparing, request.Live, request.Target.Slot, request.Order.Now)
        {
            KeepOld = request.Order.KeepOld,
            ExtraGrace = Planning.ExtraGrace.Of(request.Target.InSlot.Select(item => item.Content).Concat(former.Select(item => item.Live).OfType<JsonObject>())),
            Services = services,
            Workloads = request.Target.Deployments,
            Added = [.. added],
            Changed = [.. changed],
            Retired = [.. former.Where(ReleasePlanner.IsPrunable).Select(item => item.Id)],
            Former = request.Live is null || inventory is null ? null
                : attempt is not null ? attempt.Former
                : new FormerRelease(inventory.Hash, inventory.Commit, inventory.Revision, inventory.DeployedAt),
        };
    }

    private static Inventory Former(Inventory inventory, DateTimeOffset now)
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

    private static ReleasePlan Plan(Release release, IReadOnlyList<ReleaseStep> steps) =>
        new(release.App, release.Environment, release.Namespace, release.Hash, steps);

    private static ReleasePlan Plan(Inventory inventory, IReadOnlyList<ReleaseStep> steps) =>
        new(inventory.App, inventory.Environment, inventory.Namespace, inventory.Hash, steps) { Start = inventory };
}
