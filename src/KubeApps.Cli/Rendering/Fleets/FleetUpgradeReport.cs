using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>What <c>fleet upgrade</c> will do, and then what it did: a line for each cluster.</summary>
/// <param name="Version">The version that all shall have.</param>
/// <param name="Order">In which order. Clusters that cannot be upgraded have failed before the first begins.</param>
/// <param name="Items">All that are meant, in the order of the fleet.</param>
internal sealed record FleetUpgradeReport(string Version, FleetOrder Order, IReadOnlyList<FleetUpgradeItem> Items)
{
    private static readonly string[] Head = ["WAVE", "CLUSTER", "APP", "ENVIRONMENT", "VERSION", "OUTCOME", "TIME", "MESSAGE"];

    /// <summary>Whether it is said only what will be done.</summary>
    public bool IsPlan { get; private init; } = true;

    /// <summary>Those for which there is something to do: the waves are theirs.</summary>
    public IReadOnlyList<FleetCluster> Waiting => [.. Items.Where(item => item.IsWaiting).Select(item => item.Cluster)];

    public bool CanBegin => !Order.HasStopped([]);

    public int Failures => Items.Count(item => Outcome(item) is "failed" or "timedOut");

    /// <summary>How many did not get their turn.</summary>
    public int Untouched => Items.Count(item => Outcome(item) == "skipped");

    public bool IsGood => Items.All(item => Outcome(item) is "planned" or "upgraded" or "unchanged");

    public static FleetUpgradeReport Of(string version, FleetOrder order, IReadOnlyList<FleetResult<FleetCluster, FleetUpgrade>> planned)
    {
        var items = planned.Select(plan => new FleetUpgradeItem(plan)).ToList();
        var waves = new Queue<int>(order.Numbers(items.Count(item => item.IsWaiting)));
        return new FleetUpgradeReport(version, order, [.. items.Select(item => item.IsWaiting ? item with { Wave = waves.Dequeue() } : item)]);
    }

    /// <summary>What became of it; nothing where none began.</summary>
    public FleetUpgradeReport With(IReadOnlyList<FleetResult<FleetCluster, FleetUpgrade>> results)
    {
        var left = new Queue<FleetResult<FleetCluster, FleetUpgrade>>(results);
        return this with { IsPlan = false, Items = [.. Items.Select(item => item.IsWaiting && left.TryDequeue(out var result) ? item with { Result = result } : item)] };
    }

    public IEnumerable<string> Table() => Items.Count == 0 ? [] : PlainTable.Of(Head, Items.Select(item => (string[])
    [
        $"{item.Wave}", Printable.Of(item.Cluster.Title), Printable.Of(item.Cluster.Home?.Cluster.Owner.App ?? ""), Printable.Of(item.Cluster.Home?.Cluster.Owner.Environment ?? ""),
        item.Plan.Value is { } upgrade ? upgrade.From == upgrade.To ? upgrade.To : $"{upgrade.From ?? "?"} → {upgrade.To}" : Printable.Of(item.Cluster.Home?.Cluster.Version ?? ""),
        Outcome(item), Time(item), Printable.Line(item.Problems is [var problem, ..] ? problem.Cause : item.IsWaiting ? string.Join("; ", item.Plan.Value!.Plan.Steps.Select(step => step.Title)) : "", 140),
    ]));

    public string Question() => $"Upgrade {Words.Count(Waiting.Count, "cluster")} to {Version} ({string.Join(", then ", Order.Sizes(Waiting.Count))})? There is no way back to an older version.";

    public string Summary() => $"{string.Join(", ", Items.CountBy(Outcome).OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Value} {count.Key}"))}.";

    public JsonObject ToDocument(bool isDry, TimeSpan elapsed)
    {
        var document = Json.Document("FleetUpgrade");
        document["version"] = Version;
        document["dryRun"] = isDry;
        document["waves"] = Json.Array(Order.Sizes(Waiting.Count), size => size);
        document["clusters"] = Json.Array(Items, item => new JsonObject
        {
            ["wave"] = item.Wave,
            ["cluster"] = item.Cluster.Name,
            ["region"] = item.Cluster.Region,
            ["account"] = item.Cluster.Account,
            ["app"] = item.Cluster.Home?.Cluster.Owner.App,
            ["environment"] = item.Cluster.Home?.Cluster.Owner.Environment,
            ["outcome"] = Outcome(item),
            ["from"] = item.Plan.Value?.From ?? item.Cluster.Home?.Cluster.Version,
            ["to"] = item.Plan.Value?.To,
            ["expectedSeconds"] = item.Expected.TotalSeconds,
            ["steps"] = Json.Array(item.Plan.Value?.Plan.Steps ?? [], ClusterJson.Of),
            ["diagnostics"] = Json.Array(item.Problems, Json.Of),
            ["elapsedSeconds"] = Json.Seconds(item.Elapsed),
        });
        document["elapsedSeconds"] = Json.Seconds(elapsed);
        return document;
    }

    private string Outcome(FleetUpgradeItem item) => item switch
    {
        { Plan.Outcome: not FleetOutcome.Done } => Json.Camel(item.Plan.Outcome),
        { IsWaiting: false } or { Result.Value.Plan.IsNoOp: true } => "unchanged",
        { Result.Outcome: FleetOutcome.Done } => "upgraded",
        { Result: { } result } => Json.Camel(result.Outcome),
        _ => IsPlan ? "planned" : "skipped",
    };

    private string Time(FleetUpgradeItem item) => Outcome(item) switch
    {
        "planned" => string.Create(CultureInfo.InvariantCulture, $"about {Math.Ceiling(item.Expected.TotalMinutes):0} min"),
        "unchanged" or "skipped" => "",
        _ => Words.Seconds(item.Elapsed),
    };
}

/// <param name="Plan">What became of looking what is to be done.</param>
internal sealed record FleetUpgradeItem(FleetResult<FleetCluster, FleetUpgrade> Plan)
{
    /// <summary>Its wave; null where there is nothing to do, or nothing can be done.</summary>
    public int? Wave { get; init; }

    /// <summary>What became of doing it; null as long as its turn has not come.</summary>
    public FleetResult<FleetCluster, FleetUpgrade>? Result { get; init; }

    public FleetCluster Cluster => Plan.Item;

    public bool IsWaiting => Plan is { Outcome: FleetOutcome.Done, Value.Plan.IsNoOp: false };

    public IReadOnlyList<Diagnostics.Diagnostic> Problems => Result?.Problems ?? Plan.Problems;

    /// <summary>How long it takes as a rule.</summary>
    public TimeSpan Expected => ClusterSteps.Expected(Plan.Value?.Plan.Steps ?? []);

    public TimeSpan Elapsed => Result?.Elapsed ?? Plan.Elapsed;
}
