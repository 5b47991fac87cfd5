using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Defaults;

/// <summary>Defaults of the kinds that make pods.</summary>
internal static class WorkloadDefaults
{
    public static void Deployment(JsonObject spec)
    {
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (Json.Text(strategy["type"]) == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxUnavailable", "25%");
            rolling.Default("maxSurge", "25%");
        }

        PodDefaults.Template(spec["template"] as JsonObject);
    }

    public static void ReplicaSet(JsonObject spec)
    {
        spec.Default("replicas", 1);
        PodDefaults.Template(spec["template"] as JsonObject);
    }

    public static void StatefulSet(JsonObject spec)
    {
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("podManagementPolicy", "OrderedReady");
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (Json.Text(strategy["type"]) == "RollingUpdate")
            strategy.Ensure("rollingUpdate").Default("partition", 0);
        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        foreach (var claim in spec.Items("volumeClaimTemplates"))
        {
            claim.Default("apiVersion", "v1");
            claim.Default("kind", "PersistentVolumeClaim");
            StorageDefaults.Claim(claim);
        }

        PodDefaults.Template(spec["template"] as JsonObject);
    }

    public static void DaemonSet(JsonObject spec)
    {
        spec.Default("revisionHistoryLimit", 10);
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (Json.Text(strategy["type"]) == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Default("maxUnavailable", 1);
            rolling.Default("maxSurge", 0);
        }

        PodDefaults.Template(spec["template"] as JsonObject);
    }

    public static void Job(JsonObject job)
    {
        var spec = job.Ensure("spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
            spec["completions"] = Json.Number(1);
        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        foreach (var rule in (spec["podFailurePolicy"] as JsonObject)?.Items("rules") ?? [])
            foreach (var condition in rule.Items("onPodConditions"))
                condition.Default("status", "True");
        PodDefaults.Template(spec["template"] as JsonObject);

        if (spec["template"]?["metadata"]?["labels"] is JsonObject { Count: > 0 } labels && job["metadata"] is JsonObject metadata
            && metadata["labels"] is not JsonObject { Count: > 0 })
            metadata["labels"] = labels.DeepClone();
    }

    public static void CronJob(JsonObject spec)
    {
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        var template = spec.Ensure("jobTemplate");
        template.Ensure("metadata");
        PodDefaults.Template(template.Ensure("spec")["template"] as JsonObject);
    }

    public static void Autoscaler(JsonObject spec)
    {
        spec.Default("minReplicas", 1);
        if (spec["metrics"] is not JsonArray { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = "cpu",
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = Json.Number(80) },
                },
            });
        }

        if (spec["behavior"] is not JsonObject behavior)
            return;
        Scaling(behavior.Ensure("scaleUp"), 0, ("Pods", 4), ("Percent", 100));
        Scaling(behavior.Ensure("scaleDown"), null, ("Percent", 100));

        static void Scaling(JsonObject rules, int? window, params ReadOnlySpan<(string Type, int Value)> policies)
        {
            if (window is { } seconds)
                rules.Default("stabilizationWindowSeconds", seconds);
            rules.Default("selectPolicy", "Max");
            if (rules["policies"] is JsonArray)
                return;
            var list = new JsonArray();
            foreach (var (type, value) in policies)
                list.Add(new JsonObject { ["type"] = type, ["value"] = Json.Number(value), ["periodSeconds"] = Json.Number(15) });
            rules["policies"] = list;
        }
    }
}
