using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Secrets;

namespace KubeApps.Deploy.Rollouts;

// Objects that run no pods, but that an app is not complete without.
internal sealed partial record WorkloadStatus
{
    private static WorkloadStatus OfDefinition(JsonObject definition) =>
        HasCondition(definition, "Established") ? new WorkloadStatus(WorkloadState.Current, "It is established.")
        : Condition(definition, "NamesAccepted") is { } names && (string?)names["status"] == "False"
            ? new WorkloadStatus(WorkloadState.Failed, (string?)names["message"] ?? "Its names are taken.")
        : new WorkloadStatus(WorkloadState.InProgress, "It is not established yet.");

    private static WorkloadStatus OfClaim(JsonObject claim) => (string?)claim["status"]?["phase"] switch
    {
        "Bound" => new WorkloadStatus(WorkloadState.Current, "It is bound."),
        "Lost" => new WorkloadStatus(WorkloadState.Failed, "The volume that it was bound to is gone."),
        _ => new WorkloadStatus(WorkloadState.InProgress, "It is not bound yet."),
    };

    private static WorkloadStatus OfService(JsonObject service) =>
        (string?)service["spec"]?["type"] != "LoadBalancer" ? new WorkloadStatus(WorkloadState.Current, "")
        : HasAddress(service) ? new WorkloadStatus(WorkloadState.Current, "Its load balancer has an address.")
        : new WorkloadStatus(WorkloadState.InProgress, "Its load balancer has no address yet.");

    private static bool HasAddress(JsonObject content) => content["status"]?["loadBalancer"]?["ingress"] is JsonArray { Count: > 0 };

    // It scales when there is something to scale; whether it can is what its first look says.
    private static WorkloadStatus OfAutoscaler(JsonObject autoscaler)
    {
        if (Condition(autoscaler, "AbleToScale") is { } able && (string?)able["status"] == "False")
            return new WorkloadStatus(WorkloadState.InProgress, (string?)able["message"] ?? "It cannot scale.");
        return Condition(autoscaler, "ScalingActive") is null
            ? new WorkloadStatus(WorkloadState.InProgress, "It has not looked yet.")
            : new WorkloadStatus(WorkloadState.Current, "It is active.");
    }

    // The first version of autoscalers has no place for conditions: the server keeps them in an annotation.
    private static JsonArray? OldConditions(JsonObject content)
    {
        if ((string?)content["kind"] != "HorizontalPodAutoscaler"
            || content["metadata"]?["annotations"]?["autoscaling.alpha.kubernetes.io/conditions"] is not JsonValue told || !told.TryGetValue<string>(out var conditions))
            return null;
        try
        {
            return JsonNode.Parse(conditions) as JsonArray;
        }
        catch (JsonException)
        {
            // Not the server's.
            return null;
        }
    }

    /// <summary>Kinds that this tool does not know, by the conditions on which controllers agree (kstatus). One that says nothing is as it should be, unless it is known to speak.</summary>
    private static WorkloadStatus OfConditions(JsonObject content)
    {
        WorkloadStatus Say(WorkloadState state, JsonObject? condition, string otherwise) =>
            new(state, condition is null ? otherwise : ((string?)condition["message"] is { Length: > 0 } message ? message : (string?)condition["reason"]) ?? otherwise);
        if (content["status"]?["observedGeneration"] is JsonValue && !IsObserved(content))
            return Say(WorkloadState.InProgress, null, "The new version is not observed yet.");
        if (Condition(content, "Stalled") is { } stalled && (string?)stalled["status"] == "True")
            return Say(WorkloadState.Failed, stalled, "It is stalled.");
        if (Condition(content, "Reconciling") is { } reconciling && (string?)reconciling["status"] == "True")
            return Say(WorkloadState.InProgress, reconciling, "It is being reconciled.");
        var expected = SecretOperators.ConditionOf(content);
        if ((expected is null ? Condition(content, "Ready") ?? Condition(content, "Available") : Condition(content, expected)) is not { } ready)
            return expected is null ? Say(WorkloadState.Current, null, "") : Say(WorkloadState.InProgress, null, "Nothing in the cluster has looked after it yet.");
        // A condition may be of an older generation than the object.
        if (((long?)ready["observedGeneration"] ?? long.MaxValue) < ((long?)content["metadata"]?["generation"] ?? 0))
            return Say(WorkloadState.InProgress, null, "The new version is not observed yet.");
        if ((string?)ready["status"] == "True" && SecretOperators.IsBehind(content))
            return Say(WorkloadState.InProgress, null, "The new version is not observed yet.");
        return (string?)ready["status"] == "True"
            ? Say(WorkloadState.Current, null, "It is ready.")
            : Say(WorkloadState.InProgress, ready, "It is not ready yet.");
    }
}
