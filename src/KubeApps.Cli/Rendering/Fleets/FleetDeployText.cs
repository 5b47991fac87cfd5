using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>What <c>fleet deploy</c> leaves on stdout.</summary>
internal static class FleetDeployText
{
    public static IEnumerable<string> Table(FleetOrder order, IReadOnlyList<FleetResult<FleetApp, DeployResult>> results) => results.Count == 0 ? [] : PlainTable.Of(
        ["WAVE", "CLUSTER", "APP", "ENVIRONMENT", "NAMESPACE", "OUTCOME", "REVISION", "TIME", "MESSAGE"], results.Zip(order.Numbers(results.Count), (result, wave) => (string[])
        [
            $"{wave}", Printable.Of(result.Item.Cluster.Title), Printable.Of(result.Item.Inventory.App), Printable.Of(result.Item.Inventory.Environment),
            Printable.Of(result.Item.Inventory.Namespace), Outcome(result), $"{result.Value?.Revision}", result.Outcome == FleetOutcome.Skipped ? "" : Rendering.Words.Seconds(result.Elapsed),
            Printable.Line((result.Value?.Diagnostics ?? result.Problems).FirstOrDefault()?.Cause ?? "", 140),
        ]));

    public static JsonObject Document(
        Bundle bundle, bool isDry, FleetOrder order, FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, DeployResult>> results, TimeSpan elapsed)
    {
        var document = Json.Document("FleetDeploy");
        document["app"] = bundle.App;
        document["commit"] = bundle.Commit;
        document["bundle"] = bundle.Reference;
        document["dryRun"] = isDry;
        document["waves"] = Json.Array(order.Sizes(results.Count), size => size);
        document["clusters"] = FleetJson.Clusters(fleet);
        document["apps"] = Json.Array(results.Zip(order.Numbers(results.Count)), pair =>
        {
            var (result, item) = (pair.First, FleetJson.Whose(pair.First.Item));
            item["wave"] = pair.Second;
            item["outcome"] = Outcome(result);
            item["revision"] = result.Value?.Revision;
            item["rolledBackTo"] = result.Value?.RolledBackTo;
            item["applied"] = result.Value?.HasApplied ?? false;
            item["urls"] = Json.Array(result.Value?.Urls ?? [], url => url);
            item["failures"] = Json.Array(result.Value?.Failures ?? [], Json.Of);
            item["diagnostics"] = Json.Array(result.Value?.Diagnostics ?? result.Problems, Json.Of);
            item["elapsedSeconds"] = Json.Seconds(result.Elapsed);
            return item;
        });
        document["elapsedSeconds"] = Json.Seconds(elapsed);
        return document;
    }

    public static string Words(DeployOutcome outcome) => outcome switch
    {
        DeployOutcome.RolledBack => "not deployed, and back at the last good revision",
        DeployOutcome.TimedOut => "did not come up in time",
        _ => Json.Camel(outcome),
    };

    private static string Outcome(FleetResult<FleetApp, DeployResult> result) => result.Value is { } value ? Json.Camel(value.Outcome) : Json.Camel(result.Outcome);
}
