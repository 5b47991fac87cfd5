using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>What the users of an app notice of its update: nothing.</summary>
[Collection(nameof(UnderLoad))]
public sealed class UpdateUnderLoadTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    [Fact]
    public async Task Deploy_NewVersionUnderLoad_LosesNoRequest()
    {
        var timeout = TimeSpan.FromMinutes(2);
        var before = await DeployAsync(Bundle("busy", timeout, cluster.Web(2), WebService));
        var url = cluster.Reach(before.Urls);

        var (requests, lost) = await Wrk.DuringAsync(url, async () =>
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("busy", timeout, cluster.Web(2, null, null, "serve", "again"), WebService))).Outcome));

        Assert.True(requests > 100, $"There was hardly any load: {requests} requests.");
        Assert.Equal(0, lost);
    }

    private Task<DeployResult> DeployAsync(Bundles.Bundle bundle) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), TestContext.Current.CancellationToken);
}
