using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Updates;

/// <summary>How a full update is kept in a cluster: a ConfigMap in the app's namespace.</summary>
internal static class FullUpdateObject
{
    private const string Entry = "update";
    private const string SchemaVersion = "1";

    public static string NameOf(string app) => $"kubeapp-update-{app}";

    public static JsonObject Of(FullUpdate update, string app, string ns) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = NameOf(app),
            ["namespace"] = ns,
            ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "kubeapp" },
        },
        ["data"] = new JsonObject { ["schemaVersion"] = SchemaVersion, [Entry] = Write(update) },
    };

    /// <summary>What a cluster says; null where none is under way.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static async Task<FullUpdate?> ReadAsync(KubeClient client, string app, string ns, CancellationToken cancellationToken) =>
        Read(await client.GetAsync(ResourceType.ConfigMap, ns, NameOf(app), cancellationToken), app);

    /// <summary>Null where none is under way.</summary>
    /// <exception cref="DiagnosticException">Somebody else, or a newer version, wrote it: to guess which cluster serves would be dangerous.</exception>
    public static FullUpdate? Read(JsonObject? content, string app)
    {
        if (content is null)
            return null;
        try
        {
            return (string?)content["data"]?["schemaVersion"] == SchemaVersion && (string?)content["data"]?[Entry] is { } text
                ? Read(JsonNode.Parse(text)!)
                : throw new FormatException("it is not of a schema that this version knows.");
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.UpdateStateUnreadable.Because($"What {NameOf(app)} says about the full update of {app} cannot be read: {failure.Message}"));
        }
    }

    public static string Word(UpdatePhase phase) => phase.ToString().ToLowerInvariant();

    private static string Write(FullUpdate update) => new JsonObject
    {
        ["from"] = update.From,
        ["to"] = update.To,
        ["phase"] = Word(update.Phase),
        ["since"] = Text(update.Since),
        ["version"] = update.Terms.Version,
        ["commit"] = update.Terms.Commit,
        ["shares"] = new JsonArray([.. update.Terms.Shares.Select(share => (JsonNode)share)]),
        ["oneWayJobs"] = new JsonArray([.. update.Terms.OneWayJobs.Select(job => (JsonNode)job)]),
        ["watchSeconds"] = update.Terms.Watch.TotalSeconds,
        ["soakSeconds"] = update.Terms.Soak.TotalSeconds,
        ["silenceSeconds"] = update.Terms.Silence.TotalSeconds,
        ["patienceSeconds"] = update.Terms.Patience.TotalSeconds,
        ["record"] = update.Record is { } record ? new JsonObject
        {
            ["mark"] = record.Mark.Write(),
            ["startedAt"] = Text(record.StartedAt),
            ["by"] = record.By.Name,
            ["runUrl"] = record.By.RunUrl,
            ["runAttempt"] = record.By.Attempt,
        } : null,
    }.ToJsonString();

    private static FullUpdate Read(JsonNode content) => new(
        (string?)content["from"], Required(content["to"], "to"),
        Enum.GetValues<UpdatePhase>().Cast<UpdatePhase?>().FirstOrDefault(phase => Word(phase!.Value) == (string?)content["phase"]) ?? throw new FormatException($"there is no phase '{content["phase"]}'."),
        KubeTime.Read(content["since"]) ?? throw new FormatException("it does not say since when."),
        new UpdateTerms(Required(content["version"], "version"))
        {
            Commit = (string?)content["commit"],
            Shares = [.. (content["shares"] as JsonArray ?? throw new FormatException("it has no shares.")).Select(share => (int)share!)],
            OneWayJobs = [.. (content["oneWayJobs"] as JsonArray ?? []).Select(job => (string)job!)],
            Watch = Seconds(content["watchSeconds"]),
            Soak = Seconds(content["soakSeconds"]),
            Silence = Seconds(content["silenceSeconds"]),
            Patience = Seconds(content["patienceSeconds"]),
        })
    {
        Record = content["record"] is JsonObject record && RecordMark.Read((string?)record["mark"]) is { Rollout: not null } mark && KubeTime.Read(record["startedAt"]) is { } startedAt
            ? new UpdateMark(mark, startedAt, new Author((string?)record["by"] ?? "", (string?)record["runUrl"]) { Attempt = (int?)record["runAttempt"] })
            : null,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Required(JsonNode? text, string name) => (string?)text ?? throw new FormatException($"it has no '{name}'.");

    private static TimeSpan Seconds(JsonNode? number) => TimeSpan.FromSeconds((double?)number ?? 0);
}
