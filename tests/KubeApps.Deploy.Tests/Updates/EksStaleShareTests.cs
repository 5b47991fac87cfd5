using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Somebody deleted a cluster in the console that had a share of the load: its records are still there when the next one goes.</summary>
public sealed class EksStaleShareTests(AwsStandIn aws)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Remove_ClusterWithMostOfTheLoadIsGone_TakesTheNameAway()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.PlantClusterAsync("shop-prod-2", "2");
        await ShareAsync(shop, ("shop-prod-1", 95), ("shop-prod-2", 5));
        await LoseAsync(shop, "shop-prod-1");

        await RemoveAsync(shop, "shop-prod-2");

        Assert.Equal(" | ", shop.Text());
    }

    [Fact]
    public async Task Remove_AnotherOneStandsThatHadAPart_GivesThatAllLoad()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.PlantClusterAsync("shop-prod-2", "2");
        await shop.PlantClusterAsync("shop-prod-3", "3");
        await ShareAsync(shop, ("shop-prod-1", 50), ("shop-prod-2", 25), ("shop-prod-3", 25));
        await ShareAsync(shop, ("shop-prod-1", 40), ("shop-prod-2", 60), ("shop-prod-3", 0));
        await LoseAsync(shop, "shop-prod-2");

        await RemoveAsync(shop, "shop-prod-3");

        Assert.Equal("shop-prod-1:1 | shop-prod-1=100", shop.Text());
    }

    private static Task ShareAsync(EksClustersOfShop shop, params (string Name, int Share)[] shares) =>
        shop.Provider.Load.WriteAsync(EksClustersOfShop.Shop, shares.ToDictionary(share => share.Name, share => share.Share), null, Token);

    private static async Task LoseAsync(EksClustersOfShop shop, string name)
    {
        using var access = await AwsAccess.OpenAsync(shop.Account.Settings, Token);
        await access.Eks.DeleteClusterAsync(new(name), Token);
        shop.PassTime(TimeSpan.FromHours(1));
    }

    private static async Task RemoveAsync(EksClustersOfShop shop, string name)
    {
        var plan = await shop.Provider.PlanAsync(new ClusterChange.Remove(name, EksClustersOfShop.Shop), Token);
        await shop.Provider.ExecuteAsync(plan, new EventLog(), Token);
    }
}
