using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Preflight;

/// <summary>What objects themselves take of a quota, without their pods. Pure.</summary>
internal static class ObjectCost
{
    /// <summary>What a change of an object takes more than before; less than nothing where it gives something back.</summary>
    public static Resources OfChange(ObservedObject observed, ResourceType? type)
    {
        var change = new Resources();
        if (type is null || observed.IsTerminating || observed.Change is ResourceChange.Unchanged or ResourceChange.Replaced)
            return change;
        var wanted = observed.DryRun ?? observed.Object.Content;
        change.Add(Of(type, wanted));
        if (observed.Live is { } live)
            change.Add(Of(type, live), -1);
        // A new version of a workload is an object of its own, beside the former one.
        if (observed.Live is null || !JsonNode.DeepEquals(observed.Live["spec"]?["template"], wanted["spec"]?["template"]))
            change.Add(Versions(observed.Object.Id.Kind));
        return change;
    }

    /// <summary>What an object takes as it stands.</summary>
    public static Resources Of(ResourceType type, JsonObject content)
    {
        var cost = Count(type);
        var spec = content["spec"];
        var exposure = (string?)spec?["type"];
        switch (type.Kind)
        {
            case "PersistentVolumeClaim":
                cost.Add(Claim(spec));
                break;
            // https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-on-object-count : ports of a node count for balancers, too.
            case "Service" when exposure is "LoadBalancer" or "NodePort":
                if (exposure == "NodePort" || spec!["allocateLoadBalancerNodePorts"]?.GetValue<bool>() != false)
                    cost.Add("services.nodeports", (spec!["ports"] as JsonArray ?? []).Count);
                if (exposure == "LoadBalancer")
                    cost.Add("services.loadbalancers", 1);
                break;
        }

        return cost;
    }

    /// <summary>One object of a type, by both names that quotas have for it.</summary>
    public static Resources Count(ResourceType type)
    {
        var count = new Resources();
        count.Add($"count/{(type.Group.Length == 0 ? type.Plural : $"{type.Plural}.{type.Group}")}", 1);
        if (type.Group.Length == 0)
            count.Add(type.Plural, 1);
        return count;
    }

    /// <summary>The claims that a stateful set makes for the pods that it gets more than before. They may stand already, from an earlier time.</summary>
    public static Resources Claims(ObservedObject observed)
    {
        var claims = new Resources();
        var wanted = (observed.DryRun ?? observed.Object.Content)["spec"];
        if (observed.Object.Id.Kind != "StatefulSet" || observed.Change == ResourceChange.Unchanged)
            return claims;
        var more = PodNeeds.Count(wanted?["replicas"], 1) - (observed.Live is null ? 0 : PodNeeds.Count(observed.Live["spec"]?["replicas"], 1));
        foreach (var template in (wanted?["volumeClaimTemplates"] as JsonArray ?? []).OfType<JsonObject>())
        {
            claims.Add(Claim(template["spec"]), Math.Max(0, more));
            claims.Add("persistentvolumeclaims", Math.Max(0, more));
            claims.Add("count/persistentvolumeclaims", Math.Max(0, more));
        }

        return claims;
    }

    /// <summary>What a new version of a workload is kept as.</summary>
    public static Resources Versions(string kind)
    {
        var version = new Resources();
        if (kind == "Deployment")
            version.Add("count/replicasets.apps", 1);
        else if (kind is "StatefulSet" or "DaemonSet")
            version.Add("count/controllerrevisions.apps", 1);
        return version;
    }

    private static Resources Claim(JsonNode? spec)
    {
        var claim = new Resources();
        var storage = Resources.Amount(spec?["resources"]?["requests"]?["storage"]);
        claim.Add("requests.storage", storage);
        if ((string?)spec?["storageClassName"] is { Length: > 0 } name)
        {
            claim.Add($"{name}.storageclass.storage.k8s.io/requests.storage", storage);
            claim.Add($"{name}.storageclass.storage.k8s.io/persistentvolumeclaims", 1);
        }

        return claim;
    }
}
