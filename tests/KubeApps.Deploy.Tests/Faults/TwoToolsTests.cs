using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>Two processes of the real tool deploy one app at the same moment.</summary>
public sealed class TwoToolsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_TwoAtOnce_OneAfterTheOther(bool isSameVersion)
    {
        var app = isSameVersion ? "twins" : "rivals";
        var ends = await Task.WhenAll(DeployAsync("1"), DeployAsync(isSameVersion ? "1" : "2"));

        Assert.All(ends, end => Assert.True(end.ExitCode == 0, $"{end}"));
        // Of the same version, the second one finds that there is nothing to do.
        Assert.Equal(isSameVersion ? 1 : 2, ends.Count(end => end.Error.Contains($"{app} is deployed on", StringComparison.Ordinal)));
        var revisions = await new RevisionStore(cluster.Client).ListAsync(app, app, Token);
        Assert.Equal(isSameVersion ? [1] : [1, 2], revisions.Select(revision => revision.Number));
        Assert.All(revisions, revision => Assert.Equal(RevisionOutcome.Deployed, revision.State.Outcome));
        var inventory = await InventoryStore.ReadAsync(cluster.Client, app, app, Token);
        Assert.Equal((true, revisions.Count), (inventory!.IsComplete, inventory.Revision));
        var configuration = (await cluster.Client.ListAsync(ResourceType.ConfigMap, app, null, Token)).Items.Select(item => (string)item["metadata"]!["name"]!);
        Assert.Single(configuration, name => name.StartsWith("settings-", StringComparison.Ordinal));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token));

        async Task<ToolEnd> DeployAsync(string version)
        {
            using var server = cluster.ServerClient();
            await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, new KillPoint(-1));
            using var process = await new KilledTool(cluster).StartAsync(Bundle(app, TimeSpan.FromSeconds(60), Config($"settings-{version}"), WebService), proxy, Token, "--wait-for-lock");
            return await ToolEnd.OfAsync(process, Token);
        }
    }
}
