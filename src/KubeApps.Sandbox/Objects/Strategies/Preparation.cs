using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Strategies;

/// <summary>
/// What the server's storage layer does to an object before validation: sets what clients have no say in, counts generations. Works on the
/// object itself.
/// </summary>
internal static class Preparation
{
    private const string ControllerUid = "controller-uid";
    private const string JobName = "job-name";

    public static void Create(ResourceType type, JsonObject value, SchemaType? schema, bool hasStatus)
    {
        var metadata = value.Ensure("metadata");
        if (hasStatus)
            ResetStatus(type, value, schema);
        if (CountsGenerations(type, schema))
            metadata["generation"] = Json.Number(1);
        switch (type.Group, type.Kind)
        {
            case ("", "Namespace"):
                var finalizers = value.Ensure("spec");
                if (finalizers["finalizers"] is not JsonArray list || !list.Any(item => Json.Text(item) == "kubernetes"))
                    finalizers["finalizers"] = new JsonArray([.. (finalizers["finalizers"] as JsonArray ?? []).Select(item => item!.DeepClone()), "kubernetes"]);
                break;
            case ("", "Pod"):
                Pod(value);
                break;
            case ("batch", "Job"):
                Job(value, metadata);
                break;
        }
    }

    public static void Update(ResourceType type, JsonObject before, JsonObject after, SchemaType? schema, bool hasStatus, string? subresource)
    {
        var old = before["metadata"]!.AsObject();
        var metadata = after.Ensure("metadata");
        if (subresource == "status")
        {
            // Only the status is written; the labels too belong to the main resource. A pod's node comes with its status: the scheduler's
            // binding is one write here.
            var node = type is { Group: "", Kind: "Pod" } && before["spec"]?["nodeName"] is null ? after["spec"]?["nodeName"]?.DeepClone() : null;
            foreach (var name in before.Select(pair => pair.Key).Concat(after.Select(pair => pair.Key)).Distinct().ToList())
                if (name is not ("metadata" or "status"))
                    Keep(before, after, name);
            if (node is not null)
                after["spec"]!["nodeName"] = node;
            if (schema?.Rules is null)
            {
                Keep(old, metadata, "labels");
            }
            else
            {
                var kept = (JsonObject)old.DeepClone();
                kept["managedFields"] = metadata["managedFields"]?.DeepClone();
                after["metadata"] = metadata = kept;
            }
        }
        else if (hasStatus)
        {
            Keep(before, after, "status");
        }

        foreach (var name in (ReadOnlySpan<string>)["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
            Keep(old, metadata, name);
        if (type is { Group: "", Kind: "Service" })
            FollowClusterIP(before, after);
        if (subresource != "status" && CountsGenerations(type, schema) && IsNewGeneration(type, before, after, schema, hasStatus))
            metadata["generation"] = Json.Number((Json.Integer(old["generation"]) ?? 0) + 1);
    }

    private static bool CountsGenerations(ResourceType type, SchemaType? schema) => schema?.Rules is not null || (type.Group, type.Kind) switch
    {
        ("apps", "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet") => true,
        ("batch", "Job" or "CronJob") => true,
        ("", "Pod" or "ReplicationController") => true,
        ("policy", "PodDisruptionBudget") => true,
        ("networking.k8s.io", "Ingress" or "IngressClass" or "NetworkPolicy") => true,
        ("discovery.k8s.io", "EndpointSlice") => true,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => true,
        _ => false,
    };

    private static bool IsNewGeneration(ResourceType type, JsonObject before, JsonObject after, SchemaType? schema, bool hasStatus)
    {
        if (schema?.Rules is not null || type.Kind == "EndpointSlice")
        {
            foreach (var name in before.Select(pair => pair.Key).Concat(after.Select(pair => pair.Key)).Distinct())
                if (name != "metadata" && !(hasStatus && name == "status") && !Json.Equal(before[name], after[name]))
                    return true;
            return type.Kind == "EndpointSlice" && !Json.Equal(before["metadata"]!["labels"], after["metadata"]!["labels"]);
        }

        return !Json.Equal(before["spec"], after["spec"])
            || (type is { Group: "apps", Kind: "Deployment" } && !SameMap(before["metadata"]!["annotations"], after["metadata"]!["annotations"]));
    }

    private static bool SameMap(JsonNode? left, JsonNode? right) => Json.Equal(left ?? new JsonObject(), right ?? new JsonObject());

    private static void Keep(JsonObject before, JsonObject after, string name)
    {
        if (before.TryGetPropertyValue(name, out var kept))
            after[name] = kept?.DeepClone();
        else
            after.Remove(name);
    }

    private static void ResetStatus(ResourceType type, JsonObject value, SchemaType? schema)
    {
        value.Remove("status");
        if (schema is not { Rules: null })
            return;
        if (Decoding.Read([], schema).Object["status"] is { } empty)
            value["status"] = empty.DeepClone();
        switch (type.Group, type.Kind)
        {
            case ("", "Namespace"):
                value.Ensure("status")["phase"] = "Active";
                break;
            case ("", "Pod" or "PersistentVolumeClaim" or "PersistentVolume"):
                value.Ensure("status")["phase"] = "Pending";
                break;
            case ("apiextensions.k8s.io", "CustomResourceDefinition"):
                var stored = (value["spec"] as JsonObject)?.Items("versions").FirstOrDefault(version => Json.Boolean(version["storage"]) == true);
                if (stored?["name"] is { } name)
                    value.Ensure("status")["storedVersions"] = new JsonArray(name.DeepClone());
                break;
        }
    }

    private static void Pod(JsonObject pod)
    {
        var spec = pod.Ensure("spec");
        spec.Default("priority", 0);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        var tolerations = spec["tolerations"] as JsonArray ?? [];
        foreach (var key in (ReadOnlySpan<string>)["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"])
        {
            var name = key;
            if (!spec.Items("tolerations").Any(item => Json.Text(item["key"]) is var given && (given == name || string.IsNullOrEmpty(given))
                && Json.Text(item["effect"]) is null or "" or "NoExecute"))
                tolerations.Add(new JsonObject { ["key"] = name, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = Json.Number(300) });
        }

        if (tolerations.Parent is null)
            spec["tolerations"] = tolerations;
        pod.Ensure("status")["qosClass"] = QualityOfService(spec);
    }

    /// <summary>Guaranteed if every container's limits equal its requests, BestEffort if there are none at all.</summary>
    private static string QualityOfService(JsonObject spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
        {
            foreach (var resource in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                var request = Json.Text(container["resources"]?["requests"]?[resource]);
                var limit = Json.Text(container["resources"]?["limits"]?[resource]);
                any |= request is not null || limit is not null;
                guaranteed &= limit is not null && (request ?? limit) == limit;
            }
        }

        return guaranteed && any ? "Guaranteed" : any ? "Burstable" : "BestEffort";
    }

    /// <summary>A Job finds its pods by labels that the server makes up, unless the user says that they take care of that.</summary>
    private static void Job(JsonObject job, JsonObject metadata)
    {
        var spec = job.Ensure("spec");
        if (Json.Boolean(spec["manualSelector"]) == true)
            return;
        var template = spec.Ensure("template").Ensure("metadata");
        var labels = template.Ensure("labels");
        foreach (var prefix in (ReadOnlySpan<string>)["", "batch.kubernetes.io/"])
        {
            labels[prefix + JobName] = metadata["name"]?.DeepClone();
            labels[prefix + ControllerUid] = metadata["uid"]?.DeepClone();
        }

        if (metadata["labels"] is not JsonObject { Count: > 0 })
            metadata["labels"] = labels.DeepClone();
        if (spec["selector"] is not JsonObject)
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = metadata["uid"]?.DeepClone() } };
    }

    /// <summary>Whoever changes only the one address of the two fields means both.</summary>
    private static void FollowClusterIP(JsonObject before, JsonObject after)
    {
        if (before["spec"] is not JsonObject old || after["spec"] is not JsonObject spec || !Json.Equal(old["clusterIPs"], spec["clusterIPs"]))
            return;
        if (!Json.Equal(old["clusterIP"], spec["clusterIP"]) && spec["clusterIP"] is { } address)
            spec["clusterIPs"] = new JsonArray(address.DeepClone());
    }
}
