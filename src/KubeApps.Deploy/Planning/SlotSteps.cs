using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>The steps that only deploys with two slots have. Pure. What would do nothing is left out.</summary>
internal static class SlotSteps
{
    private static readonly TimeSpan SwitchTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GrowTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AgainTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Ends what a deploy that was cut had begun with the Services: all lead to one version before anything else changes. Of three versions
    /// the oldest goes first.
    /// </summary>
    public static IEnumerable<ReleaseStep> FinishFormer(Rollout? rollout, SlotObjects target) => rollout?.Phase switch
    {
        RolloutPhase.Aborting => Return(rollout),
        RolloutPhase.Switching or RolloutPhase.Soaking or RolloutPhase.Retiring =>
        [
            .. rollout.Phase == RolloutPhase.Switching
                ? Point("finish", "Finish the switch before", rollout.Services.Select(item => new ServiceSelector(item.Id, item.To)))
                : [],
            .. rollout.Phase == RolloutPhase.Switching ? LetScale(rollout) : [],
            // What stands in for what the version that serves has not got yet, goes with that one.
            .. rollout.Live == target.Slot ? [] : Retire(rollout, rollout.Retired.Where(id => !target.Has(id) && !Overlap.StandsIn(rollout, id))),
        ],
        _ => [],
    };

    /// <summary>Equal to what is there, but ours from then on: without it the selectors would be gone with the next apply.</summary>
    public static IEnumerable<ReleaseStep> TakeOver(IReadOnlyList<ServiceSwitch> services, LiveState live) => Point("take-over", "Take over the selectors",
        from item in services
        let standing = ServiceSwitches.LiveOf(item.Id, live)
        where standing is not null && !ServiceSwitches.IsOurs(standing)
        let selector = Selector.Of(standing["spec"]?["selector"])
        where selector is not null
        select new ServiceSelector(item.Id, selector));

    /// <summary>Until the switch all Services lead to the version that serves, whatever comes up beside it; new ones and previews to the new one.</summary>
    public static IEnumerable<ReleaseStep> HoldTraffic(IReadOnlyList<ServiceSwitch> services, LiveState live, Slot serving) => Point("point", $"Hold traffic on {Name(serving)}",
        services.Where(item => item.From is not null && (ServiceSwitches.LiveOf(item.Id, live) is not { } standing
            || !ServiceSwitches.IsOurs(standing) || !item.From.Equals(Selector.Of(standing["spec"]?["selector"])))).Select(item => new ServiceSelector(item.Id, item.From!)));

    /// <summary>Deployments that an autoscaler sizes begin at the size of those that serve.</summary>
    public static IEnumerable<ReleaseStep> Size(SlotRequest request)
    {
        var sizes = (
            from item in request.Target.InSlot
            where item.Id.Kind == "Deployment" && item.Content["spec"]?["replicas"] is null
            from size in request.Sizes
            where size.Value > 1 && request.Target.Slot.NameIn(size.Key) == item.Id.Name
            select (item.Id, size.Value)).ToList();
        return sizes.Count == 0 ? []
            : [new SlotStep.Size("size", $"Give {Name(request.Target.Slot)} the size of {Name(request.Live)}", ReleaseSteps.ApplyTimeout, sizes)];
    }

    /// <summary>The same where what serves has grown since.</summary>
    public static ReleaseStep Grow(Rollout rollout, IReadOnlyList<(ObjectId Deployment, int From, int To)> sizes) =>
        new SlotStep.Grow("size", $"Give {Name(rollout.Next)} the size that {Name(rollout.Live)} has by now", GrowTimeout, sizes);

    /// <summary>
    /// What has no load would be shrunk to its least size before it gets all of it. Where a specification says itself how far an autoscaler
    /// shrinks, it is left alone.
    /// </summary>
    public static IEnumerable<ReleaseStep> KeepSize(SlotRequest request, Rollout rollout)
    {
        List<ObjectId> autoscalers = request.Live is null ? []
            : [.. request.Target.InSlot.Where(item => IsAutoscaler(item.Id) && item.Content["spec"]?["behavior"]?["scaleDown"]?["selectPolicy"] is null && !Overlap.Waits(rollout, item.Id)).Select(item => item.Id)];
        return autoscalers.Count == 0 ? []
            : [new SlotStep.KeepSize("keep-size", $"Keep the size of {Name(request.Target.Slot)} until it serves", ReleaseSteps.ApplyTimeout, autoscalers)];
    }

    /// <summary>The end of <see cref="KeepSize"/> where a switch was cut that would have brought it: what serves is as large as its load wants it.</summary>
    private static IEnumerable<ReleaseStep> LetScale(Rollout rollout)
    {
        List<ObjectId> autoscalers = [.. rollout.Added.Where(IsAutoscaler)];
        return autoscalers.Count == 0 && !Overlap.Following(rollout).Any() ? [] : [new SlotStep.LetScale("let-scale", $"Let {Name(rollout.Next)} have the size that its load wants", ReleaseSteps.ApplyTimeout, autoscalers)];
    }

