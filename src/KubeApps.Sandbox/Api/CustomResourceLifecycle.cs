using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>A definition is accepted as soon as it is there; before it goes, all its objects go.</summary>
internal sealed class CustomResourceLifecycle(Cluster cluster)
{
    public const string Finalizer = "customresourcecleanup.apiextensions.k8s.io";

    private const string Manager = "kube-apiserver";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var terminating = new Dictionary<(string Group, string Plural), ObjectKey>();
        await foreach (var change in cluster.Store.WatchAllAsync(cancellationToken))
        {
            if (change.Key.Type == ResourceTypes.CustomResourceDefinition)
            {
                var names = ((string)change.Object["spec"]!["group"]!, (string)change.Object["spec"]!["names"]!["plural"]!);
                if (change.Type == WatchEventType.Deleted)
                {
                    terminating.Remove(names);
                    continue;
                }

                if (change.Object["metadata"]!["deletionTimestamp"] is not null)
                    terminating[names] = change.Key;
                Attempt.This(() => Handle(change.Key, change.Object));
            }
            else if (change.Type == WatchEventType.Deleted && terminating.TryGetValue((change.Key.Type.Group, change.Key.Type.Plural), out var definition))
            {
                Attempt.This(() => Empty(definition));
            }
        }
    }

    /// <summary>Called with the creation, so that the resource is served from the next request on.</summary>
    public static void Establish(ObjectOperations operations, ObjectKey key)
    {
        var now = operations.Timestamp();
        operations.Change(key, value =>
        {
            if (value["status"]?["conditions"] is JsonArray { Count: > 0 } && JsonNode.DeepEquals(value["status"]?["acceptedNames"], value["spec"]!["names"]))
                return false;
            var storage = value["spec"]!["versions"]!.AsArray().Where(version => (bool?)version!["storage"] == true).Select(version => version!["name"]?.DeepClone());
            value["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(
                    Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                    Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
                ["acceptedNames"] = value["spec"]!["names"]!.DeepClone(),
                ["storedVersions"] = value["status"]?["storedVersions"]?.DeepClone() ?? new JsonArray([.. storage]),
            };
            return true;
        }, new WriteOptions(Manager) { Subresource = "status" });
    }

    private void Handle(ObjectKey key, JsonObject definition)
    {
        var metadata = definition["metadata"]!;
        if (metadata["deletionTimestamp"] is not null)
        {
            Empty(key);
            return;
        }

        Establish(cluster.Operations, key);
    }

    private void Empty(ObjectKey key)
    {
        if (cluster.Get(key) is not { } definition)
            return;
        var left = 0;
        foreach (var type in cluster.Store.StoredTypes().Where(type =>
            type.Group == (string?)definition["spec"]!["group"] && type.Plural == (string?)definition["spec"]!["names"]!["plural"]))
        {
            foreach (var item in cluster.Store.ListStored(type, null).Items)
            {
                Attempt.This(() => cluster.Delete(item.Key, new DeleteOptions()));
                if (cluster.Store.Find(item.Key) is not null)
                    left++;
            }
        }

        if (left > 0)
            return;
        cluster.Update(key, Manager, value =>
        {
            if (value["metadata"]!["finalizers"] is not JsonArray finalizers || finalizers.RemoveAll(name => (string?)name == Finalizer) == 0)
                return false;
            if (finalizers.Count == 0)
                value["metadata"]!.AsObject().Remove("finalizers");
            return true;
        });
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
