using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning;

/// <summary>An object that is deleted and made anew, since what is to change cannot.</summary>
/// <param name="Uid">The object that goes.</param>
/// <param name="Propagation">What becomes of what it owns.</param>
internal sealed record Replacement(string Uid, string Propagation)
{
    /// <summary>How to replace an object without losing data; null where that cannot be.</summary>
    public static Replacement? Of(JsonObject live, JsonObject desired) =>
        PropagationOf(live, desired) is { } propagation ? new Replacement((string)live["metadata"]!["uid"]!, propagation) : null;

    private static string? PropagationOf(JsonObject live, JsonObject desired) => (string?)live["kind"] switch
    {
        // Their pods have other labels afterwards: the new object does not find the old pods, which go first. The app is down meanwhile.
        "Deployment" or "DaemonSet" or "ReplicaSet" => "Foreground",
        // With the same selector the new set finds the old pods and their volumes: nothing stops.
        "StatefulSet" when JsonNode.DeepEquals(live["spec"]?["selector"], desired["spec"]?["selector"]) => "Orphan",
        // Volume claims outlive the set, unless it was told to take them along.
        "StatefulSet" => (string?)live["spec"]?["persistentVolumeClaimRetentionPolicy"]?["whenDeleted"] == "Delete" ? null : "Foreground",
        "Job" or "ConfigMap" or "Secret" or "RoleBinding" or "ClusterRoleBinding" => "Background",
        // Read when a volume or a pod is made, and not again.
        "StorageClass" or "PriorityClass" => "Background",
        // An address inside the cluster is found by name. One outside of it (a load balancer, a port of the nodes) would be another one.
        "Service" => (string?)live["spec"]?["type"] is null or "ClusterIP" ? "Background" : null,
        _ => null,
    };
}
