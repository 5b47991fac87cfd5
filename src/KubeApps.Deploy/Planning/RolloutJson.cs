using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

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
        ["extraGraceSeconds"] = rollout.ExtraGrace.TotalSeconds,
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
        ["changed"] = Array(rollout.Changed, Of),
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

    /// <summary>Null of an app that was never deployed blue/green.</summary>
    /// <exception cref="DiagnosticException">Somebody else, or a newer version, wrote it: to guess at what serves would be dangerous.</exception>
    public static Rollout? Read(string? text, string app)
    {
        if (text is null)
            return null;
        try
        {
            return Read(JsonNode.Parse(text));
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.SlotStateUnreadable.Because($"What the inventory of {app} says about its slots cannot be read: {failure.Message}"));
        }
    }

    public static string Word(RolloutPhase phase) => phase.ToString().ToLowerInvariant();

    private static Rollout Read(JsonNode? content) => new(Phase(content?["phase"]), SlotOf(content!["live"]), SlotOf(content["next"]), KubeTime.Read(content["since"]) ?? default)
    {
        KeepOld = TimeSpan.FromSeconds((double?)content["keepOldSeconds"] ?? 0),
        ExtraGrace = TimeSpan.FromSeconds((double?)content["extraGraceSeconds"] ?? 0),
        Services = List(content["services"], item => new ServiceSwitch(
            Id(item["id"]), Selector.Of(item["before"]), Selector.Of(item["from"]), Required(Selector.Of(item["to"]), "to"), Required(Selector.Of(item["after"]), "after"), (string?)item["pinnedTo"])),
        Workloads = List(content["workloads"], Id),
        Added = List(content["added"], Id),
        Changed = List(content["changed"], Id),
        Retired = List(content["retired"], Id),
        Checked = List(content["checked"], item => new CheckedPods(Text(item["deployment"]), Text(item["replicaSet"]), List(item["pods"], Text))),
        Former = content["former"] is { } former
            ? new FormerRelease((string?)former["hash"] ?? "", (string?)former["commit"], (int?)former["revision"], KubeTime.Read(former["deployedAt"]))
            : null,
    };

    private static RolloutPhase Phase(JsonNode? word) =>
        Enum.GetValues<RolloutPhase>().Cast<RolloutPhase?>().FirstOrDefault(phase => Word(phase!.Value) == (string?)word) ?? throw new FormatException($"There is no phase '{word}'.");

    private static Slot? SlotOf(JsonNode? word) => word is null ? null : Slots.Parse((string?)word) ?? throw new FormatException($"There is no slot '{word}'.");

    private static JsonObject Of(ObjectId id) =>
        new() { ["apiVersion"] = id.ApiVersion, ["kind"] = id.Kind, ["namespace"] = id.Namespace, ["name"] = id.Name };

    private static ObjectId Id(JsonNode? item) => new(Text(item?["apiVersion"]), Text(item?["kind"]), (string?)item?["namespace"], Text(item?["name"]));

    private static string Text(JsonNode? text) => Required((string?)text, "a name");

    private static T Required<T>(T? value, string what) where T : class => value ?? throw new FormatException($"There is no value for {what}.");

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];

    private static IReadOnlyList<T> List<T>(JsonNode? array, Func<JsonNode, T> read) => array is null ? [] : [.. array.AsArray().Select(item => read(item ?? throw new FormatException("An entry of a list is empty.")))];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
