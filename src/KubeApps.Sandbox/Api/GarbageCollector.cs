using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// Follows owner references: what a deleted owner owned is deleted (background), is deleted first (foreground), or stays (orphan).
/// </summary>
internal sealed class GarbageCollector(Cluster cluster)
{
    private const string Manager = "kube-controller-manager";

    /// <summary>Owner's uid → the objects that name it.</summary>
    private readonly Dictionary<string, HashSet<ObjectKey>> _dependents = [];
    private readonly Dictionary<ObjectKey, string[]> _owners = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in cluster.Store.WatchAllAsync(cancellationToken))
            Attempt.This(() => Handle(change));
    }

    private void Handle(WatchEvent change)
    {
        var metadata = change.Object["metadata"]!.AsObject();
        var uid = (string)metadata["uid"]!;
        var waitingOwners = _owners.GetValueOrDefault(change.Key) ?? [];
        Index(change, metadata);
        if (change.Type == WatchEventType.Deleted)
        {
            foreach (var dependent in Dependents(uid))
                Release(dependent, uid);
            foreach (var owner in waitingOwners)
                Advance(owner, change);
            return;
        }

        if (metadata["deletionTimestamp"] is not null && metadata["finalizers"] is JsonArray finalizers)
            Finalize(change.Key, uid, finalizers);
        else if (metadata["deletionTimestamp"] is null && metadata["ownerReferences"] is JsonArray { Count: > 0 } owners)
            DeleteIfAbandoned(change.Key, owners);
    }

    private void Index(WatchEvent change, JsonObject metadata)
    {
        if (_owners.Remove(change.Key, out var before))
            foreach (var owner in before)
                if (_dependents.TryGetValue(owner, out var keys) && keys.Remove(change.Key) && keys.Count == 0)
                    _dependents.Remove(owner);
        if (change.Type == WatchEventType.Deleted || metadata["ownerReferences"] is not JsonArray { Count: > 0 } references)
            return;
        var owners = references.Select(reference => (string)reference!["uid"]!).ToArray();
        _owners[change.Key] = owners;
        foreach (var owner in owners)
        {
            if (!_dependents.TryGetValue(owner, out var keys))
                _dependents[owner] = keys = [];
            keys.Add(change.Key);
        }
    }

    private ObjectKey[] Dependents(string uid) => _dependents.TryGetValue(uid, out var keys) ? [.. keys] : [];

    /// <summary>The owner is gone: the dependent goes too, unless somebody else owns it as well.</summary>
    private void Release(ObjectKey dependent, string owner)
    {
        if (cluster.Get(dependent)?["metadata"]?["ownerReferences"] is not JsonArray references)
            return;
        if (references.Any(reference => (string?)reference!["uid"] != owner && Exists(dependent, reference)))
            RemoveReference(dependent, owner);
        else
            cluster.Delete(dependent, new DeleteOptions { Uid = (string?)cluster.Get(dependent)?["metadata"]?["uid"] });
    }

    /// <summary>An object whose owners were all gone before it came.</summary>
    private void DeleteIfAbandoned(ObjectKey key, JsonArray owners)
    {
        if (!owners.Any(owner => Exists(key, owner!)))
            cluster.Delete(key, new DeleteOptions { Uid = (string?)cluster.Get(key)?["metadata"]?["uid"] });
    }

    private void Finalize(ObjectKey key, string uid, JsonArray finalizers)
    {
        var names = finalizers.Select(finalizer => (string)finalizer!).ToList();
        if (names.Contains(Deletion.OrphanFinalizer))
        {
            foreach (var dependent in Dependents(uid))
                RemoveReference(dependent, uid);
            RemoveFinalizer(key, Deletion.OrphanFinalizer);
        }
        else if (names.Contains(Deletion.ForegroundFinalizer))
        {
            var blocking = false;
            foreach (var dependent in Dependents(uid))
            {
                if (cluster.Get(dependent)?["metadata"] is not JsonObject metadata)
                    continue;
                blocking |= (metadata["ownerReferences"] as JsonArray ?? []).Any(reference =>
                    (string?)reference!["uid"] == uid && (bool?)reference["blockOwnerDeletion"] == true);
                if (metadata["deletionTimestamp"] is null)
                    cluster.Delete(dependent, new DeleteOptions { Propagation = DeletionPropagation.Foreground, Uid = (string?)metadata["uid"] });
            }

            if (!blocking)
                RemoveFinalizer(key, Deletion.ForegroundFinalizer);
        }
    }

    /// <summary>A dependent is gone: its owner may have waited for it.</summary>
    private void Advance(string owner, WatchEvent gone)
    {
        foreach (var reference in gone.Object["metadata"]!["ownerReferences"] as JsonArray ?? [])
        {
            if ((string?)reference!["uid"] != owner || Resolve(gone.Key, reference) is not { } key)
                continue;
            if (cluster.Get(key)?["metadata"] is JsonObject metadata && (string?)metadata["uid"] == owner
                && metadata["deletionTimestamp"] is not null && metadata["finalizers"] is JsonArray finalizers)
                Finalize(key, owner, finalizers);
        }
    }

    private bool Exists(ObjectKey dependent, JsonNode reference) =>
        Resolve(dependent, reference) is { } key && (string?)cluster.Get(key)?["metadata"]?["uid"] == (string?)reference["uid"];

    private ObjectKey? Resolve(ObjectKey dependent, JsonNode reference)
    {
        var apiVersion = (string)reference["apiVersion"]!;
        var kind = (string)reference["kind"]!;
        var type = ResourceTypes.Find(apiVersion, kind)
            ?? cluster.Store.StoredTypes().FirstOrDefault(type => type.ApiVersion == apiVersion && type.Kind == kind);
        return type is null ? null : new ObjectKey(type, type.Namespaced ? dependent.Namespace : null, (string)reference["name"]!);
    }

    private void RemoveReference(ObjectKey key, string owner) => cluster.Update(key, Manager, value =>
    {
        var metadata = value["metadata"]!.AsObject();
        if (metadata["ownerReferences"] is not JsonArray references || references.RemoveAll(reference => (string?)reference!["uid"] == owner) == 0)
            return false;
        if (references.Count == 0)
            metadata.Remove("ownerReferences");
        return true;
    });

    private void RemoveFinalizer(ObjectKey key, string name) => cluster.Update(key, Manager, value =>
    {
        var metadata = value["metadata"]!.AsObject();
        if (metadata["finalizers"] is not JsonArray finalizers || finalizers.RemoveAll(finalizer => (string?)finalizer == name) == 0)
            return false;
        if (finalizers.Count == 0)
            metadata.Remove("finalizers");
        return true;
    });
}
