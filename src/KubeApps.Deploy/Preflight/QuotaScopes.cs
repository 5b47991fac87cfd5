using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Preflight;

/// <summary>
/// Which pods a quota counts: https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes. One with scopes counts nothing but pods.
/// Pure.
/// </summary>
internal static class QuotaScopes
{
    public static bool AreOf(JsonObject quota) => quota["spec"]?["scopes"] is JsonArray { Count: > 0 } || quota["spec"]?["scopeSelector"] is JsonObject;

    /// <summary>Whether a pod is counted. One whose scope is not known here is not: better no forecast than a wrong one.</summary>
    public static bool Match(JsonObject quota, JsonNode? template, PodCost cost) =>
        (quota["spec"]?["scopes"] as JsonArray ?? []).All(scope => Matches((string?)scope, "Exists", [], template, cost))
        && (quota["spec"]?["scopeSelector"]?["matchExpressions"] as JsonArray ?? []).OfType<JsonObject>().All(expression => Matches(
            (string?)expression["scopeName"], (string?)expression["operator"] ?? "Exists", [.. (expression["values"] as JsonArray ?? []).Select(value => (string?)value)], template, cost));

    private static bool Matches(string? scope, string verb, HashSet<string?> values, JsonNode? template, PodCost cost)
    {
        var pod = template?["spec"];
        switch (scope)
        {
            case "Terminating":
                return pod?["activeDeadlineSeconds"] is not null;
            case "NotTerminating":
                return pod?["activeDeadlineSeconds"] is null;
            case "BestEffort":
                return IsBestEffort(template, cost);
            case "NotBestEffort":
                return !IsBestEffort(template, cost);
            case "PriorityClass":
                var name = (string?)pod?["priorityClassName"];
                return verb switch
                {
                    "Exists" => name is not null,
                    "DoesNotExist" => name is null,
                    "In" => name is not null && values.Contains(name),
                    "NotIn" => name is null || !values.Contains(name),
                    _ => false,
                };
            default:
                return false;
        }
    }

    private static bool IsBestEffort(JsonNode? template, PodCost cost)
    {
        var amounts = cost.Of(template);
        return ((string[])["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]).All(resource => amounts[resource] == 0);
    }
}
