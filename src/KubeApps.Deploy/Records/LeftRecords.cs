using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>What one destroy left.</summary>
/// <param name="Name">Of the object that keeps it.</param>
/// <param name="Revisions">Those that it took away, and the destroy itself.</param>
internal sealed record LeftRecord(string Name, IReadOnlyList<Revision> Revisions);

/// <summary>
/// What GitHub is owed of an app whose revisions are gone, because it was destroyed: a ConfigMap for each destroy in its namespace, until somebody
/// delivers it.
/// </summary>
internal sealed class LeftRecords(KubeClient client)
{
    private const string Label = "kubeapps.dev/records-of";

    public static string NameOf(Revision destroy) => string.Create(CultureInfo.InvariantCulture, $"kubeapp-records-{destroy.App}-{destroy.StartedAt.ToUnixTimeMilliseconds()}");

    /// <summary>The namespaces in which something of an app was left; null looks into all.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string app, string? ns, CancellationToken cancellationToken) =>
        [.. (await FindAsync(app, ns, cancellationToken)).Select(item => (string)item["metadata"]!["namespace"]!).Distinct()];

    /// <summary>What destroys of an app left in a namespace, the oldest first: one request.</summary>
    public async Task<IReadOnlyList<LeftRecord>> ReadAsync(string app, string ns, CancellationToken cancellationToken) =>
        [.. (await FindAsync(app, ns, cancellationToken)).Select(item => new LeftRecord((string)item["metadata"]!["name"]!, Read(item))).OrderBy(item => item.Name, StringComparer.Ordinal)];

    public Task WriteAsync(string app, string ns, LeftRecord left, CancellationToken cancellationToken) =>
        client.ApplyAsync(ResourceType.ConfigMap, ObjectOf(app, ns, left), dryRun: false, cancellationToken, force: true);

    public async Task DeleteAsync(string ns, string name, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(ResourceType.ConfigMap, ns, name, cancellationToken) is { } stored)
            await client.DeleteAsync(ResourceType.ConfigMap, ns, name, (string)stored["metadata"]!["uid"]!, "Background", cancellationToken);
    }

    /// <summary>Whether a failure is that of the cluster: then what is owed is lost, and nothing else.</summary>
    public static bool IsExpected(Exception failure) => failure is ApiException or DiagnosticException or OperationCanceledException;

    internal static JsonObject ObjectOf(string app, string ns, LeftRecord left) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = left.Name,
            ["namespace"] = ns,
            ["labels"] = new JsonObject { [Label] = app, ["app.kubernetes.io/managed-by"] = "kubeapp" },
        },
        ["data"] = new JsonObject
        {
            ["schemaVersion"] = "1",
            ["revisions"] = new JsonArray([.. left.Revisions.Select(item =>
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
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return [];
        }
    }

    private async Task<List<JsonObject>> FindAsync(string app, string? ns, CancellationToken cancellationToken) =>
        (await client.ListAsync(ResourceType.ConfigMap, ns, "labelSelector=" + Uri.EscapeDataString($"{Label}={app}"), cancellationToken)).Items;
}
