using System.Globalization;
using System.Text.Json.Nodes;
using static KubeApps.Sandbox.Api.Tables.Cells;

namespace KubeApps.Sandbox.Api.Tables;

internal static class AutoscalerCells
{
    private const int ShownMetrics = 2;

    public static string Targets(JsonObject autoscaler)
    {
        var metrics = autoscaler["spec"]?["metrics"] as JsonArray ?? [];
        if (metrics.Count == 0)
            return "<none>";
        var current = autoscaler["status"]?["currentMetrics"] as JsonArray ?? [];
        var texts = metrics.Select((metric, index) => Target(metric!, index < current.Count ? current[index] : null)).ToList();
        return texts.Count <= ShownMetrics
            ? string.Join(", ", texts)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", texts.Take(ShownMetrics))} + {texts.Count - ShownMetrics} more...");
    }

    private static string Target(JsonNode metric, JsonNode? status)
    {
        var type = (string?)metric["type"];
        var source = type switch
        {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            "External" => "external",
            _ => null,
        };
        if (source is null)
            return "<unknown type>";
        var target = metric[source]?["target"];
        var actual = status?[source]?["current"];
        // Metrics of pods are named; the others only show what they measure against.
        var prefix = type is "Resource" or "ContainerResource" ? $"{Text(metric[source]?["name"])}: " : "";
        if (target?["averageUtilization"] is { } utilization)
            return $"{prefix}{(actual?["averageUtilization"] is { } used ? $"{Text(used)}%" : "<unknown>")}/{Text(utilization)}%";
        if (target?["averageValue"] is { } average)
        {
            var suffix = type is "Object" or "External" ? " (avg)" : "";
            return $"{prefix}{(actual?["averageValue"] is { } used ? Text(used) : "<unknown>")}/{Text(average)}{suffix}";
        }

        return $"{prefix}{(actual?["value"] is { } value ? Text(value) : "<unknown>")}/{Text(target?["value"])}";
    }
}
