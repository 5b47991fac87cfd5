using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Switching;

/// <summary>
/// Executes the steps of a deploy with two slots. What is about to be done stands in the inventory first: a run that dies is continued, or
/// taken back, by whoever comes next.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="catalog">Its kinds.</param>
/// <param name="sink">Told what happens.</param>
/// <param name="confirm">Fills in the UIDs of what this run has created.</param>
/// <param name="lockLost">Ends when another run may write.</param>
internal sealed class SlotRun(KubeClient client, ResourceCatalog catalog, IEventSink sink, Func<Inventory, Inventory> confirm, Func<CancellationToken> lockLost)
{
    private readonly ServiceTraffic _traffic = new(client);
    private readonly SlotPods _pods = new(client);
    private readonly SlotSizes _sizes = new(client, catalog);
    private readonly SlotSoak _soak = new(client, sink);

    /// <summary>Why a version that served failed.</summary>
    public IReadOnlyList<FailureReport> Failures => _soak.Failures;

    /// <summary>What the inventory says now.</summary>
    public Inventory? Current { get; private set; }

    /// <summary>What this run has begun and not finished; null where there is nothing to take back.</summary>
    public Inventory? Unfinished { get; private set; }

    /// <summary>What the plan found.</summary>
    public void Begin(Inventory? start) => Current = start ?? Current;

    /// <summary>Another step wrote the inventory.</summary>
    public void Wrote(Inventory inventory, JsonObject stored)
    {
        Current = inventory with { ResourceVersion = (string?)stored["metadata"]?["resourceVersion"] };
        Unfinished = inventory.Rollout?.IsUnderWay == true ? Current : null;
    }

