using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>A new namespace gets its default account; a namespace on its way out is emptied and then removed.</summary>
internal sealed class NamespaceLifecycle(Cluster cluster)
{
    private const string Manager = "kube-controller-manager";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var terminating = new HashSet<string>();
        await foreach (var change in cluster.Store.WatchAllAsync(cancellationToken))
        {
            if (change.Key.Type == ResourceTypes.Namespace)
            {
                if (change.Type != WatchEventType.Deleted && change.Object["metadata"]!["deletionTimestamp"] is not null)
                    terminating.Add(change.Key.Name);
                else
                    terminating.Remove(change.Key.Name);
                if (change.Type != WatchEventType.Deleted)
                    Attempt.This(() => Handle(change.Key.Name, change.Object));
            }
            else if (change.Type == WatchEventType.Deleted && change.Key.Namespace is { } ns && terminating.Contains(ns))
            {
                Attempt.This(() => Empty(ns));
            }
        }
    }

    /// <summary>Creates the account that pods of a namespace run under. Called with the creation, so that no pod comes before it.</summary>
    public static void CreateAccount(ObjectOperations operations, string ns)
    {
        if (operations.Store.Find(new ObjectKey(ResourceTypes.ServiceAccount, ns, "default")) is not null)
            return;
        var account = new JsonObject
        {
            ["kind"] = "ServiceAccount",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = ns },
        };
        operations.Create(ResourceTypes.ServiceAccount, ns, new Objects.DecodedObject(account, []), new WriteOptions(Manager));
    }

    private void Handle(string name, JsonObject ns)
    {
        if (ns["metadata"]!["deletionTimestamp"] is null)
            CreateAccount(cluster.Operations, name);
        else
            Empty(name);
    }

    private void Empty(string ns)
    {
        var key = new ObjectKey(ResourceTypes.Namespace, null, ns);
        if (cluster.Get(key)?["metadata"]?["deletionTimestamp"] is null)
            return;
        var left = 0;
        foreach (var type in cluster.Store.StoredTypes().Where(type => type.Namespaced))
        {
            foreach (var item in cluster.Store.ListStored(type, ns).Items)
            {
                if (item.Value["metadata"]!["deletionTimestamp"] is null)
                    Attempt.This(() => cluster.Delete(item.Key, new DeleteOptions { Propagation = DeletionPropagation.Background }));
                if (cluster.Store.Find(item.Key) is not null)
                    left++;
            }
        }

        if (left > 0)
            return;
        cluster.Update(key, Manager, value => value["spec"] is JsonObject spec && spec.Remove("finalizers"));
    }
}
