using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>What a Deployment's status says for given ReplicaSets. Pure.</summary>
internal static class DeploymentStatus
{
    public const string Complete = "NewReplicaSetAvailable";
    public const string TimedOut = "ProgressDeadlineExceeded";

    public static TimeSpan? Deadline(JsonObject deployment) => deployment.Spec.Number("progressDeadlineSeconds") switch
    {
        null => TimeSpan.FromSeconds(600),
        int.MaxValue => null,
        var seconds => TimeSpan.FromSeconds(seconds.Value),
    };

    public static JsonObject? Progressing(JsonObject status) => status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Progressing");

    /// <summary>The counts and the condition <c>Available</c>.</summary>
    public static JsonObject Counted(JsonObject deployment, RollingLimits limits, IReadOnlyCollection<JsonObject> sets, JsonObject? newSet, DateTimeOffset now)
    {
        var available = sets.Sum(set => set.Status.Count("availableReplicas"));
        var status = new JsonObject { ["observedGeneration"] = deployment.Generation };
        Set("replicas", sets.Sum(set => set.Status.Count("replicas")));
        Set("updatedReplicas", newSet?.Status.Count("replicas") ?? 0);
        Set("readyReplicas", sets.Sum(set => set.Status.Count("readyReplicas")));
        Set("availableReplicas", available);
        Set("unavailableReplicas", Math.Max(0, sets.Sum(set => set.Spec.Number("replicas") ?? 1) - available));
        if (deployment.Status["conditions"] is { } conditions)
            status["conditions"] = conditions.DeepClone();
        SetCondition(status, available >= limits.MinAvailable
            ? new Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : new Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."), now);
        return status;

        void Set(string name, int value)
        {
            if (value != 0)
                status[name] = value;
        }
    }

    /// <summary>The counts and all conditions of a Deployment that rolls out.</summary>
    public static JsonObject RollingOut(JsonObject deployment, RollingLimits limits, IReadOnlyCollection<JsonObject> sets, JsonObject? newSet, DateTimeOffset now)
    {
        var before = deployment.Status;
        var status = Counted(deployment, limits, sets, newSet, now);
        var what = newSet is null ? $"Deployment \"{deployment.Name}\"" : $"ReplicaSet \"{newSet.Name}\"";
        var deadline = Deadline(deployment);
        if (deadline is null)
            RemoveCondition(status, "Progressing");

        var wasComplete = status.Count("replicas") == status.Count("updatedReplicas") && Progressing(before)?.Text("reason") == Complete;
        if (deadline is { } limit && !wasComplete)
        {
            if (IsComplete(deployment, limits, status))
            {
                SetCondition(status, new Condition("Progressing", "True", Complete, $"{what} has successfully progressed."), now);
            }
            else if (HasProgressed(before, status))
            {
                // Each step counts as an update of the condition, so that the deadline starts over with it.
                var since = Progressing(before) is { } current && current.Text("status") == "True" ? current.Text("lastTransitionTime") : null;
                RemoveCondition(status, "Progressing");
                SetCondition(status, new Condition("Progressing", "True", "ReplicaSetUpdated", $"{what} is progressing."), now, since);
            }
            else if (HasTimedOut(status, limit, now))
            {
                SetCondition(status, new Condition("Progressing", "False", TimedOut, $"{what} has timed out progressing."), now);
            }
        }

        var failure = (newSet is null ? sets : [newSet, .. sets]).SelectMany(set => set.Status.Items("conditions"))
            .FirstOrDefault(condition => condition.Text("type") == "ReplicaFailure" && condition.Text("status") == "True");
        if (failure is null)
            RemoveCondition(status, "ReplicaFailure");
        else
            SetCondition(status, new Condition("ReplicaFailure", "True", failure.Text("reason")!, failure.Text("message")!), now, failure.Text("lastTransitionTime"));
        return status;
    }

    public static bool IsComplete(JsonObject deployment, RollingLimits limits, JsonObject status) =>
        status.Count("updatedReplicas") == limits.Desired
        && status.Count("replicas") == limits.Desired
        && status.Count("availableReplicas") == limits.Desired
        && status.Count("observedGeneration") >= deployment.Generation;

    public static void SetCondition(JsonObject status, Condition condition, DateTimeOffset now, string? since = null)
    {
        var current = status.Items("conditions").FirstOrDefault(item => item.Text("type") == condition.Type);
        if (current is not null && current.Text("status") == condition.Status && current.Text("reason") == condition.Reason)
            return;
        var stamp = ObjectFields.Stamp(now);
        if (current?.Text("status") == condition.Status)
            since = current.Text("lastTransitionTime");
        RemoveCondition(status, condition.Type);
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = condition.Type,
            ["status"] = condition.Status,
            ["lastUpdateTime"] = stamp,
            ["lastTransitionTime"] = since ?? stamp,
            ["reason"] = condition.Reason,
            ["message"] = condition.Message,
        });
    }

    private static void RemoveCondition(JsonObject status, string type)
    {
        if (status["conditions"] is not JsonArray conditions)
            return;
        conditions.RemoveAll(item => item is JsonObject condition && condition.Text("type") == type);
        if (conditions.Count == 0)
            status.Remove("conditions");
    }

    private static bool HasProgressed(JsonObject before, JsonObject after) =>
        after.Count("updatedReplicas") > before.Count("updatedReplicas")
        || after.Count("replicas") - after.Count("updatedReplicas") < before.Count("replicas") - before.Count("updatedReplicas")
        || after.Count("readyReplicas") > before.Count("readyReplicas")
        || after.Count("availableReplicas") > before.Count("availableReplicas");

    private static bool HasTimedOut(JsonObject status, TimeSpan deadline, DateTimeOffset now) => Progressing(status) switch
    {
        null => false,
        var condition when condition.Text("reason") == Complete => false,
        var condition when condition.Text("reason") == TimedOut => true,
        var condition => condition.Time("lastUpdateTime") + deadline < now,
    };
}

internal readonly record struct Condition(string Type, string Status, string Reason, string Message);
