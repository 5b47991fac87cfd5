using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>How a rollout's state is written into the inventory.</summary>
internal static class RolloutJson
{
    public static string Write(Rollout rollout) => new JsonObject
    {
        ["phase"] = Word(rollout.Phase),
        ["live"] = rollout.Live?.Word(),
        ["next"] = rollout.Next?.Word(),
        ["since"] = Time(rollout.Since),
        ["keepOldSeconds"] = rollout.KeepOld.TotalSeconds,
        ["services"] = Array(rollout.Services, service => new JsonObject
        {
            ["id"] = Of(service.Id),
            ["before"] = service.Before?.ToJson(),
            ["from"] = service.From?.ToJson(),
            ["to"] = service.To.ToJson(),
            ["after"] = service.After.ToJson(),
            ["pinnedTo"] = service.PinnedTo,
        }),
        ["workloads"] = Array(rollout.Workloads, Of),
        ["added"] = Array(rollout.Added, Of),
        ["retired"] = Array(rollout.Retired, Of),
        ["checked"] = Array(rollout.Checked, item => new JsonObject
        {
            ["deployment"] = item.Deployment,
            ["replicaSet"] = item.ReplicaSet,
            ["pods"] = Array(item.Pods, pod => pod),
        }),
        ["former"] = rollout.Former is { } former
            ? new JsonObject { ["hash"] = former.Hash, ["commit"] = former.Commit, ["revision"] = former.Revision, ["deployedAt"] = former.DeployedAt is { } at ? Time(at) : null }
            : null,
    }.ToJsonString();

    public static Rollout? Read(string? text)
    {
        if (text is null || JsonNode.Parse(text) is not JsonObject content || !Enum.TryParse<RolloutPhase>((string?)content["phase"], ignoreCase: true, out var phase))
            return null;
        return new Rollout(phase, Slots.Parse((string?)content["live"]), Slots.Parse((string?)content["next"]), Time(content["since"]) ?? default)
        {
            KeepOld = TimeSpan.FromSeconds((double?)content["keepOldSeconds"] ?? 0),
            Services = List(content["services"], item => new ServiceSwitch(
                Id(item["id"]!), Selector.Of(item["before"]), Selector.Of(item["from"]), Selector.Of(item["to"])!, Selector.Of(item["after"])!, (string?)item["pinnedTo"])),
            Workloads = List(content["workloads"], Id),
            Added = List(content["added"], Id),
            Retired = List(content["retired"], Id),
            Checked = List(content["checked"], item => new CheckedPods(
                (string)item["deployment"]!, (string)item["replicaSet"]!, List(item["pods"], pod => (string)pod!))),
            Former = content["former"] is JsonObject former
                ? new FormerRelease((string?)former["hash"] ?? "", (string?)former["commit"], (int?)former["revision"], Time(former["deployedAt"]))
                : null,
        };
    }

    public static string Word(RolloutPhase phase) => phase.ToString().ToLowerInvariant();

    private static JsonObject Of(ObjectId id) =>
        new() { ["apiVersion"] = id.ApiVersion, ["kind"] = id.Kind, ["namespace"] = id.Namespace, ["name"] = id.Name };

    private static ObjectId Id(JsonNode item) => new((string)item["apiVersion"]!, (string)item["kind"]!, (string?)item["namespace"], (string)item["name"]!);

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];

    private static IReadOnlyList<T> List<T>(JsonNode? array, Func<JsonNode, T> read) => [.. (array as JsonArray ?? []).OfType<JsonNode>().Select(read)];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(JsonNode? text) =>
        DateTimeOffset.TryParse((string?)text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
