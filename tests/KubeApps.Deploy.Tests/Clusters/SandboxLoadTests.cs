using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What the users of an app notice when its clusters change: nothing.</summary>
[Collection(nameof(UnderLoad))]
public sealed class SandboxLoadTests(SandboxClusters clusters) : IClassFixture<SandboxClusters>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ILoadSharing Load => clusters.Provider.Load;

    [Theory]
    [InlineData("kept")]
    [InlineData("fresh", "-H", "Connection: close")]
    public async Task Shares_ThatMoveUnderLoadFromAClusterThatIsThenDeleted_LoseNoRequest(string app, params string[] connections)
    {
        var owner = new ClusterOwner(app, "prod");
        var old = await MakeAsync(owner, 1, "old");
        var next = await MakeAsync(owner, 2, "next");
        await Load.WriteAsync(owner, new Dictionary<string, int> { [old.Name] = 100, [next.Name] = 0 }, old.Name, Token);
        var address = (await Load.AddressAsync(owner, Token))!;

        var (requests, lost) = await Wrk.DuringAsync(address.ToString(), async () =>
        {
            foreach (var share in (int[])[5, 50, 100])
            {
                await Load.WriteAsync(owner, new Dictionary<string, int> { [old.Name] = 100 - share, [next.Name] = share }, next.Name, Token);
                if (app == "fresh")
                    await UntilArrivedAsync(next, share);
            }

            await clusters.DoAsync(new ClusterChange.Remove(old.Name, owner));
        }, connections);

        Assert.True(requests > 100, $"There was hardly any load: {requests} requests.");
        Assert.Equal(0, lost);
        Assert.Equal(new Dictionary<string, int> { [next.Name] = 100 }, await Load.ReadAsync(owner, Token));
        Assert.Equal(address, await Load.AddressAsync(owner, Token));
        Assert.Equal(0, (await Load.MeasureAsync(next, Minute, Token)).Errors);
        Assert.StartsWith("hello from next-", await AskAsync(address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shares_OfAProxyThatWasKilled_HoldWhenItIsAskedAgain_AndItHasCountedForAShorterTime()
    {
        var owner = new ClusterOwner("proxy", "prod");
        var cluster = await MakeAsync(owner, 1, "web");
        await Load.WriteAsync(owner, new Dictionary<string, int> { [cluster.Name] = 100 }, cluster.Name, Token);
        var address = (await Load.AddressAsync(owner, Token))!;
        await AskAsync(address);
        using (var process = System.Diagnostics.Process.GetProcessById(SandboxEndpoint.Read(clusters.Location.Edge.EndpointFile)!.Pid))
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        Assert.Equal(new Dictionary<string, int> { [cluster.Name] = 100 }, await Load.ReadAsync(owner, Token));
        Assert.Equal(address, await Load.AddressAsync(owner, Token));
        Assert.StartsWith("hello from web-", await AskAsync(address), StringComparison.Ordinal);
        Assert.InRange((await Load.MeasureAsync(cluster, Minute, Token)).Window, TimeSpan.Zero, TimeSpan.FromSeconds(50));
    }

    [Fact]
    public async Task Shares_OfAClusterWithoutTheApp_AreRefused_AndTheOthersHold()
    {
        var owner = new ClusterOwner("empty", "prod");
        var full = await MakeAsync(owner, 1, "web");
        var empty = await clusters.CreateAsync("empty-prod-2", owner);
        await Load.WriteAsync(owner, new Dictionary<string, int> { [full.Name] = 100, [empty.Name] = 0 }, full.Name, Token);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => Load.WriteAsync(owner, new Dictionary<string, int> { [full.Name] = 95, [empty.Name] = 5 }, empty.Name, Token));

        Assert.Equal("KUBEAPP8141", failure.Diagnostics[0].Code);
        Assert.Equal(100, (await Load.ReadAsync(owner, Token))[full.Name]);
    }

    [Fact]
    public async Task Remove_OfWhatServes_IsRefusedBesideAnother_AndTakesTheAddressWithTheLastOne()
    {
        var owner = new ClusterOwner("last", "prod");
        var cluster = await MakeAsync(owner, 1, "web");
        var other = await clusters.CreateAsync("last-prod-2", owner);
        await Load.WriteAsync(owner, new Dictionary<string, int> { [cluster.Name] = 100 }, cluster.Name, Token);

        var refusal = await Assert.ThrowsAsync<DiagnosticException>(() => clusters.DoAsync(new ClusterChange.Remove(cluster.Name, owner)));
        Assert.Equal("KUBEAPP8140", refusal.Diagnostics[0].Code);

        await clusters.DoAsync(new ClusterChange.Remove(other.Name, owner));
        await clusters.DoAsync(new ClusterChange.Remove(cluster.Name, owner));
        Assert.Null(await Load.AddressAsync(owner, Token));
        Assert.Empty(await Load.ReadAsync(owner, Token));
        Assert.Empty(await clusters.Provider.AuditAsync(owner, Token));
    }

    private async Task<AppCluster> MakeAsync(ClusterOwner owner, int number, string workload)
    {
        var cluster = await clusters.CreateAsync($"{owner.App}-{owner.Environment}-{number}", owner);
        await clusters.DeployAsync(cluster, workload);
        return cluster;
    }

    private async Task UntilArrivedAsync(AppCluster cluster, int atLeast)
    {
        while ((await Load.MeasureAsync(cluster, Minute, Token)).Requests < atLeast)
            await Task.Delay(20, Token);
    }

    private static async Task<string> AskAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return await client.GetStringAsync(address, Token);
    }
}
