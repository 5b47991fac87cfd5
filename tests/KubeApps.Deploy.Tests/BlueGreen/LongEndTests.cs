using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.Faults;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>Pods may take as long to end as their specification says: what they have begun is finished.</summary>
public sealed class LongEndTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // For who promotes a minute takes three seconds: four minutes are more than a workload without a word about it gets.
    [Fact]
    public async Task Promote_OverPodsThatTakeLongToEnd_WaitsForThem()
    {
        var app = new SlottedApp(cluster, "draining");
        await app.DeployAsync(Version("one"));
        var serving = await app.DeployAsync(Version("two").KeepingOld(TimeSpan.FromHours(1)), soak: false);
        Assert.Equal(RolloutPhase.Soaking, serving.Rollout!.Phase);
        using var connection = cluster.Connect(new FastClock(20));

        var result = await new SlottedApp(cluster, "draining") { Connection = connection }.PromoteAsync();

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Deployment, "draining", "web-blue", Token));

        Bundles.Bundle Version(string version)
        {
            var web = cluster.Web(1, null, null, "serve", version);
            var pod = web.Content["spec"]!["template"]!["spec"]!;
            pod["terminationGracePeriodSeconds"] = 600;
            pod["containers"]![0]!["lifecycle"] = Parse("""{"preStop":{"sleep":{"seconds":12} } }""");
            return app.Version([WebService, web]);
        }
    }
}
