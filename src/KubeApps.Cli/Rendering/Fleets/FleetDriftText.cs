using System.Text.Json.Nodes;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>What <c>fleet drift</c> leaves on stdout: a line for each object that somebody touched.</summary>
internal static class FleetDriftText
{
    private const int Longest = 140;

    public static IEnumerable<string> Table(IReadOnlyList<FleetResult<FleetApp, DriftReport>> apps)
    {
        var rows = (from result in apps
                    from drift in result.Value?.Objects ?? []
                    select (string[])
                    [
                        Printable.Of(result.Item.Cluster.Title), Printable.Of(result.Item.Inventory.App), Printable.Of(result.Item.Inventory.Environment), drift.Kind.ToString(),
                        Printable.Of(drift.Id.ToString()), Printable.Line(string.Join(", ", drift.Fields.Select(Words.Drift)), Longest),
                    ]).ToList();
        return rows.Count == 0 ? [] : PlainTable.Of(["CLUSTER", "APP", "ENVIRONMENT", "DRIFT", "OBJECT", "FIELDS"], rows);
    }

    public static JsonObject Document(FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, DriftReport>> apps)
    {
        var document = Json.Document("FleetDrift");
        document["clusters"] = FleetJson.Clusters(fleet);
        document["apps"] = Json.Array(apps, result =>
        {
            var item = FleetJson.Of(result.Item);
            item["drift"] = Json.Array(result.Value?.Objects ?? [], Json.Of);
            Json.WriteHowDriftWasSeen(item, result.Value);
            item["diagnostics"] = Json.Array(result.Problems, Json.Of);
            item["elapsedSeconds"] = Json.Seconds(result.Elapsed);
            return item;
        });
        return document;
    }
}
