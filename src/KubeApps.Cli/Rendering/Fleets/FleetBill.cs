using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>What <c>fleet cost</c> leaves: a line for each cluster, each once, and the sum.</summary>
internal sealed record FleetBill(IReadOnlyList<FleetBillItem> Items)
{
    /// <summary>Whether it is known of every cluster what is in it. What has no price does not count: it is named.</summary>
    public bool IsComplete => Items.All(item => item.Result.Value is not null);

    public static FleetBill Of(FleetApps fleet, IReadOnlyList<FleetResult<FleetCluster, FleetCost>> costs)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        return new FleetBill(
        [
            .. costs.Where(cost => cost.Value?.Identity is not { } identity || known.Add(identity))
                .Select(cost => new FleetBillItem(cost, [.. fleet.Apps.Where(app => app.Cluster == cost.Item)])),
        ]);
    }

    public IEnumerable<string> Table() => Items.Count == 0 ? [] : PlainTable.Of(
        ["CLUSTER", "APPS", "MACHINES", "HOURLY", "MONTHLY", "WITHOUT A PRICE"], Items.Select(item => (string[])
        [
            Printable.Of(item.Result.Item.Title), Printable.Line(string.Join(", ", item.Apps.Select(app => $"{app.Inventory.App} ({app.Inventory.Environment})")), 60),
            $"{item.Result.Value?.Nodes}", Money(item.Result.Value?.Cost.Hourly), Money(item.Result.Value?.Cost.Hourly * EksRegionPrices.HoursOfMonth),
            Printable.Line(item.Result.Value is { } cost ? string.Join(", ", cost.Unpriced) : item.Result.Problems.FirstOrDefault()?.Cause ?? "unknown", 140),
        ]));

    /// <summary>The sum, and what nobody may read into it.</summary>
    public string Summary() =>
        $"{Money(Hourly)} {EksPrices.Table.Currency} an hour, {Money(Hourly * EksRegionPrices.HoursOfMonth)} in a month of {EksRegionPrices.HoursOfMonth} hours, by the prices of"
            + $" {EksPrices.Table.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}. Networks, balancers, volumes, logs and traffic are not in it, nor is what was agreed with AWS"
            + $"{(Items.Any(item => item.Result.Value is not { Unpriced: [] }) ? "; nor what has no price above" : "")}.";

    /// <summary>What of the table is less sure, each once.</summary>
    public IEnumerable<string> Doubts => Items.SelectMany(item => item.Result.Value?.Doubts ?? []).Distinct();

    public JsonObject ToDocument(FleetApps fleet)
    {
        var document = Json.Document("FleetCost");
        document["currency"] = EksPrices.Table.Currency;
        document["pricesOf"] = EksPrices.Table.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        document["hourly"] = Hourly;
        document["monthly"] = Hourly * EksRegionPrices.HoursOfMonth;
        document["doubts"] = Json.Array(Doubts, doubt => doubt);
        document["clusters"] = FleetJson.Clusters(fleet);
        document["costs"] = Json.Array(Items, item => new JsonObject
        {
            ["cluster"] = item.Result.Item.Name,
            ["region"] = item.Result.Item.Region,
            ["account"] = item.Result.Item.Account,
            ["apps"] = Json.Array(item.Apps, app => new JsonObject { ["app"] = app.Inventory.App, ["environment"] = app.Inventory.Environment }),
            ["machines"] = item.Result.Value?.Nodes,
            ["hourly"] = item.Result.Value?.Cost.Hourly,
            ["monthly"] = item.Result.Value?.Cost.Hourly * EksRegionPrices.HoursOfMonth,
            ["items"] = Json.Array(item.Result.Value?.Cost.Items ?? [], priced => new JsonObject { ["what"] = priced.What, ["hourly"] = priced.Hourly }),
            ["unpriced"] = Json.Array(item.Result.Value?.Unpriced ?? [], what => what),
            ["diagnostics"] = Json.Array(item.Result.Problems, Json.Of),
            ["elapsedSeconds"] = Json.Seconds(item.Result.Elapsed),
        });
        return document;
    }

    private decimal Hourly => Items.Sum(item => item.Result.Value?.Cost.Hourly ?? 0);

    private static string Money(decimal? amount) => amount?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";
}

/// <param name="Result">What became of asking the cluster.</param>
/// <param name="Apps">Those of the fleet that stand in it: in a cluster of its own, one.</param>
internal sealed record FleetBillItem(FleetResult<FleetCluster, FleetCost> Result, IReadOnlyList<FleetApp> Apps);
