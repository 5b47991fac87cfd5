using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>
/// Takes an app away: what its inventory names, by UID, in the opposite order of a deploy, and the inventory last, so that a destroy that is
/// cut can go on. Namespaces, volume claims and custom kinds stay unless asked for.
/// </summary>
internal sealed class AppDestroyer(KubeClient client, IEventSink sink)
{
    /// <summary>Who destroys, for others who want the app's lock.</summary>
    public LockHolder Holder { get; init; } = LockHolder.Of("destroy", _ => null);

    /// <summary>How long to wait for another run that holds the lock; null does not.</summary>
    public TimeSpan? LockPatience { get; init; }

    /// <summary>Whether the cluster may be one that a full update has.</summary>
    public bool MayBeInUpdate { get; init; }

    /// <summary>Called by one that holds the lock, before anything is deleted.</summary>
    public Func<Inventory, CancellationToken, Task>? Begun { get; init; }

    /// <summary>Asked by one that holds the lock: whether what stands is still what was meant. Null: whatever stands.</summary>
    public Func<Inventory, CancellationToken, Task<bool>>? IsMeant { get; init; }

    /// <summary>Called by the same one, whatever came of it, as long as it holds the lock.</summary>
    public Func<Exception?, Task>? Ended { get; init; }

    /// <summary>
    /// What a destroy deletes and what it leaves. An environment that is not there for long takes its own namespace and what is in it along,
    /// and nothing that lasting ones have, too.
    /// </summary>
    public static (IReadOnlyList<InventoryItem> Deleted, IReadOnlyList<InventoryItem> Kept) Plan(Inventory inventory, bool includesKept)
    {
        var ordered = inventory.Items
            .OrderByDescending(item => ApplyOrder.RemovalWaveOf(item.Id))
            .ThenBy(item => item.Id.ToString(), StringComparer.Ordinal)
            .ToLookup(item => !ApplyOrder.IsKept(item.Id.Kind) || (includesKept && !(inventory.IsTransient && IsShared(item.Id, inventory.Namespace))));
        return ([.. ordered[true]], [.. ordered[false]]);
    }

    /// <summary>Deletes and waits until workloads are gone. The number of objects that were deleted; null where what stands is not meant any more.</summary>
    public async Task<int?> RunAsync(Inventory inventory, bool includesKept, CancellationToken cancellationToken)
    {
        await using var held = await new AppLock(client, sink, Holder).TakeAsync(inventory.App, inventory.Namespace, LockPatience, cancellationToken);
        Exception? failure = null;
        try
        {
            return await held.GuardAsync(
                async token =>
                {
                    if (!MayBeInUpdate)
                        await UpdatesUnderWay.RequireNoneAsync(client, inventory.App, inventory.Namespace, token);
                    // Who held the lock before may have deployed something else.
                    var current = await InventoryStore.ReadAsync(client, inventory.App, inventory.Namespace, token) ?? inventory;
                    if (IsMeant is not null && !await IsMeant(current, token))
                        return (int?)null;
                    if (Begun is not null)
                        await Begun(current, token);
                    return await DestroyAsync(current, includesKept, token);
                },
                cancellationToken);
        }
        catch (Exception caught)
        {
            failure = caught;
            throw;
        }
        finally
        {
            if (Ended is not null)
                await Ended(failure);
        }
    }

    private async Task<int> DestroyAsync(Inventory inventory, bool includesKept, CancellationToken cancellationToken)
    {
        var (items, kept) = Plan(inventory, includesKept);
        var catalog = new ResourceCatalog(client);
        await catalog.RefreshAsync([.. items.Select(item => item.Id.ApiVersion).Distinct()], cancellationToken);
        var removal = new ObjectRemoval(client, catalog, ApplySet.IdOf(inventory.App, inventory.Namespace), sink);
        var deleted = await removal.RunAsync(items.Where(item => item.Id.Kind != "Namespace"), cancellationToken);

        await new RevisionStore(client).DeleteAllAsync(inventory.App, inventory.Namespace, cancellationToken);

        // The inventory goes before the namespace that holds it: nothing can be written into one that is going.
        if (await client.GetAsync(ResourceType.ConfigMap, inventory.Namespace, Inventory.NameOf(inventory.App), cancellationToken) is { } stored)
            await client.DeleteAsync(
                ResourceType.ConfigMap, inventory.Namespace, Inventory.NameOf(inventory.App), (string)stored["metadata"]!["uid"]!, "Background", cancellationToken);
        if (kept.All(item => item.Id.Kind == "Namespace"))
            await DeleteHashKeyAsync(inventory.Namespace, cancellationToken);
        var namespaces = items.Where(item => item.Id.Kind == "Namespace").ToList();
        if (namespaces.Any(item => item.Id.Name == inventory.Namespace)
            && await new AppLocator(client).ListAsync(null, inventory.Namespace, cancellationToken) is { Count: > 0 } others)
        {
            sink.Publish(new DeployEvent.Note($"The namespace {inventory.Namespace} stays: {string.Join(", ", others.Select(item => item.App))} {(others.Count == 1 ? "is" : "are")} in it."));
            namespaces.RemoveAll(item => item.Id.Name == inventory.Namespace);
        }

        return deleted + await removal.RunAsync(namespaces, cancellationToken);
    }

    // There is one of it in the cluster, whatever the namespace that an environment is deployed to.
    private static bool IsShared(ObjectId id, string ns) => id.Kind == "Namespace" ? id.Name != ns : id.Kind == "CustomResourceDefinition";

    // The key belongs to the namespace: the last app that leaves takes it along, unless data stays that its generated secrets open.
    private async Task DeleteHashKeyAsync(string ns, CancellationToken cancellationToken)
    {
        if ((await new AppLocator(client).ListAsync(null, ns, cancellationToken)).Count == 0
            && await client.GetAsync(ResourceType.Secret, ns, HashKey.Name, cancellationToken) is { } key)
            await client.DeleteAsync(ResourceType.Secret, ns, HashKey.Name, (string)key["metadata"]!["uid"]!, "Background", cancellationToken);
    }
}
