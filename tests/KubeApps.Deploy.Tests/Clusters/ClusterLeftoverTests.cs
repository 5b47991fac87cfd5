using KubeApps.Deploy.Clusters;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What is left of clusters that are gone, and what only looks so.</summary>
public sealed class ClusterLeftoverTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 17, 20, 0, TimeSpan.Zero);
    private static readonly ClusterOwner Shop = new("shop", "prod");
    private static readonly ClusterOwner Blog = new("blog", "prod");

    [Fact]
    public void SpareNew_OwnerOfSomethingNew_KeepsAllThatIsTheirs()
    {
        ClusterLeftover[] found =
        [
            new("Role", "shop-prod-2-nodes", "shop-prod-2") { Owner = Shop, MadeAt = Now.AddMinutes(-3) },
            new("Role", "shop-prod-2-cluster", "shop-prod-2") { Owner = Shop, MadeAt = Now.AddMinutes(-4) },
            new("Network", "vpc-1", "shop-prod") { Owner = Shop, MadeAt = Now.AddDays(-9) },
            new("Volume", "vol-1", "shop-prod-1") { Owner = Shop, Reason = "it may hold data" },
            new("Role", "blog-prod-1-nodes", "blog-prod-1") { Owner = Blog, MadeAt = Now.AddHours(-1) },
            new("LoadBalancer", "k8s-shop", "shop-prod-1"),
        ];

        var spared = ClusterLeftover.SpareNew(found, Now, TimeSpan.FromHours(1));

        const string Reason = "a cluster of shop (prod) may be in the making: the last of this was made at 2026-11-27 17:17:00 UTC";
        Assert.Equal([Reason, Reason, Reason, "it may hold data", null, null], spared.Select(item => item.Reason));
        Assert.Equal(found[3..], ClusterLeftover.WithoutNew(found, Now));
    }

    [Fact]
    public void SpareNew_NothingNew_ChangesNothing()
    {
        ClusterLeftover[] found = [new("Role", "a", "shop-prod-1") { Owner = Shop, MadeAt = Now.AddHours(-2) }, new("Network", "vpc-1", "shop-prod") { Owner = Shop }];

        Assert.Equal(found, ClusterLeftover.SpareNew(found, Now, TimeSpan.FromHours(1)));
    }
}
