using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>What a workload was scaled to.</summary>
internal sealed record Scaling(ObjectId Id, int From, int To);

/// <summary>
/// Gives a workload of an app another number of pods, until a deploy sets what its specification says. The number stays ours: a deploy finds nobody who
/// would have to be asked for it.
/// </summary>
internal sealed class AppScaler(KubeClient client, IEventSink sink)
{
    /// <summary>Who scales, for others who want the app's lock.</summary>
    public LockHolder Holder { get; init; } = LockHolder.Of("scale", _ => null);

    /// <summary>How long it may take until the pods are ready.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Scales it, and waits until all pods that shall be there are ready and stay up, and no other is there.</summary>
    /// <param name="inventory">The app.</param>
    /// <param name="workload">What its specification calls the Deployment or StatefulSet.</param>
    /// <param name="replicas">How many pods.</param>
    /// <param name="isDry">Only says what would be done.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">It is not the app's to be scaled, or not now.</exception>
    public async Task<Scaling> ScaleAsync(Inventory inventory, string workload, int replicas, bool isDry, CancellationToken cancellationToken)
    {
        if (isDry)
            return (await LookAsync(inventory, workload, replicas, cancellationToken)).Scaling;
        await using var held = await new AppLock(client, sink, Holder).TakeAsync(inventory.App, inventory.Namespace, null, cancellationToken);
        return await held.GuardAsync(
            async token =>
            {
                await UpdatesUnderWay.RequireNoneAsync(client, inventory.App, inventory.Namespace, token);
                var current = await InventoryStore.ReadAsync(client, inventory.App, inventory.Namespace, token) ?? inventory;
                var scaling = await WriteAsync(current, workload, replicas, token);
                sink.Publish(new DeployEvent.StepStarted("scale", $"Wait for {scaling.Id}"));
                await AwaitAsync(scaling.Id, token);
                return scaling;
            },
            cancellationToken);
    }

    /// <summary>The workload of the version that serves. Pure.</summary>
    public static ObjectId? Find(Inventory inventory, string workload)
    {
        var name = (inventory.Rollout?.Live ?? Slot.Plain).NameIn(workload);
        return inventory.Items.Select(item => item.Id).Where(id => id.Kind is "Deployment" or "StatefulSet" && (id.Name == name || id.Name == workload))
            .OrderByDescending(id => id.Name == name).FirstOrDefault();
    }

    private async Task<(Scaling Scaling, JsonObject Live)> LookAsync(Inventory inventory, string workload, int replicas, CancellationToken cancellationToken)
    {
        if (!inventory.IsComplete || inventory.Rollout is { IsUnderWay: true })
            throw Refuse($"A deploy of {inventory.App} is under way, or was cut.");
        if (Find(inventory, workload) is not { } id)
            throw Refuse($"{inventory.App} has no Deployment or StatefulSet '{workload}'.");
        var autoscalers = client.ListAsync(ResourceType.HorizontalPodAutoscaler, id.Namespace, null, cancellationToken);
        var live = await client.GetAsync(TypeOf(id), id.Namespace, id.Name, cancellationToken) ?? throw Refuse($"{id} is not there.");
        if ((await autoscalers).Items.Any(item => (string?)item["spec"]?["scaleTargetRef"]?["kind"] == id.Kind && (string?)item["spec"]?["scaleTargetRef"]?["name"] == id.Name))
            throw Refuse($"An autoscaler decides how many pods {id} has.");
        return (new Scaling(id, (int?)live["spec"]?["replicas"] ?? 1, replicas), live);
    }

    private async Task<Scaling> WriteAsync(Inventory inventory, string workload, int replicas, CancellationToken cancellationToken)
    {
        int? before = null;
        while (true)
        {
            var (scaling, live) = await LookAsync(inventory, workload, replicas, cancellationToken);
            before ??= scaling.From;
            if (scaling.From == replicas)
                return scaling with { From = before.Value };
            var content = AppliedFields.Of(live) ?? throw Refuse($"No deploy of {inventory.App} applied {scaling.Id}.");
            content["spec"]!["replicas"] = replicas;
            // Whoever writes meanwhile (a controller its status, too) makes us look again: what we would apply is of what we saw.
            content["metadata"]!["resourceVersion"] = (string?)live["metadata"]!["resourceVersion"];
            try
            {
                await client.SendAsync(
                    HttpMethod.Patch, $"{TypeOf(scaling.Id).ObjectPath(scaling.Id.Namespace, scaling.Id.Name)}?fieldManager={KubeClient.FieldManager}&fieldValidation=Strict&force=true", content,
                    cancellationToken, "application/apply-patch+yaml", retriesRaces: false);
            }
            catch (ApiException refusal) when (refusal.IsRace)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), client.Clock, cancellationToken);
            }
        }
    }

    // As a deploy waits: what cannot come up ends it early, with the reason, and so does the end of patience.
    private async Task AwaitAsync(ObjectId id, CancellationToken cancellationToken)
    {
        var outcome = await new RolloutWatcher(client, sink, home: id.Namespace).AwaitAsync([id], awaitsCompletion: false, stability: null, Patience, cancellationToken);
        if (outcome.IsSuccess)
            return;
        foreach (var report in outcome.Reports)
            sink.Publish(new DeployEvent.WorkloadFailed(report));
        var cause = outcome.Reports is [var first, ..] ? first.FirstLine : string.Join(", ", outcome.Pending);
        throw outcome.TimedOut
            ? new StepTimedOutException(DiagnosticDescriptors.FleetTimedOut.Because($"{id} has its new number, but its pods were not ready within {Patience.TotalSeconds:0.###} seconds: {cause}"))
            : Refuse($"{id} has its new number, but its pods do not come up: {cause}");
    }

    private static ResourceType TypeOf(ObjectId id) => id.Kind == "Deployment" ? ResourceType.Deployment : ResourceType.StatefulSet;

    private static DiagnosticException Refuse(string cause) => new(DiagnosticDescriptors.FleetNotScaled.Because(cause));
}
