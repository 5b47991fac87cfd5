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
        ["WAVE", "CLUSTER", "APP", "ENVIRONMENT", "NAMESPACE", "OUTCOME", "REVISION", "TIME", "MESSAGE"], results.Zip(Waves(order, results.Count), (result, wave) => (string[])
        [
            $"{wave}", Printable.Of(result.Item.Cluster.Name), Printable.Of(result.Item.Inventory.App), Printable.Of(result.Item.Inventory.Environment),
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
        document["apps"] = Json.Array(results.Zip(Waves(order, results.Count)), item => new JsonObject
        {
            ["wave"] = item.Second,
            ["cluster"] = item.First.Item.Cluster.Name,
            ["app"] = item.First.Item.Inventory.App,
            ["environment"] = item.First.Item.Inventory.Environment,
            ["namespace"] = item.First.Item.Inventory.Namespace,
            ["outcome"] = Outcome(item.First),
            ["revision"] = item.First.Value?.Revision,
            ["rolledBackTo"] = item.First.Value?.RolledBackTo,
            ["applied"] = item.First.Value?.HasApplied ?? false,
            ["urls"] = Json.Array(item.First.Value?.Urls ?? [], url => url),
            ["failures"] = Json.Array(item.First.Value?.Failures ?? [], Json.Of),
            ["diagnostics"] = Json.Array(item.First.Value?.Diagnostics ?? item.First.Problems, Json.Of),
            ["elapsedSeconds"] = Json.Seconds(item.First.Elapsed),
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

    private static IEnumerable<int> Waves(FleetOrder order, int count) => order.Sizes(count).SelectMany((size, wave) => Enumerable.Repeat(wave + 1, size));
}
