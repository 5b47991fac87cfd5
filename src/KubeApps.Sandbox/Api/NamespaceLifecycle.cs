using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>A new namespace gets its default account; a namespace on its way out is emptied and then removed.</summary>
internal sealed class NamespaceLifecycle(Cluster cluster)
{
    private const string Manager = "kube-controller-manager";

    private const string CertificateDescription =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or "
        + "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

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

    /// <summary>
    /// Creates what stands in every namespace: the account that pods run under, and the API's certificate. Called with the creation, so that
    /// no pod comes before it.
    /// </summary>
    public static void Furnish(ObjectOperations operations, string ns)
    {
        Create(operations, ResourceTypes.ServiceAccount, ns, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        if (operations.RootCertificate is not { } certificate)
            return;
        Create(operations, ResourceTypes.ConfigMap, ns, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "kube-root-ca.crt",
                ["annotations"] = new JsonObject { ["kubernetes.io/description"] = CertificateDescription },
            },
            ["data"] = new JsonObject { ["ca.crt"] = certificate },
        });
    }

    private static void Create(ObjectOperations operations, ResourceType type, string ns, JsonObject value)
    {
        if (operations.Store.Find(new ObjectKey(type, ns, (string)value["metadata"]!["name"]!)) is not null)
            return;
        value["kind"] = type.Kind;
        value["apiVersion"] = type.ApiVersion;
        try
        {
            operations.Create(type, ns, new DecodedObject(value, []), new WriteOptions(Manager));
        }
        catch (ApiStatusException e) when (e.Reason == "AlreadyExists")
        {
            // The one that creates the namespace and the one that watches for it both come here.
        }
    }

    private void Handle(string name, JsonObject ns)
    {
        if (ns["metadata"]!["deletionTimestamp"] is null)
            Furnish(cluster.Operations, name);
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
