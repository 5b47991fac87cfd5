using System.Text.Json.Nodes;
using KubeApps.Deploy.Fleet;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>The documents of the <c>fleet</c> commands.</summary>
internal static class FleetJson
{
    public static JsonObject Of(FleetApps fleet)
    {
        var document = Json.Document("FleetList");
        document["clusters"] = Clusters(fleet);
        document["apps"] = Json.Array(fleet.Apps, app =>
        {
            var item = Of(app);
            item["complete"] = app.Inventory.IsComplete;
            item["transient"] = app.Inventory.IsTransient;
            item["bundle"] = app.Inventory.Bundle;
            return item;
        });
        return document;
    }

    public static JsonObject Of(FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, FleetStatus>> apps, TimeSpan elapsed)
    {
        var document = Json.Document("FleetStatus");
        document["healthy"] = FleetText.IsHealthy(fleet, apps);
        document["clusters"] = Clusters(fleet);
        document["apps"] = Json.Array(apps, result =>
        {
            var item = Of(result.Item);
            item["state"] = FleetText.State(result);
            item["ready"] = result.Value?.Ready;
            item["desired"] = result.Value?.Desired;
            item["message"] = result.Value?.Message;
            item["urls"] = Json.Array(result.Value?.Status.Urls ?? [], url => url);
            item["diagnostics"] = Json.Array(result.Problems, Json.Of);
            item["elapsedSeconds"] = Json.Seconds(result.Elapsed);
            return item;
        });
        document["elapsedSeconds"] = Json.Seconds(elapsed);
        return document;
    }

    /// <summary>Which app it is, and where: the beginning of each entry about one.</summary>
    public static JsonObject Whose(FleetApp app) => new()
    {
        ["cluster"] = app.Cluster.Name,
        ["region"] = app.Cluster.Region,
        ["account"] = app.Cluster.Account,
        ["app"] = app.Inventory.App,
        ["environment"] = app.Inventory.Environment,
        ["namespace"] = app.Inventory.Namespace,
    };

    public static JsonObject Of(FleetApp app)
    {
        var item = Whose(app);
        item["revision"] = app.Inventory.Revision;
        item["commit"] = app.Inventory.Commit;
        item["deployedAt"] = app.Inventory.DeployedAt?.UtcDateTime;
        return item;
    }

    public static JsonArray Clusters(FleetApps fleet) => Json.Array(fleet.Clusters, result => new JsonObject
    {
        ["name"] = result.Item.Name,
        ["region"] = result.Item.Region,
        ["account"] = result.Item.Account,
        ["outcome"] = Json.Camel(result.Outcome),
        ["found"] = result.Value?.Apps.Count,
        ["diagnostics"] = Json.Array(result.Problems, Json.Of),
        ["elapsedSeconds"] = Json.Seconds(result.Elapsed),
    });
}
