using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Fleet;

/// <summary>What a cluster costs in an hour, as far as its machines tell it and the table of prices knows them.</summary>
/// <param name="Identity">What tells the cluster from every other one: several contexts may lead to it.</param>
/// <param name="Nodes">How many machines it has.</param>
/// <param name="Cost">What has a price.</param>
/// <param name="Unpriced">What has none, in words: it is not in the sum.</param>
/// <param name="Doubts">What of the table is less sure.</param>
internal sealed record FleetCost(string? Identity, int Nodes, ClusterCost Cost, IReadOnlyList<string> Unpriced, IReadOnlyList<string> Doubts)
{
    private const string Type = "node.kubernetes.io/instance-type";
    private const string Region = "topology.kubernetes.io/region";

    /// <summary>Asks the cluster itself, whatever led there: AWS is not asked.</summary>
    public static async Task<FleetCost> ReadAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var version = client.SendAsync(HttpMethod.Get, "/version", null, cancellationToken);
        // The namespace that no cluster is without, and that nobody makes anew.
        var system = client.GetAsync(ResourceType.Namespace, null, "kube-system", cancellationToken);
        var nodes = client.ListAsync(ResourceType.Node, null, null, cancellationToken);
        await Task.WhenAll(version, system, nodes);
        return Of((string?)(await version)["gitVersion"] ?? "", (await nodes).Items, EksPrices.Table) with { Identity = (string?)(await system)?["metadata"]?["uid"] };
    }

    /// <summary>Pure.</summary>
    /// <param name="version">What the API server calls its version: that of EKS says so.</param>
    /// <param name="nodes">Its machines.</param>
    /// <param name="prices">The table.</param>
    public static FleetCost Of(string version, IReadOnlyList<JsonObject> nodes, EksPrices prices)
    {
        var (items, unpriced) = (new List<ClusterCostItem>(), new List<string>());
        if (version.Contains("-eks-", StringComparison.Ordinal))
        {
            if (nodes.Select(node => Label(node, Region)).FirstOrDefault(region => region is not null) is not { } home)
                unpriced.Add("the control plane (no machine says in which region)");
            else if (prices.Regions.GetValueOrDefault(home) is { } region)
                items.Add(new("control plane", region.ControlPlane));
            else
                unpriced.Add($"the control plane in {home}");
        }

        foreach (var group in nodes.Select(Machine.Of).GroupBy(machine => machine).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
            Add(group.Key, group.Count());
        return new FleetCost(null, nodes.Count, new ClusterCost(prices.Currency, prices.Date, items), unpriced, [.. DoubtsOf(nodes, prices)]);

        void Add(Machine machine, int count)
        {
            var region = machine.Region is { } place ? prices.Regions.GetValueOrDefault(place) : null;
            // What a spot machine costs changes by the hour: on demand is the most.
            if (machine.IsPodOfFargate || region is null || machine.Type is null || region.Machine(machine.Type) is not { } price)
                unpriced.Add($"{count} × {machine}");
            else
                items.Add(new($"{count} × {machine}", count * price));
            if (!machine.IsPodOfFargate && region is not null && machine.Disk > 0)
                items.Add(new(string.Create(CultureInfo.InvariantCulture, $"{count} × {machine.Disk} GiB gp3"), count * machine.Disk * region.DiskGib));
        }
    }

    private static IEnumerable<string> DoubtsOf(IReadOnlyList<JsonObject> nodes, EksPrices prices) =>
        from region in nodes.Select(node => Label(node, Region)).OfType<string>().Distinct().Order(StringComparer.Ordinal)
        where prices.Regions.GetValueOrDefault(region) is { Doubt: not null }
        select $"The prices of {region} are less sure: {prices.Regions[region].Doubt}";

    private static string? Label(JsonObject node, string name) => (string?)node["metadata"]?["labels"]?[name];

    /// <summary>What machines that cost the same have in common.</summary>
    private sealed record Machine(string? Type, string? Region, bool IsSpot, bool IsPodOfFargate, int Disk)
    {
        public static Machine Of(JsonObject node) => new(
            Label(node, FleetCost.Type), Label(node, FleetCost.Region),
            Label(node, "eks.amazonaws.com/capacityType") == "SPOT" || Label(node, "karpenter.sh/capacity-type") == "spot",
            Label(node, "eks.amazonaws.com/compute-type") == "fargate", DiskOf((string?)node["status"]?["capacity"]?["ephemeral-storage"]));

        /// <inheritdoc/>
        public override string ToString() => IsPodOfFargate ? $"pod on Fargate in {Region}"
            : Type is null || Region is null ? "machine that does not say what it is"
            : $"{Type}{(IsSpot ? " (spot, at most)" : "")} in {Region}";

        // A file system takes a little of the disk that it is on.
        private static int DiskOf(string? capacity) =>
            capacity is [.. var digits, 'K', 'i'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? (int)((size + (1 << 20) - 1) >> 20) : 0;
    }
}
