using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Tests.Rollouts;

namespace KubeApps.Deploy.Tests;

/// <summary>Recordings of a real cluster, see Recorded/README.md.</summary>
internal static class Recording
{
    public static JsonNode Read(string file) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", file)))!;

    /// <summary>A workload that does not come up, as it was recorded, and its logs.</summary>
    public static (RolloutView View, JsonObject Logs) Failure(string name)
    {
        var recorded = Read("failures.json")[name]!;
        var workload = (JsonObject)(recorded["deployment"] ?? recorded["job"])!;
        var created = DateTimeOffset.Parse((string)workload["metadata"]!["creationTimestamp"]!, CultureInfo.InvariantCulture);
        var view = Views.Of(
            workload, Items(recorded["replicaSets"], "apps/v1", "ReplicaSet"), Items(recorded["pods"], "v1", "Pod"), Objects(recorded["events"]), created + TimeSpan.FromSeconds(75));
        return (view, (JsonObject)recorded["logs"]!);
    }

    public static List<JsonObject> Objects(JsonNode? list) => [.. (list as JsonArray ?? []).OfType<JsonObject>()];

    // A list does not say of its items what they are; a client knows.
    private static List<JsonObject> Items(JsonNode? list, string apiVersion, string kind)
    {
        var items = Objects(list);
        foreach (var item in items)
            (item["apiVersion"], item["kind"]) = (apiVersion, kind);
        return items;
    }

    public static string? Log(JsonObject logs, LogSource? source) =>
        source is not null && logs[$"{source.Pod}/{source.Container}{(source.Previous ? " previous" : "")}"]?["body"] is JsonValue text ? (string?)text : null;
}
