using KubeApps.Cli.Commands;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Deploy.Targets;

namespace KubeApps.Cli.Tests;

public class DeployOrderTests
{
    private static readonly DeployOrder Plain = new(null, null, new TargetChoice(null, null), null, DryRun: false, null);

    private static readonly SavedPlan Saved = new(
        "shop", "prod", "shop-eu", null, DateTimeOffset.UnixEpoch, new SavedTarget("context prod", "https://cluster.example", "uid"), "sha256:1",
        new Dictionary<string, string>(), true, [], [])
    {
        Order = new SavedOrder("blueGreen", true, false, new ApplyPolicy(Adopt: true)),
    };

    [Fact]
    public void By_SavedPlan_DoesItInTheWayThatWasPlanned()
    {
        var order = Plain.By(Saved);

        Assert.Equal(("prod", "shop-eu", "blueGreen"), (order.Environment, order.Namespace, order.Strategy));
        Assert.Equal((true, false, new ApplyPolicy(Adopt: true)), (order.Hold, order.Soak, order.Policy));
    }

    [Fact]
    public void By_SavedPlan_AddsWhatIsSaidBesides()
    {
        var order = (Plain with { Policy = new ApplyPolicy(ForceConflicts: true), Soak = false }).By(Saved with { Order = new SavedOrder("rolling") });

        Assert.Equal((false, false, new ApplyPolicy(ForceConflicts: true)), (order.Hold, order.Soak, order.Policy));
    }
}
