using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Fleet;

namespace KubeApps.Deploy.Tests.Fleet;

public sealed class FleetCostTests
{
    private static readonly EksPrices Prices = new(
        new DateOnly(2026, 7, 20), "USD", "test",
        new Dictionary<string, EksRegionPrices>
        {
            ["eu"] = new(0.1m, 0.6m, 0.05m, 0.005m, 0.073m, new Dictionary<string, IReadOnlyDictionary<string, decimal>> { ["m7g"] = new Dictionary<string, decimal> { ["large"] = 0.2m } }),
        });

    [Fact]
    public void Of_MachinesOfOneKind_PricesThemTogetherWithTheirDisksAndTheControlPlane()
    {
        // A disk of 20 GiB, less what its file system takes.
        var cost = FleetCost.Of("v1.34.1-eks-113cf36", [Node("m7g.large", "eu", "20893676Ki"), Node("m7g.large", "eu", "20893676Ki")], Prices);

        Assert.Equal(
            [("control plane", 0.1m), ("2 × m7g.large in eu", 0.4m), ("2 × 20 GiB gp3", 0.004m)], cost.Cost.Items.Select(item => (item.What, item.Hourly)));
        Assert.Empty(cost.Unpriced);
        Assert.Equal((2, 0.504m, new DateOnly(2026, 7, 20)), (cost.Nodes, cost.Cost.Hourly, cost.Cost.PricesOf));
    }

    [Fact]
    public void Of_WhatHasNoPrice_NamesItAndKeepsItOutOfTheSum()
    {
        var fargate = Node(null, "eu", null);
        fargate["metadata"]!["labels"]!["eks.amazonaws.com/compute-type"] = "fargate";
        var spot = Node("m7g.large", "eu", null);
        spot["metadata"]!["labels"]!["eks.amazonaws.com/capacityType"] = "SPOT";

        var cost = FleetCost.Of("v1.34.1", [Node("x9.large", "eu", null), Node("m7g.large", "mars", "20893676Ki"), Node(null, null, null), fargate, spot], Prices);

        Assert.Equal(["1 × m7g.large (spot, at most) in eu"], cost.Cost.Items.Select(item => item.What));
        Assert.Equal(["1 × m7g.large in mars", "1 × machine that does not say what it is", "1 × pod on Fargate in eu", "1 × x9.large in eu"], cost.Unpriced);
    }

    [Theory]
    [InlineData("us-east-1", 0.0816, 0)]
    [InlineData("us-west-2", 0.0816, 1)]
    [InlineData("eu-central-1", 0.0978, 1)]
    [InlineData("eu-west-1", 0.091, 1)]
    public void Of_ARegionOfTheTable_HasItsPriceAndSaysWhereThatIsLessSure(string region, double expected, int doubts)
    {
        var cost = FleetCost.Of("v1.34.1", [Node("m7g.large", region, null)], EksPrices.Table);

        Assert.Equal((decimal)expected, cost.Cost.Hourly);
        Assert.Equal(doubts, cost.Doubts.Count);
    }

    [Theory]
    [InlineData("mars", "the control plane in mars")]
    [InlineData(null, "the control plane (no machine says in which region)")]
    public void Of_AControlPlaneThatNobodyCanPrice_SaysSo(string? region, string expected) =>
        Assert.Contains(expected, FleetCost.Of("v1.34.1-eks-113cf36", [Node(null, region, null)], Prices).Unpriced);

    private static JsonObject Node(string? type, string? region, string? disk)
    {
        var labels = new JsonObject();
        if (type is not null)
            labels["node.kubernetes.io/instance-type"] = type;
        if (region is not null)
            labels["topology.kubernetes.io/region"] = region;
        return new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels }, ["status"] = new JsonObject { ["capacity"] = new JsonObject { ["ephemeral-storage"] = disk } } };
    }
}