    public static bool IsAutoscaler(ObjectId id) => id is { Group: "autoscaling", Kind: "HorizontalPodAutoscaler" };

    public static ReleaseStep Examine(Release release) => new SlotStep.Examine(
        "examine", "Write down which pods are checked", ReleaseSteps.ApplyTimeout, [.. release.Objects.Where(item => item.IsBeforeJob).Select(item => item.Id.Name)]);

    /// <summary>Other pods stand where those were that were checked.</summary>
    public static ReleaseStep ExamineAgain { get; } = new SlotStep.Examine("examine", "Write down which pods are checked now", ReleaseSteps.ApplyTimeout, []);

    /// <summary>What a plan did not wait for, since it stood ready, has other pods now.</summary>
    public static IEnumerable<ReleaseStep> AwaitAgain(Rollout rollout) => ReleaseSteps.Await("rollout", $"Wait for {Name(rollout.Next)}", AgainTimeout, rollout.Workloads, null);

    public static ReleaseStep Hold(Slot next) => new SlotStep.Hold("hold", $"Hold {Name(next)}", ReleaseSteps.ApplyTimeout);

    public static ReleaseStep Switch(Rollout rollout)
    {
        var moved = rollout.Services.Where(item => item.PinnedTo is not null || (item.To.Labels.GetValueOrDefault(Slots.Label) == rollout.Next?.Word() && !item.To.Equals(item.From)))
            .Select(item => item.Id.Name).ToList();
        var what = moved.Count switch { 0 => "", <= 3 => string.Join(", ", moved) + " ", _ => $"{moved.Count} services " };
        return new SlotStep.Switch("switch", $"Switch {what}to {Name(rollout.Next)}", SwitchTimeout);
    }

    public static ReleaseStep Soak(Rollout rollout, IReadOnlyList<PlannedCheck> checks) =>
        new SlotStep.Soak("soak", $"Watch {Name(rollout.Next)}, with {Name(rollout.Live)} beside it", rollout.KeepOld, checks);

    public static IEnumerable<ReleaseStep> Retire(Rollout rollout, IEnumerable<ObjectId> objects)
    {
        List<ObjectId> retired = [.. objects];
        return retired.Count == 0 ? []
            : [new SlotStep.Retire("retire", $"Delete {ReleaseSteps.Count(retired.Count, "object")} of the old version", RemovalTimeout + rollout.ExtraGrace, retired)];
    }

    /// <summary>Services that were held on one version of pods without a slot lead to whatever there is, now that it is one version.</summary>
    public static IEnumerable<ReleaseStep> Settle(Rollout rollout) => Point("settle", "Let services lead to what is left",
        rollout.Services.Where(item => item.PinnedTo is not null).Select(item => new ServiceSelector(item.Id, item.After)));

    /// <summary>Back to the version that serves, or did before the switch.</summary>
    /// <param name="rollout">What is taken back.</param>
    /// <param name="kept">What the deploy brought and is wanted all the same.</param>
    public static IEnumerable<ReleaseStep> TakeBack(Rollout rollout, Func<ObjectId, bool> kept) =>
    [
        .. Return(rollout),
        new SlotStep.Remove("remove", $"Delete {Name(rollout.Next)}", RemovalTimeout + rollout.ExtraGrace, [.. rollout.Added.Where(id => !kept(id))]),
        .. Point("settle", "Let services lead to what is left",
            rollout.Services.Where(item => item.Before is not null && !item.Before.Equals(item.From)).Select(item => new ServiceSelector(item.Id, item.Before!))),
    ];

    public static IEnumerable<ReleaseStep> HandBack(IReadOnlyList<ReleaseObject> services) =>
        services.Count == 0 ? [] : [new SlotStep.HandBack("hand-back", "Give the selectors back to rolling updates", ReleaseSteps.ApplyTimeout, services)];

    public static string Name(Slot? slot) => slot is { } known ? known == Slot.Plain ? "the version without a slot" : known.Word() : "nothing";

    private static IEnumerable<ReleaseStep> Return(Rollout rollout) => [new SlotStep.Return("return", $"Let all services lead to {Name(rollout.Live)}", SwitchTimeout)];

    private static IEnumerable<ReleaseStep> Point(string id, string title, IEnumerable<ServiceSelector> services)
    {
        List<ServiceSelector> pointed = [.. services];
        return pointed.Count == 0 ? [] : [new SlotStep.Point(id, title, SwitchTimeout, pointed)];
    }
}
