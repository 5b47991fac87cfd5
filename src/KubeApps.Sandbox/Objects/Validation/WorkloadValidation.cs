using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for the kinds that make pods, and for those that count them.</summary>
internal static class WorkloadValidation
{
    private const string Mismatch = "`selector` does not match template `labels`";

    public static void Deployment(JsonObject spec, Problems problems)
    {
        problems.NonNegative("spec.replicas", spec["replicas"]);
        Selector(spec, "empty selector is invalid for deployment", problems);
        Template("spec.template", spec, problems);
        var strategy = spec["strategy"] as JsonObject ?? [];
        switch (Json.Text(strategy["type"]))
        {
            case "Recreate":
                if (strategy["rollingUpdate"] is not null)
                    problems.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "RollingUpdate":
                RollingUpdate("spec.strategy.rollingUpdate", strategy["rollingUpdate"] as JsonObject ?? [], problems);
                break;
            default:
                problems.Add(FieldError.NotSupported("spec.strategy.type", strategy["type"] ?? "", "Recreate", "RollingUpdate"));
                break;
        }

        problems.NonNegative("spec.minReadySeconds", spec["minReadySeconds"]);
        problems.NonNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]);
        if (spec["progressDeadlineSeconds"] is not { } deadline)
            return;
        problems.NonNegative("spec.progressDeadlineSeconds", deadline);
        if (Json.Integer(deadline) <= (Json.Integer(spec["minReadySeconds"]) ?? 0))
            problems.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }

    public static void ReplicaSet(JsonObject spec, Problems problems)
    {
        problems.NonNegative("spec.replicas", spec["replicas"]);
        problems.NonNegative("spec.minReadySeconds", spec["minReadySeconds"]);
        Selector(spec, "empty selector is invalid for deployment", problems);
        Template("spec.template", spec, problems);
    }

    public static void StatefulSet(JsonObject spec, Problems problems)
    {
        problems.NonNegative("spec.replicas", spec["replicas"]);
        Selector(spec, "empty selector is invalid for statefulset", problems);
        Template("spec.template", spec, problems, ClaimNames(spec));
    }

    public static void DaemonSet(JsonObject spec, Problems problems)
    {
        Selector(spec, "empty selector is invalid for daemonset", problems);
        Template("spec.template", spec, problems);
    }

    public static void Job(string at, JsonObject spec, Problems problems, bool hasSelector)
    {
        foreach (var name in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"])
            problems.NonNegative($"{at}.{name}", spec[name]);
        if (hasSelector)
        {
            if (spec["selector"] is not JsonObject selector)
                problems.Required($"{at}.selector");
            else if (!Matches(selector, spec["template"]?["metadata"]?["labels"] as JsonObject))
                problems.Invalid($"{at}.template.metadata.labels", Labels(spec), Mismatch);
        }

        if (spec["template"] is JsonObject template)
        {
            PodTemplate($"{at}.template", template, problems);
            if (Json.Text(template["spec"]?["restartPolicy"]) is not ("OnFailure" or "Never"))
                problems.Required($"{at}.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        }
    }

    public static void CronJob(JsonObject spec, Problems problems)
    {
        if (Json.Text(spec["schedule"]) is not { Length: > 0 } schedule)
            problems.Required("spec.schedule");
        else if (!schedule.StartsWith('@') && schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: not 5 } parts)
            problems.Invalid("spec.schedule", schedule, $"expected exactly 5 fields, found {parts.Length}: [{string.Join(' ', parts)}]");
        foreach (var name in (ReadOnlySpan<string>)["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
            problems.NonNegative($"spec.{name}", spec[name]);
        problems.OneOf("spec.concurrencyPolicy", spec["concurrencyPolicy"], "Allow", "Forbid", "Replace");
        if (spec["jobTemplate"]?["spec"] is JsonObject job)
            Job("spec.jobTemplate.spec", job, problems, hasSelector: false);
    }

    public static void Autoscaler(JsonObject spec, Problems problems)
    {
        var least = Json.Integer(spec["minReplicas"]);
        if (least < 1)
            problems.Invalid("spec.minReplicas", spec["minReplicas"], "must be greater than or equal to 1");
        var most = Json.Integer(spec["maxReplicas"]) ?? 0;
        if (most < 1)
            problems.Invalid("spec.maxReplicas", most, "must be greater than 0");
        if (most < least)
            problems.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        var target = spec["scaleTargetRef"] as JsonObject ?? [];
        foreach (var name in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (Json.Text(target[name]) is not { Length: > 0 } text)
                problems.Required($"spec.scaleTargetRef.{name}");
            else
                problems.Invalid($"spec.scaleTargetRef.{name}", text, Names.PathSegment(text));
        }

        var metrics = spec["metrics"] as JsonArray ?? [];
        for (var index = 0; index < metrics.Count; index++)
        {
            var metric = metrics[index] as JsonObject ?? [];
            var field = $"spec.metrics[{index}]";
            problems.OneOf($"{field}.type", metric["type"], "ContainerResource", "External", "Object", "Pods", "Resource");
            if (Json.Text(metric["type"]) != "Resource")
                continue;
            if (metric["resource"] is not JsonObject resource)
                problems.Required($"{field}.resource", "must populate information for the given metric source");
            else if (Json.Text(resource["name"]) is null or "")
                problems.Required($"{field}.resource.name", "must specify a resource name");
            else if (resource["target"]?["averageUtilization"] is { } share && Json.Integer(share) < 1)
                problems.Invalid($"{field}.resource.target.averageUtilization", share, "must be greater than 0");
        }
    }

    public static void DisruptionBudget(JsonObject spec, Problems problems)
    {
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
            problems.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        foreach (var name in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            if (spec[name] is not { } value)
                continue;
            problems.NumberOrPercent($"spec.{name}", value);
            if (Problems.Percent(Json.Text(value) ?? "") > 100)
                problems.Invalid($"spec.{name}", value, "must not be greater than 100%");
        }

        if (spec["selector"] is JsonObject selector)
            problems.LabelSelector("spec.selector", selector);
    }

    public static bool Matches(JsonObject? selector, JsonObject? labels)
    {
        if (selector is null)
            return false;
        foreach (var (key, value) in selector["matchLabels"] as JsonObject ?? [])
            if (Json.Text(labels?[key]) is not { } label || label != Json.Text(value))
                return false;
        foreach (var expression in selector.Items("matchExpressions"))
        {
            var label = Json.Text(labels?[Json.Text(expression["key"]) ?? ""]);
            var listed = label is not null && (expression["values"] as JsonArray ?? []).Any(value => Json.Text(value) == label);
            var matches = Json.Text(expression["operator"]) switch
            {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => label is not null,
                "DoesNotExist" => label is null,
                _ => false,
            };
            if (!matches)
                return false;
        }

        return true;
    }

    public static void PodTemplate(string at, JsonObject template, Problems problems, IEnumerable<string>? claims = null)
    {
        problems.Labels($"{at}.labels", template["metadata"]?["labels"]);
        problems.Annotations($"{at}.annotations", template["metadata"]?["annotations"]);
        var spec = (JsonObject)(template["spec"]?.DeepClone() ?? new JsonObject());
        // The claims of a StatefulSet become volumes of its pods.
        foreach (var claim in claims ?? [])
        {
            if (spec["volumes"] is not JsonArray volumes)
                spec["volumes"] = volumes = [];
            volumes.Add(new JsonObject { ["name"] = claim, ["emptyDir"] = new JsonObject() });
        }

        PodValidation.Check($"{at}.spec", spec, problems);
    }

    private static void Template(string at, JsonObject spec, Problems problems, IEnumerable<string>? claims = null)
    {
        var template = spec["template"] as JsonObject ?? [];
        if (!Matches(spec["selector"] as JsonObject, template["metadata"]?["labels"] as JsonObject))
            problems.Invalid($"{at}.metadata.labels", Labels(spec), Mismatch);
        PodTemplate(at, template, problems, claims);
        if (Json.Text(template["spec"]?["restartPolicy"]) is { Length: > 0 } policy && policy != "Always")
            problems.Add(FieldError.NotSupported($"{at}.spec.restartPolicy", policy, "Always"));
        if (template["spec"]?["activeDeadlineSeconds"] is not null)
            problems.Forbidden($"{at}.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported");
    }

    private static IEnumerable<string> ClaimNames(JsonObject spec) =>
        spec.Items("volumeClaimTemplates").Select(claim => Json.Text(claim["metadata"]?["name"])).OfType<string>();

    private static JsonNode? Labels(JsonObject spec) => spec["template"]?["metadata"]?["labels"];

    private static void Selector(JsonObject spec, string whenEmpty, Problems problems)
    {
        if (spec["selector"] is not JsonObject selector)
        {
            problems.Required("spec.selector");
            return;
        }

        problems.LabelSelector("spec.selector", selector);
        if (selector["matchLabels"] is not JsonObject { Count: > 0 } && selector["matchExpressions"] is not JsonArray { Count: > 0 })
            problems.Invalid("spec.selector", selector, whenEmpty);
    }

    private static void RollingUpdate(string at, JsonObject rolling, Problems problems)
    {
        problems.NumberOrPercent($"{at}.maxUnavailable", rolling["maxUnavailable"]);
        problems.NumberOrPercent($"{at}.maxSurge", rolling["maxSurge"]);
        if (IsZero(rolling["maxUnavailable"]) && IsZero(rolling["maxSurge"]))
            problems.Invalid($"{at}.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        if (Problems.Percent(Json.Text(rolling["maxUnavailable"]) ?? "") > 100)
            problems.Invalid($"{at}.maxUnavailable", rolling["maxUnavailable"], "must not be greater than 100%");

        static bool IsZero(JsonNode? value) => Json.Integer(value) == 0 || Problems.Percent(Json.Text(value) ?? "") == 0;
    }
}
