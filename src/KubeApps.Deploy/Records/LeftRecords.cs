using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>
/// What GitHub is owed of an app whose revisions are gone, because it was destroyed: a ConfigMap in its namespace, until somebody delivers it.
/// </summary>
internal sealed class LeftRecords(KubeClient client)
{
    private const string Label = "kubeapps.dev/records-of";

    public static string NameOf(string app) => $"kubeapp-records-{app}";

    /// <summary>The namespaces in which something of an app was left; null looks into all.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string app, string? ns, CancellationToken cancellationToken) =>
        [.. (await client.ListAsync(ResourceType.ConfigMap, ns, "labelSelector=" + Uri.EscapeDataString($"{Label}={app}"), cancellationToken)).Items.Select(item => (string)item["metadata"]!["namespace"]!)];

    public async Task<IReadOnlyList<Revision>> ReadAsync(string app, string ns, CancellationToken cancellationToken) =>
        Read(await client.GetAsync(ResourceType.ConfigMap, ns, NameOf(app), cancellationToken));

    public Task WriteAsync(string app, string ns, IReadOnlyList<Revision> revisions, CancellationToken cancellationToken) =>
        client.ApplyAsync(ResourceType.ConfigMap, ObjectOf(app, ns, revisions), dryRun: false, cancellationToken, force: true);

    public async Task DeleteAsync(string app, string ns, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(ResourceType.ConfigMap, ns, NameOf(app), cancellationToken) is { } stored)
            await client.DeleteAsync(ResourceType.ConfigMap, ns, NameOf(app), (string)stored["metadata"]!["uid"]!, "Background", cancellationToken);
    }

    /// <summary>Whether a failure is that of the cluster: then what is owed is lost, and nothing else.</summary>
    public static bool IsExpected(Exception failure) => failure is ApiException or DiagnosticException or OperationCanceledException;

    internal static JsonObject ObjectOf(string app, string ns, IReadOnlyList<Revision> revisions) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = NameOf(app),
            ["namespace"] = ns,
            ["labels"] = new JsonObject { [Label] = app, ["app.kubernetes.io/managed-by"] = "kubeapp" },
        },
        ["data"] = new JsonObject
        {
            ["schemaVersion"] = "1",
            ["revisions"] = new JsonArray([.. revisions.Select(item =>
            {
                var stored = RevisionObject.Of(item, null);
                stored["metadata"]!["uid"] = item.Uid;
                return (JsonNode)stored;
            })]).ToJsonString(),
        },
    };

    internal static IReadOnlyList<Revision> Read(JsonObject? stored)
    {
        try
        {
            return stored?["data"] is JsonObject data && (string?)data["schemaVersion"] == "1" && JsonNode.Parse((string?)data["revisions"] ?? "[]") is JsonArray list
                ? [.. list.OfType<JsonObject>().Select(RevisionObject.Read).OfType<Revision>()]
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
