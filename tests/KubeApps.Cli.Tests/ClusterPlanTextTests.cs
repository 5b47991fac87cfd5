using KubeApps.Cli.Rendering;
using KubeApps.Deploy.Clusters;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests;

/// <summary>What a plan for a cluster says to people: steps, time, and money, with what a full update costs more shown apart.</summary>
public sealed class ClusterPlanTextTests
{
    private static readonly ClusterPlan Plan = new(
        new ClusterChange.Ensure("shop-prod-2", new ClusterOwner("shop", "prod"), new ClusterSpecification()),
        [
            new ClusterStep("network", "Make the network", ClusterAction.Create, []) { Details = ["10.0.0.0/16 in 2 zones"], Expected = TimeSpan.FromMinutes(2) },
            new ClusterStep("control-plane", "Make the control plane", ClusterAction.Create, ["network"]) { Expected = TimeSpan.FromMinutes(9.5) },
            new ClusterStep("tags", "Tag what there is", ClusterAction.Change, []),
        ])
    {
        Cost = new ClusterCost(
            "USD", new DateOnly(2026, 11, 1), [new("control plane", 0.10m), new("3 × m7g.large (spot)", 0.0987m), new("NAT gateway, for all clusters of the app", 0.052m, IsShared: true)]),
    };

    [Fact]
    public void Lines_OfAPlanThatCosts_HaveTheOverlapOfAFullUpdateApart() =>
        Snapshot.Matches(string.Join('\n', ClusterPlanText.Lines(Plan)) + "\n", "ClusterPlan.txt");

    [Fact]
    public void Lines_OfAPlanThatCostsNothing_SayNothingOfMoney() =>
        Assert.DoesNotContain("hour", string.Join('\n', ClusterPlanText.Lines(Plan with { Cost = null })), StringComparison.Ordinal);
}
