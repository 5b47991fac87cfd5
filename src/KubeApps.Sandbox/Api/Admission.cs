using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>What the API server decides with a look at other objects: terminating namespaces, accounts, quotas.</summary>
internal sealed class Admission(ObjectStore store)
{
    private readonly ServiceAllocation _services = new(store);

    /// <summary>Namespaces that the cluster itself needs stay.</summary>
    public static void CheckDeletion(ObjectKey key)
    {
        if (key.Type == ResourceTypes.Namespace && key.Name is ("default" or "kube-system" or "kube-public"))
            throw ApiStatusException.Forbidden(key.Type, key.Name, "this namespace may not be deleted");
    }

    public void CheckNamespace(ResourceType type, string? ns, string name)
    {
        if (ns is null || !type.Namespaced || store.Get(new ObjectKey(ResourceTypes.Namespace, null, ns)) is not { } found)
            return;
        if (found["metadata"]?["deletionTimestamp"] is not null)
            throw ApiErrors.NamespaceTerminating(type, name, ns);
    }

    /// <summary>Called inside the write that creates the object, so that two at once cannot both take the last place.</summary>
    public void AdmitNew(ResourceType type, string? ns, string name, JsonObject created)
    {
        if (type == ResourceTypes.Pod)
            AssignServiceAccount(ns, name, created);
        if (type == ResourceTypes.Service)
            _services.Allocate(new ObjectKey(type, ns, name), created);
        if (ns is not null && type.Namespaced)
            ResourceQuotas.Check(store, type, ns, name, created);
    }

    /// <summary>Called inside the write that changes the object.</summary>
    public void AdmitChange(ObjectKey key, JsonObject before, JsonObject after)
    {
        if (key.Type == ResourceTypes.Service)
            _services.AllocateAgain(key, before, after);
    }

    private void AssignServiceAccount(string? ns, string name, JsonObject pod)
    {
        var spec = pod["spec"]!.AsObject();
        var account = (string?)spec["serviceAccountName"] is { Length: > 0 } named ? named : "default";
        spec["serviceAccountName"] = account;
        spec["serviceAccount"] = account;
        var isRealNamespace = store.Find(new ObjectKey(ResourceTypes.Namespace, null, ns!)) is not null;
        if (isRealNamespace && store.Find(new ObjectKey(ResourceTypes.ServiceAccount, ns, account)) is null)
        {
            throw ApiStatusException.Forbidden(ResourceTypes.Pod, name,
                $"error looking up service account {ns}/{account}: serviceaccount \"{account}\" not found");
        }
    }
}
