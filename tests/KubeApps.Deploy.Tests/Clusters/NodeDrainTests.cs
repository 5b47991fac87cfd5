using System.Net.Http.Headers;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Pods leave machines that will go.</summary>
public class NodeDrainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GoOn_PodsThatNothingHolds_MovesThemAndLeavesThoseOfTheNode()
    {
        var cluster = new SmallCluster("old-1");
        cluster.Pods.AddRange(["web", "db", "agent DaemonSet", "proxy mirror", "done Succeeded"]);
        var drain = DrainOf(cluster);

        Assert.Equal("shop/web ends; shop/db ends", await drain.GoOnAsync(Token));
        Assert.Null(await drain.GoOnAsync(Token));

        Assert.Equal(["agent DaemonSet", "proxy mirror", "done Succeeded"], cluster.Pods);
        // Nothing comes back: the machine is closed before the first pod goes.
        Assert.Equal(["cordon old-1", "evict web", "evict db"], cluster.Writes);
    }

    [Fact]
    public async Task GoOn_BudgetHoldsAPod_AsksAgainUntilItMayGo()
    {
        var cluster = new SmallCluster("old-1") { HeldFor = 2 };
        cluster.Pods.Add("web");
        var drain = DrainOf(cluster);

        for (var look = 0; look < 2; look++)
            Assert.Equal("shop/web stays: The disruption budget web needs 2 healthy pods and has 2 currently", await drain.GoOnAsync(Token));
        Assert.Equal(["web"], cluster.Pods);
        Assert.Equal("shop/web ends", await drain.GoOnAsync(Token));
        Assert.Null(await drain.GoOnAsync(Token));
    }

    [Fact]
    public async Task GoOn_MachineThatIsDead_DoesNotWaitForItToEndPods()
    {
        var cluster = new SmallCluster("old-1") { IsReady = false };
        cluster.Pods.Add("web deleted");

        Assert.Null(await DrainOf(cluster).GoOnAsync(Token));
        cluster.IsReady = true;
        Assert.Equal("shop/web ends", await DrainOf(cluster).GoOnAsync(Token));
    }

    // Whoever moves it, ends it: kubectl drain wants --force for that.
    [Fact]
    public async Task GoOn_PodThatNobodyWouldMakeAnew_NamesItAndMovesNone()
    {
        var cluster = new SmallCluster("old-1");
        cluster.Pods.AddRange(["web", "debug bare", "proxy mirror"]);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => DrainOf(cluster).GoOnAsync(Token));

        Assert.Equal("KUBEAPP8137", failure.Diagnostics[0].Code);
        Assert.Contains("shop/debug", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Contains("kubectl -n shop delete pod debug", failure.Diagnostics[0].NextStep, StringComparison.Ordinal);
        Assert.Empty(cluster.Writes);
        cluster.Pods.Remove("debug bare");
        Assert.Equal("shop/web ends", await DrainOf(cluster).GoOnAsync(Token));
    }

    private static NodeDrain DrainOf(SmallCluster cluster) => new(
        new KubeClient(new HttpClient(cluster), "https://cluster.example", _ => Task.FromResult<AuthenticationHeaderValue?>(null), TimeProvider.System), "eks.amazonaws.com/nodegroup=old");
}
