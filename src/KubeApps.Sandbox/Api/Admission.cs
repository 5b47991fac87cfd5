using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>What the API server decides with a look at other objects: terminating namespaces, quotas, addresses of Services.</summary>
internal sealed class Admission(ObjectStore store)
{
    private const string NoAddress = "None";
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;

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
            Allocate(created);
        if (ns is not null && type.Namespaced)
            ResourceQuotas.Check(store, type, ns, name, created);
    }

    /// <summary>What was allocated stays when a whole new object does not name it.</summary>
    public void KeepAllocated(ResourceType type, JsonObject before, JsonObject after)
    {
        if (type != ResourceTypes.Service || before["spec"] is not JsonObject old || after["spec"] is not JsonObject spec)
            return;
        if ((string?)spec["type"] == "ExternalName")
            return;
        foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            if (string.IsNullOrEmpty(spec[field] is JsonValue text ? (string?)text : spec[field]?.ToJsonString()) && old[field] is { } kept)
                spec[field] = kept.DeepClone();
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

    private void Allocate(JsonObject service)
    {
        var spec = service["spec"]!.AsObject();
        var kind = (string?)spec["type"] ?? "ClusterIP";
        if (kind == "ExternalName")
            return;
        if (string.IsNullOrEmpty((string?)spec["clusterIP"]))
            spec["clusterIP"] = FreeAddress();
        var address = (string)spec["clusterIP"]!;
        if (spec["clusterIPs"] is not JsonArray { Count: > 0 })
            spec["clusterIPs"] = new JsonArray(address);
        if (address != NoAddress || spec["selector"] is not null)
        {
            spec["ipFamilies"] ??= new JsonArray("IPv4");
            spec["ipFamilyPolicy"] ??= "SingleStack";
        }

        if (kind is not ("NodePort" or "LoadBalancer") || (bool?)spec["allocateLoadBalancerNodePorts"] == false)
            return;
        var taken = NodePorts(store.List(ResourceTypes.Service, null).Items).ToHashSet();
        foreach (var port in spec["ports"]?.AsArray() ?? [])
        {
            if (((int?)port!["nodePort"] ?? 0) != 0)
                continue;
            var free = Random.Shared.Next(FirstNodePort, LastNodePort);
            while (!taken.Add(free))
                free = free == LastNodePort ? FirstNodePort : free + 1;
            port["nodePort"] = free;
        }
    }

    private static IEnumerable<int> NodePorts(IEnumerable<JsonObject> services) =>
        from service in services
        from port in service["spec"]?["ports"]?.AsArray() ?? []
        let number = (int?)port["nodePort"] ?? 0
        where number != 0
        select number;

    /// <summary>An address of 10.96.0.0/16 that no Service has. It stands for the Service in objects; traffic goes to 127.0.0.1.</summary>
    private string FreeAddress()
    {
        var taken = store.List(ResourceTypes.Service, null).Items.Select(service => (string?)service["spec"]?["clusterIP"]).ToHashSet();
        while (true)
        {
            var number = Random.Shared.Next(256, 65_535);
            var address = string.Create(CultureInfo.InvariantCulture, $"10.96.{number >> 8}.{number & 255}");
            if (!taken.Contains(address))
                return address;
        }
    }
}
