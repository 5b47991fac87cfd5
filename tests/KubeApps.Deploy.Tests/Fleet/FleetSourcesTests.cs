using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Fleet;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Fleet;

/// <summary>The clusters of an account and a region are the fleet by their tags; what cannot be read keeps nobody from the others.</summary>
public sealed class FleetSourcesTests(AwsStandIn aws)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eks_OfAnAccount_HasOursByNameAndTellsThoseThatAreNotReady()
    {
        using var account = await aws.NewAccountAsync();
        await account.NewClusterAsync("shop-prod-2", new ClusterOwner("shop", "prod"));
        await account.NewClusterAsync("blog-prod-1", new ClusterOwner("blog", "prod"));
        await account.NewClusterAsync("others", null);

        var clusters = await FleetSources.OfEksAsync(account.Settings, TimeProvider.System, Token);

        Assert.Equal(["blog-prod-1", "shop-prod-2"], clusters.Select(cluster => cluster.Name));
        using var found = await FindAsync(clusters);
        Assert.All(found.Clusters, cluster => Assert.Equal((FleetOutcome.Failed, "KUBEAPP8131"), (cluster.Outcome, cluster.Problems[0].Code)));
        Assert.Equal("blog-prod-1 of blog (prod) is creating.", found.Clusters[0].Problems[0].Cause);
    }

    [Theory]
    [InlineData("999999999999", "KUBEAPP8102")]
    [InlineData(null, "KUBEAPP8103")]
    public async Task Eks_OfWhatCannotBeRead_IsAsOneClusterThatCannot(string? wrongAccount, string code)
    {
        using var account = await aws.NewAccountAsync();
        var reader = account.NewUser("reader", "eks:DescribeCluster");
        var settings = account.Settings with { Account = wrongAccount ?? account.Id, Credentials = new Amazon.Runtime.BasicAWSCredentials(reader.AccessKey, reader.SecretKey) };

        using var found = await FindAsync(await FleetSources.OfEksAsync(settings, TimeProvider.System, Token));

        var unread = Assert.Single(found.Clusters);
        Assert.Equal(($"EKS {settings.Account}/{account.Region}", code), (unread.Item.Name, unread.Problems[0].Code));
        Assert.False(found.IsComplete);
    }

    private static Task<FleetApps> FindAsync(IReadOnlyList<FleetCluster> clusters) =>
        FleetApps.FindAsync(clusters, null, FleetSelector.All, new FleetRunner(new FleetOrder(), TimeProvider.System), new EventLog(), Token);
}
