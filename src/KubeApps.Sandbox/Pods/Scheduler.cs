using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using KubeApps.Sandbox.Pods.Containers;

namespace KubeApps.Sandbox.Pods;

/// <summary>Assigns every pod to the one node, unless a claim that it names is missing.</summary>
internal sealed class Scheduler(Cluster cluster, TimeProvider clock)
{
    private const string Component = "default-scheduler";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _waiting = [];

    public void Schedule(JsonObject pod)
    {
        var metadata = pod["metadata"]!;
        var (ns, name, uid) = ((string)metadata["namespace"]!, (string)metadata["name"]!, (string)metadata["uid"]!);
        var missing = MissingClaim(pod, ns);
        lock (_gate)
        {
            var isNew = _waiting.TryAdd(uid, pod);
            if (missing is null)
                _waiting.Remove(uid);
            else if (!isNew)
                return; // Said already.
        }

        var key = new ObjectKey(ResourceTypes.Pod, ns, name);
        if (missing is not null)
        {
            var why = $"0/1 nodes are available: persistentvolumeclaim \"{missing}\" not found. not found";
            Write(key, uid, "False", "Unschedulable", why, node: null);
            cluster.RecordEvent(pod, "Warning", "FailedScheduling", why, Component);
            return;
        }

        if (Write(key, uid, "True", null, null, PodFields.NodeName) is not { } assigned)
            return;
        cluster.RecordEvent(assigned, "Normal", "Scheduled", $"Successfully assigned {ns}/{name} to {PodFields.NodeName}", Component);
        if (pod["spec"]!["nodeSelector"] is JsonObject { Count: > 0 } || pod["spec"]!["affinity"]?["nodeAffinity"] is not null)
            cluster.RecordEvent(
                assigned, "Normal", "PlacementIgnored",
                "The sandbox has one node, which stands for all hardware: node selector and node affinity are not looked at", Component);
    }

    /// <summary>A claim came: pods that wait for one are looked at again.</summary>
    public void Retry()
    {
        List<JsonObject> waiting;
        lock (_gate)
            waiting = [.. _waiting.Values];
        foreach (var pod in waiting)
            if (MissingClaim(pod, (string)pod["metadata"]!["namespace"]!) is null)
                Schedule(pod);
    }

    public void Forget(string uid)
    {
        lock (_gate)
            _waiting.Remove(uid);
    }

    private string? MissingClaim(JsonObject pod, string ns) => (pod["spec"]!["volumes"] as JsonArray ?? [])
        .Select(volume => (string?)volume!["persistentVolumeClaim"]?["claimName"])
        .FirstOrDefault(claim => claim is not null && cluster.Get(new ObjectKey(ResourceTypes.PersistentVolumeClaim, ns, claim)) is null);

    private JsonObject? Write(ObjectKey key, string uid, string status, string? reason, string? message, string? node)
    {
        var wrote = false;
        // Not an update of the spec in the API's sense: a binding does not bump the generation.
        var stored = cluster.UpdateStatus(key, Component, pod =>
        {
            if ((string?)pod["metadata"]!["uid"] != uid || pod["spec"]!["nodeName"] is not null)
                return false;
            if (node is not null)
                pod["spec"]!["nodeName"] = node;
            if (pod["status"] is not JsonObject)
                pod["status"] = new JsonObject { ["phase"] = "Pending" };
            var condition = new JsonObject
            {
                ["type"] = "PodScheduled",
                ["observedGeneration"] = Json.Integer(pod["metadata"]!["generation"]) ?? 1,
                ["status"] = status,
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = PodStatus.Time(clock.GetUtcNow()),
            };
            if (reason is not null)
                condition["reason"] = reason;
            if (message is not null)
                condition["message"] = message;
            pod["status"]!["conditions"] = new JsonArray(condition);
            return wrote = true;
        });
        return wrote ? stored : null;
    }
}