    public async Task<string> ExecuteAsync(SlotStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case SlotStep.Point point:
                return Services(await _traffic.PointAsync(point.Services, cancellationToken));
            case SlotStep.Size size:
                foreach (var (deployment, replicas) in size.Sizes)
                    await _sizes.SetAsync(deployment, replicas, cancellationToken);
                return string.Join(", ", size.Sizes.Select(item => $"{item.Deployment.Name}: {item.Replicas}"));
            case SlotStep.Grow grow:
                return await GrowAsync(grow, cancellationToken);
            case SlotStep.KeepSize keep:
                foreach (var autoscaler in keep.Autoscalers)
                    await _sizes.KeepAsync(autoscaler, cancellationToken);
                return string.Join(", ", keep.Autoscalers.Select(item => item.Name));
            case SlotStep.LetScale let:
                await LetScaleAsync(Rollout, let.Autoscalers, cancellationToken);
                return string.Join(", ", let.Autoscalers.Select(item => item.Name));
            case SlotStep.Examine examine:
                return await ExamineAsync(examine, cancellationToken);
            case SlotStep.Hold:
                await WriteAsync(Rollout with { Phase = RolloutPhase.Held, Since = client.Now }, cancellationToken);
                return "waits for promote or abort";
            case SlotStep.Switch:
                return await SwitchAsync(step, cancellationToken);
            case SlotStep.Soak soak:
                return await _soak.WatchAsync(Current!, soak.Timeout, await PinAsync(soak.Checks, cancellationToken), cancellationToken);
            case SlotStep.Return:
                return await ReturnAsync(step, cancellationToken);
            case SlotStep.Retire retire:
                // Whoever finds it half deleted must not let traffic lead to it.
                if (Rollout.Phase is RolloutPhase.Switching or RolloutPhase.Soaking)
                    await WriteAsync(Rollout with { Phase = RolloutPhase.Retiring, Since = client.Now }, cancellationToken);
                return await RemoveAsync(retire.Objects, cancellationToken);
            case SlotStep.Remove remove:
                return await RemoveAsync(remove.Objects, cancellationToken);
            case SlotStep.HandBack back:
                foreach (var service in back.Services)
                    await client.ApplyAsync(ResourceType.Service, service.Content, dryRun: false, cancellationToken);
                foreach (var service in back.Services)
                    await _traffic.LetGoAsync(service.Id, cancellationToken);
                return Services(back.Services.Count);
            default:
                throw new InvalidOperationException($"Unknown step {step}.");
        }
    }

    private Rollout Rollout => Current?.Rollout ?? throw new InvalidOperationException("No rollout is under way.");

    /// <summary>What makes the next version as large as the one that serves is by now, where both are sized by others; null where it is large enough, or where the switch has begun.</summary>
    public async Task<ReleaseStep?> FindGrowthAsync(CancellationToken cancellationToken)
    {
        if (Current?.Rollout is not { Phase: RolloutPhase.Preparing or RolloutPhase.Held, Live: { } live, Next: { } next } rollout)
            return null;
        var sizes = await _sizes.FindSmallerAsync(rollout.Workloads, id => id with { Name = live.NameIn(next.RenderedName(id.Name)) }, cancellationToken);
        return sizes.Count == 0 ? null : SlotSteps.Grow(rollout, sizes);
    }

    // A version that is up and checked serves, also where there is no room for more of it: the autoscaler goes on from there.
    private async Task<string> GrowAsync(SlotStep.Grow step, CancellationToken cancellationToken)
    {
        string cause;
        try
        {
            foreach (var (deployment, _, to) in step.Sizes)
                await _sizes.SetAsync(deployment, to, cancellationToken);
            var outcome = await new RolloutWatcher(client, sink, home: Current!.Namespace).AwaitAsync([.. step.Sizes.Select(item => item.Deployment)], false, null, step.Timeout, cancellationToken);
            if (outcome.IsSuccess)
                return string.Join(", ", step.Sizes.Select(item => $"{item.Deployment.Name}: {item.To}"));
            cause = outcome.Reports.Count > 0 ? outcome.Reports[0].FirstLine : $"{string.Join(", ", outcome.Pending)}.";
            foreach (var (deployment, from, _) in step.Sizes)
                await _sizes.SetAsync(deployment, from, cancellationToken);
        }
        catch (ApiException refusal)
        {
            cause = ApiDiagnostics.For(refusal, Current!.App).Cause;
        }

        var smaller = string.Join(", ", step.Sizes.Select(item => $"{item.Deployment.Name} has {ReleaseSteps.Count(item.From, "pod")} where {item.To} serve"));
        sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.SwitchedSmaller.Because($"{smaller}: {cause}")));
        return string.Join(", ", step.Sizes.Select(item => $"{item.Deployment.Name}: {item.From}"));
    }

    /// <summary>Whether the pods that are to be switched to are those that were checked; true where the switch has begun.</summary>
    public async Task<bool> IsAsCheckedAsync(CancellationToken cancellationToken) =>
        Current?.Rollout is not { Phase: RolloutPhase.Preparing or RolloutPhase.Held } rollout
        || SlotPods.AreThose(rollout.Checked, await _pods.ReadAsync(rollout.Workloads, cancellationToken));

    /// <summary>Checks of the plain slot's pods get the label that tells them from all others: it is known only when they stand.</summary>
    public async Task<IReadOnlyList<PlannedCheck>> PinAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        if (Current?.Rollout is not { Next: Slot.Plain } rollout)
            return checks;
        var views = await _pods.ReadAsync(rollout.Workloads, cancellationToken);
        return
        [
            .. checks.Select(check => check.Target is { } target
                && rollout.Services.FirstOrDefault(item => item.Id.Name == target.Service && item.Id.Namespace == target.Namespace)?.PinnedTo is { } pinned
                && SlotPods.HashOf(views.First(view => view.Id.Name == pinned)) is { } hash
                    ? check with { Target = target with { PodLabels = new Dictionary<string, string>(target.PodLabels) { [Slots.HashLabel] = hash } } }
                    : check),
        ];
    }

    private async Task<string> ExamineAsync(SlotStep.Examine step, CancellationToken cancellationToken)
    {
        var views = await _pods.ReadAsync(Rollout.Workloads, cancellationToken);
        // Checked once more: other pods may stand there, but none of another make.
        if (Rollout.Checked.Count > 0)
            SlotPods.AreThose(Rollout.Checked, views);
        Current = Current! with { FinishedJobs = [.. Current.FinishedJobs.Union(step.FinishedJobs)] };
        await WriteAsync(Rollout with { Checked = [.. views.Select(SlotPods.Of)] }, cancellationToken);
        return $"{views.Sum(view => view.NewPods.Count)} pods";
    }

    private async Task<string> SwitchAsync(SlotStep step, CancellationToken cancellationToken)
    {
        var rollout = Rollout;
        if (rollout.Phase != RolloutPhase.Switching)
        {
            var views = await _pods.ReadAsync(rollout.Workloads, cancellationToken);
            SlotPods.AreThose(rollout.Checked, views);
            rollout = rollout with
            {
                Phase = RolloutPhase.Switching,
                Since = client.Now,
                Services = [.. rollout.Services.Select(service => service.PinnedTo is { } name
                    ? service with { To = service.After.With(Slots.HashLabel, SlotPods.HashOf(views.First(view => view.Id.Name == name))!) }
                    : service)],
            };
        }

        // All Services move, and what they do next is written down.
        using var shield = Shield(step, cancellationToken);
        if (Rollout.Phase != RolloutPhase.Switching)
            await WriteAsync(rollout, shield.Token);
        // As long as it may have to serve again, at once, the old version stays as large as it is.
        foreach (var autoscaler in Overlap.Left(rollout))
            await _sizes.KeepAsync(autoscaler, shield.Token);
        var count = await _traffic.PointAsync([.. rollout.Services.Select(item => new ServiceSelector(item.Id, item.To))], shield.Token);
        // A run that dies before has not ended the switch.
        await LetScaleAsync(rollout, rollout.Added.Where(SlotSteps.IsAutoscaler), shield.Token);
        await WriteAsync(rollout with { Phase = RolloutPhase.Soaking, Since = client.Now }, shield.Token);
        return Services(count);
    }

    private async Task<string> ReturnAsync(SlotStep step, CancellationToken cancellationToken)
    {
        using var shield = Shield(step, cancellationToken);
        await WriteAsync(Rollout with { Phase = RolloutPhase.Aborting, Since = client.Now }, shield.Token);
        var count = await _traffic.PointAsync(
            [.. Rollout.Services.Where(item => item.From is not null).Select(item => new ServiceSelector(item.Id, item.From!))], shield.Token);
        await LeadAutoscalersAsync(Rollout, Rollout.Live, shield.Token);
        foreach (var autoscaler in Overlap.Left(Rollout))
            await _sizes.ReleaseAsync(autoscaler, shield.Token);
        return Services(count);
    }

    // What serves is as large as its load wants it.
    private async Task LetScaleAsync(Rollout rollout, IEnumerable<ObjectId> autoscalers, CancellationToken cancellationToken)
    {
        await LeadAutoscalersAsync(rollout, rollout.Next, cancellationToken);
        foreach (var autoscaler in autoscalers)
            await _sizes.ReleaseAsync(autoscaler, cancellationToken);
    }

    private async Task LeadAutoscalersAsync(Rollout rollout, Slot? to, CancellationToken cancellationToken)
    {
        foreach (var autoscaler in Overlap.Following(rollout))
            await _sizes.LeadAsync(autoscaler, target => Overlap.TargetOf(rollout, target, to!.Value), cancellationToken);
    }

    // From here on nobody stops it half way, but for one who has the lock now, and finishes it or takes it back.
    private LimitedToken Shield(SlotStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new LimitedToken(step.Timeout, client.Clock, lockLost());
    }

    private async Task<string> RemoveAsync(IReadOnlyList<ObjectId> objects, CancellationToken cancellationToken)
    {
        var items = confirm(Current!).Items.Where(item => objects.Any(id => id.IsSameObject(item.Id)));
        var removal = new ObjectRemoval(client, catalog, ApplySet.IdOf(Current!.App, Current.Namespace), sink);
        return $"{await removal.RunAsync(items, cancellationToken)} deleted";
    }

    private async Task WriteAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var inventory = confirm(Current!) with { Rollout = rollout };
        Wrote(inventory, await InventoryStore.WriteAsync(client, inventory, cancellationToken));
    }

    private static string Services(int count) => ReleaseSteps.Count(count, "service");
}
