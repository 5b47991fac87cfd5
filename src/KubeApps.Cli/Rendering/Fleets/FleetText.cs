using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>The tables of the <c>fleet</c> commands.</summary>
internal static class FleetText
{
    private static readonly string[] Head = ["CLUSTER", "APP", "ENVIRONMENT", "NAMESPACE", "REVISION", "COMMIT", "DEPLOYED"];

    public static IEnumerable<string> Of(FleetApps fleet, DateTimeOffset now) =>
        fleet.Apps.Count == 0 ? [] : PlainTable.Of([.. Head, "STATE"], fleet.Apps.Select(app => (string[])[.. Cells(app, now), app.Inventory.IsComplete ? "complete" : "not complete"]));

    public static IEnumerable<string> Of(IReadOnlyList<FleetResult<FleetApp, FleetStatus>> apps, DateTimeOffset now) => apps.Count == 0 ? [] : PlainTable.Of(
        [.. Head, "READY", "STATE", "MESSAGE"], apps.Select(result => (string[])
        [
            .. Cells(result.Item, now), result.Value is { } status ? $"{status.Ready}/{status.Desired}" : "", State(result),
            Printable.Line(result.Value?.Message ?? result.Problems.FirstOrDefault()?.Cause ?? "", 140),
        ]));

    public static bool IsHealthy(FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, FleetStatus>> apps) =>
        fleet.IsComplete && apps.All(result => result.Value is { Health: FleetHealth.Healthy });

    public static string State(FleetResult<FleetApp, FleetStatus> result) => result.Value is { } status ? Json.Camel(status.Health) : "unknown";

    private static string[] Cells(FleetApp app, DateTimeOffset now) =>
    [
        Printable.Of(app.Cluster.Title), Printable.Of(app.Inventory.App), Printable.Of(app.Inventory.Environment), Printable.Of(app.Inventory.Namespace), $"{app.Inventory.Revision}",
        app.Inventory.Commit is { } commit ? Printable.Of(Printable.Commit(commit)) : "", app.Inventory.DeployedAt is { } at ? $"{Words.Age(now - at)} ago" : "",
    ];
}
