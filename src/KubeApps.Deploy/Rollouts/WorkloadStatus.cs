using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Rollouts;

/// <summary>How far an object is on its way to what its specification says. A closed set.</summary>
internal enum WorkloadState
{
    InProgress,
    Current,
    Failed,
    Terminating,
    NotFound,
    Unknown,
}

/// <summary>The state of one object, in numbers and in words.</summary>
internal sealed partial record WorkloadStatus(WorkloadState State, string Message, int Ready = 0, int Updated = 0, int Desired = 0)
{
    /// <summary>
    /// Reads the state from the object alone, as <c>kubectl rollout status</c> does. Pure. Current is not yet success: see
    /// <see cref="RolloutAssessment"/>.
    /// </summary>
    public static WorkloadStatus Of(JsonObject? workload)
    {
        if (workload is null)
            return new WorkloadStatus(WorkloadState.NotFound, "It is not there.");
        if (workload["metadata"]?["deletionTimestamp"] is not null)
            return new WorkloadStatus(WorkloadState.Terminating, "It is being deleted.");
        return (string?)workload["kind"] switch
        {
            "Deployment" => OfDeployment(workload),
            "StatefulSet" => OfStatefulSet(workload),
            "DaemonSet" => OfDaemonSet(workload),
            "Job" => OfJob(workload),
            "CustomResourceDefinition" => OfDefinition(workload),
            "PersistentVolumeClaim" => OfClaim(workload),
            "Service" => OfService(workload),
            "Ingress" => HasAddress(workload)
                ? new WorkloadStatus(WorkloadState.Current, "It has an address.")
                : new WorkloadStatus(WorkloadState.InProgress, "It has no address yet."),
            "HorizontalPodAutoscaler" => OfAutoscaler(workload),
            _ => OfConditions(workload),
        };
    }

    public static bool HasCondition(JsonObject content, string type) => (string?)Condition(content, type)?["status"] == "True";

