using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>Deletes objects of an app by UID, and waits until workloads are gone with their pods.</summary>
/// <param name="client">The cluster.</param>
/// <param name="catalog">Its kinds.</param>
/// <param name="applySet">The set that the app's objects are part of.</param>
/// <param name="sink">Told what goes.</param>
internal sealed class ObjectRemoval(KubeClient client, ResourceCatalog catalog, string applySet, IEventSink sink)
{
    private static readonly TimeSpan GoneTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Deletes wave by wave, in the opposite order of a deploy. The number of objects that were deleted.</summary>
    /// <exception cref="DiagnosticException">Some cannot be deleted now: then none is.</exception>
    public async Task<int> RunAsync(IEnumerable<InventoryItem> objects, CancellationToken cancellationToken)
    {
        var (items, deleted) = (objects.ToList(), 0);
        if (items.Where(item => catalog.IsAway(item.Id)).Select(item => item.Id.ToString()).ToList() is { Count: > 0 } away)
            throw new DiagnosticException(DiagnosticDescriptors.KindAway.Because($"Not to be deleted now: {string.Join(", ", away)}. So nothing of it was deleted.") with { Severity = DiagnosticSeverity.Error });
        foreach (var wave in items.GroupBy(item => ApplyOrder.RemovalWaveOf(item.Id)).OrderByDescending(wave => wave.Key))
            deleted += await DeleteAsync(wave.Key, [.. wave], cancellationToken);
        return deleted;
    }

    private async Task<int> DeleteAsync(ApplyWave wave, List<InventoryItem> items, CancellationToken cancellationToken)
    {
        var gone = new List<(ResourceType Type, ObjectId Id)>();
        var workloads = new List<JsonObject>();
        foreach (var item in items)
        {
            if (catalog.FindFormer(item.Id) is not { } type)
                continue;
            var live = item.Uid is null || wave == ApplyWave.Workloads ? await client.GetAsync(type, item.Id.Namespace, item.Id.Name, cancellationToken) : null;
            if ((item.Uid ?? (Ownership.IsAppliedFor(live, applySet) ? (string?)live!["metadata"]!["uid"] : null)) is not { } uid)
                continue;
            if (live is not null)
                workloads.Add(live);
            // In the foreground a workload stays until its pods are gone.
            if (!await client.DeleteAsync(type, item.Id.Namespace, item.Id.Name, uid, wave == ApplyWave.Workloads ? "Foreground" : "Background", cancellationToken))
                continue;
            gone.Add((type, item.Id));
            sink.Publish(new DeployEvent.ResourceChanged(item.Id.Kind, item.Id.Namespace, item.Id.Name, ResourceChange.Deleted));
        }

        if (wave == ApplyWave.Workloads)
            await AwaitGoneAsync(gone, GoneTimeout + ExtraGrace.Of(workloads), cancellationToken);
        return gone.Count;
    }

    private async Task AwaitGoneAsync(List<(ResourceType Type, ObjectId Id)> gone, TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = new LimitedToken(time, client.Clock, cancellationToken);
        try
        {
            await Task.WhenAll(gone.GroupBy(item => (item.Type, item.Id.Namespace)).Select(group =>
                new Deletion(client).AwaitGoneAsync(group.Key.Type, group.Key.Namespace, [.. group.Select(item => item.Id.Name)], limit.Token)));
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            throw new StepTimedOutException(DiagnosticDescriptors.TimedOut.Because(
                $"Not all workloads were gone after {time.TotalMinutes:0.#} minutes.", nextStep: "Run it again; look for finalizers and for nodes that do not answer."));
        }
    }
}
