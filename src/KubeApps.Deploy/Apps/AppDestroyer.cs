using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Secrets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>
/// Takes an app away: what its inventory names, by UID, in the opposite order of a deploy, and the inventory last, so that a destroy that is
/// cut can go on. Namespaces, volume claims and custom kinds stay unless asked for.
/// </summary>
internal sealed class AppDestroyer(KubeClient client, IEventSink sink)
{
    private static readonly TimeSpan GoneTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Who destroys, for others who want the app's lock.</summary>
    public LockHolder Holder { get; init; } = LockHolder.Of("destroy", _ => null);

    /// <summary>How long to wait for another run that holds the lock; null does not.</summary>
    public TimeSpan? LockPatience { get; init; }

    /// <summary>What a destroy deletes and what it leaves.</summary>
    public static (IReadOnlyList<InventoryItem> Deleted, IReadOnlyList<InventoryItem> Kept) Plan(Inventory inventory, bool includesKept)
    {
        var ordered = inventory.Items
            .OrderByDescending(item => ApplyOrder.WaveOf(item.Id.Kind))
            .ThenBy(item => item.Id.ToString(), StringComparer.Ordinal)
            .ToLookup(item => includesKept || !ApplyOrder.IsKept(item.Id.Kind));
        return ([.. ordered[true]], [.. ordered[false]]);
    }

    /// <summary>Deletes and waits until workloads are gone. The number of objects that were deleted.</summary>
    public async Task<int> RunAsync(Inventory inventory, bool includesKept, CancellationToken cancellationToken)
    {
        await using var held = await new AppLock(client, sink, Holder).TakeAsync(inventory.App, inventory.Namespace, LockPatience, cancellationToken);
        return await held.GuardAsync(
            async token =>
            {
                // Who held the lock before may have deployed something else.
                var stored = await client.GetAsync(ResourceType.ConfigMap, inventory.Namespace, Inventory.NameOf(inventory.App), token);
                return await DestroyAsync(Inventory.FromObject(stored) ?? inventory, includesKept, token);
            },
            cancellationToken);
    }

    private async Task<int> DestroyAsync(Inventory inventory, bool includesKept, CancellationToken cancellationToken)
    {
        var (items, kept) = Plan(inventory, includesKept);
        var catalog = new ResourceCatalog(client);
        await catalog.RefreshAsync([.. items.Select(item => item.Id.ApiVersion).Distinct()], cancellationToken);
        var deleted = 0;
        var waves = items.GroupBy(item => ApplyOrder.WaveOf(item.Id.Kind)).ToList();
        foreach (var wave in waves.Where(wave => wave.Key != ApplyWave.Namespaces))
            deleted += await DeleteAsync(catalog, wave.Key, [.. wave], cancellationToken);

        await new RevisionStore(client).DeleteAllAsync(inventory.App, inventory.Namespace, cancellationToken);

        // The inventory goes before the namespace that holds it: nothing can be written into one that is going.
        if (await client.GetAsync(ResourceType.ConfigMap, inventory.Namespace, Inventory.NameOf(inventory.App), cancellationToken) is { } stored)
            await client.DeleteAsync(
                ResourceType.ConfigMap, inventory.Namespace, Inventory.NameOf(inventory.App), (string)stored["metadata"]!["uid"]!, "Background", cancellationToken);
        if (kept.All(item => item.Id.Kind == "Namespace"))
            await DeleteHashKeyAsync(inventory.Namespace, cancellationToken);
        foreach (var wave in waves.Where(wave => wave.Key == ApplyWave.Namespaces))
            deleted += await DeleteAsync(catalog, wave.Key, [.. wave], cancellationToken);
        return deleted;
    }

    private async Task<int> DeleteAsync(ResourceCatalog catalog, ApplyWave wave, List<InventoryItem> items, CancellationToken cancellationToken)
    {
        var gone = new List<(ResourceType Type, ObjectId Id)>();
        foreach (var item in items)
        {
            if (catalog.Find(item.Id.ApiVersion, item.Id.Kind) is not { } type || await UidAsync(type, item, cancellationToken) is not { } uid)
                continue;
            // In the foreground a workload stays until its pods are gone.
            if (!await client.DeleteAsync(type, item.Id.Namespace, item.Id.Name, uid, wave == ApplyWave.Workloads ? "Foreground" : "Background", cancellationToken))
                continue;
            gone.Add((type, item.Id));
            sink.Publish(new DeployEvent.ResourceChanged(item.Id.Kind, item.Id.Namespace, item.Id.Name, ResourceChange.Deleted));
        }

        if (wave == ApplyWave.Workloads)
            await AwaitGoneAsync(gone, cancellationToken);
        return gone.Count;
    }

    private async Task AwaitGoneAsync(List<(ResourceType Type, ObjectId Id)> gone, CancellationToken cancellationToken)
    {
        using var limit = new LimitedToken(GoneTimeout, client.Clock, cancellationToken);
        try
        {
            await Task.WhenAll(gone.GroupBy(item => (item.Type, item.Id.Namespace)).Select(group =>
                new Deletion(client).AwaitGoneAsync(group.Key.Type, group.Key.Namespace, [.. group.Select(item => item.Id.Name)], limit.Token)));
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            throw new StepTimedOutException(DiagnosticDescriptors.TimedOut.Because(
                $"Not all workloads were gone after {GoneTimeout.TotalMinutes:0} minutes.", nextStep: "Run destroy again; look for finalizers and for nodes that do not answer."));
        }
    }

    private async Task<string?> UidAsync(ResourceType type, InventoryItem item, CancellationToken cancellationToken)
    {
        if (item.Uid is not null)
            return item.Uid;
        var live = await client.GetAsync(type, item.Id.Namespace, item.Id.Name, cancellationToken);
        return Ownership.IsApplied(live) ? (string?)live!["metadata"]!["uid"] : null;
    }

    // The key belongs to the namespace: the last app that leaves takes it along, unless data stays that its generated secrets open.
    private async Task DeleteHashKeyAsync(string ns, CancellationToken cancellationToken)
    {
        if ((await new AppLocator(client).ListAsync(null, ns, cancellationToken)).Count == 0
            && await client.GetAsync(ResourceType.Secret, ns, HashKey.Name, cancellationToken) is { } key)
            await client.DeleteAsync(ResourceType.Secret, ns, HashKey.Name, (string)key["metadata"]!["uid"]!, "Background", cancellationToken);
    }
}