    public static JsonObject? Condition(JsonObject content, string type) =>
        (content["status"]?["conditions"] as JsonArray ?? OldConditions(content) ?? []).OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == type);

    private static WorkloadStatus OfDeployment(JsonObject workload)
    {
        var (desired, updated, ready) = (Spec(workload, "replicas", 1), Status(workload, "updatedReplicas"), Status(workload, "readyReplicas"));
        var (all, available) = (Status(workload, "replicas"), Status(workload, "availableReplicas"));
        WorkloadStatus Say(WorkloadState state, string message) => new(state, message, Math.Min(ready, available), updated, desired);
        if (!IsObserved(workload))
            return Say(WorkloadState.InProgress, "The new version is not observed yet.");
        if ((string?)Condition(workload, "Progressing")?["reason"] == "ProgressDeadlineExceeded")
            return Say(WorkloadState.Failed, (string?)Condition(workload, "Progressing")!["message"] ?? "It exceeded its progress deadline.");
        if (IsPaused(workload))
            return Say(WorkloadState.InProgress, "The rollout is paused.");
        if (updated < desired)
            return Say(WorkloadState.InProgress, $"{updated} of {desired} new pods are created.");
        if (all > updated)
            return Say(WorkloadState.InProgress, all - updated == 1 ? "1 old pod is still there." : $"{all - updated} old pods are still there.");
        return available < updated
            ? Say(WorkloadState.InProgress, $"{available} of {updated} new pods are available.")
            : Say(WorkloadState.Current, $"{available} of {desired} pods are available.");
    }

    private static WorkloadStatus OfStatefulSet(JsonObject workload)
    {
        var (desired, updated, ready) = (Spec(workload, "replicas", 1), Status(workload, "updatedReplicas"), Status(workload, "readyReplicas"));
        WorkloadStatus Say(WorkloadState state, string message) => new(state, message, ready, updated, desired);
        var strategy = workload["spec"]?["updateStrategy"];
        if (!IsObserved(workload))
            return Say(WorkloadState.InProgress, "The new version is not observed yet.");
        if ((string?)strategy?["type"] == "OnDelete")
            return Say(WorkloadState.Current, "Its pods are replaced when they are deleted (OnDelete).");
        if (ready < desired)
            return Say(WorkloadState.InProgress, $"{ready} of {desired} pods are ready.");
        var partition = (int?)strategy?["rollingUpdate"]?["partition"] ?? 0;
        if (partition > 0)
            return updated < desired - partition
                ? Say(WorkloadState.InProgress, $"{updated} of {desired - partition} pods are updated.")
                : Say(WorkloadState.Current, $"{updated} pods above partition {partition} are updated.");
        return (string?)workload["status"]?["updateRevision"] != (string?)workload["status"]?["currentRevision"]
            ? Say(WorkloadState.InProgress, $"{updated} of {desired} pods are updated.")
            : Say(WorkloadState.Current, $"{ready} of {desired} pods are ready.");
    }

    private static WorkloadStatus OfDaemonSet(JsonObject workload)
    {
        var (desired, updated) = (Status(workload, "desiredNumberScheduled"), Status(workload, "updatedNumberScheduled"));
        var available = Status(workload, "numberAvailable");
        WorkloadStatus Say(WorkloadState state, string message) => new(state, message, Math.Min(Status(workload, "numberReady"), available), updated, desired);
        if (!IsObserved(workload))
            return Say(WorkloadState.InProgress, "The new version is not observed yet.");
        if ((string?)workload["spec"]?["updateStrategy"]?["type"] == "OnDelete")
            return Say(WorkloadState.Current, "Its pods are replaced when they are deleted (OnDelete).");
        if (updated < desired)
            return Say(WorkloadState.InProgress, $"{updated} of {desired} new pods are created.");
        return available < desired
            ? Say(WorkloadState.InProgress, $"{available} of {desired} new pods are available.")
            : Say(WorkloadState.Current, $"{available} of {desired} pods are available.");
    }

    private static WorkloadStatus OfJob(JsonObject workload)
    {
        var (desired, succeeded) = (Spec(workload, "completions", 1), Status(workload, "succeeded"));
        WorkloadStatus Say(WorkloadState state, string message) => new(state, message, succeeded, succeeded + Status(workload, "active"), desired);
        if (HasCondition(workload, "Complete"))
            return Say(WorkloadState.Current, "It is complete.");
        // That it will have failed is decided before its last pods are gone.
        if ((Condition(workload, "Failed") ?? Condition(workload, "FailureTarget")) is { } failed && (string?)failed["status"] == "True")
            return Say(WorkloadState.Failed, (string?)failed["message"] ?? "It failed.");
        return (bool?)workload["spec"]?["suspend"] == true
            ? Say(WorkloadState.Current, "It is suspended.")
            : Say(WorkloadState.InProgress, $"{succeeded} of {desired} completions.");
    }

    /// <summary>Whether somebody has stopped the rollout of a Deployment on its way. One that has arrived stands as it is.</summary>
    public static bool IsPaused(JsonObject workload) =>
        (bool?)workload["spec"]?["paused"] == true
        && (Status(workload, "updatedReplicas") < Spec(workload, "replicas", 1) || Status(workload, "replicas") > Status(workload, "updatedReplicas"));

    /// <summary>Whether its controller has seen what its specification says now.</summary>
    public static bool IsObserved(JsonObject workload) =>
        ((long?)workload["status"]?["observedGeneration"] ?? 0) >= ((long?)workload["metadata"]?["generation"] ?? 0);

    // Absent means the default, and 0 is legal.
    private static int Spec(JsonObject workload, string name, int absent) => (int?)workload["spec"]?[name] ?? absent;

    private static int Status(JsonObject workload, string name) => (int?)workload["status"]?[name] ?? 0;
}
