using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Fleet;
using KubeApps.Deploy.Tests.Clusters;
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

        var clusters = await FleetSources.OfProviderAsync(ClusterProviders.OfEks(account.Settings, TimeProvider.System, entersAsListed: true), null, TimeProvider.System, Token);

        Assert.Equal(["blog-prod-1", "shop-prod-2"], clusters.Select(cluster => cluster.Name));
        Assert.All(clusters, cluster => Assert.Equal((account.Id, account.Region), (cluster.Account, cluster.Region)));
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

        using var found = await FindAsync(await FleetSources.OfProviderAsync(ClusterProviders.OfEks(settings, TimeProvider.System), null, TimeProvider.System, Token));

        var unread = Assert.Single(found.Clusters);
        Assert.Equal(($"EKS {settings.Account}/{account.Region}", code), (unread.Item.Name, unread.Problems[0].Code));
        Assert.False(found.IsComplete);
    }

    [Fact]
    public async Task Eks_OfARegionThatNeverAnswers_IsOverAtItsLimit()
    {
        using var account = await aws.NewAccountAsync();
        account.Next("eks:ListClusters", Fault.Hang);

        var unread = Assert.Single(await FleetSources.OfProviderAsync(ClusterProviders.OfEks(account.Settings, TimeProvider.System), TimeSpan.FromSeconds(0.5), TimeProvider.System, Token));

        var told = Assert.Single(unread.Unreadable!.Diagnostics);
        Assert.Equal(("KUBEAPP8150", $"EKS {account.Id}/{account.Region} did not list its clusters within 0.5 seconds."), (told.Code, told.Cause));
    }

    private static Task<FleetApps> FindAsync(IReadOnlyList<FleetCluster> clusters) =>
        FleetApps.FindAsync(clusters, null, FleetSelector.All, new FleetRunner(new FleetOrder(), TimeProvider.System), new EventLog(), Token);

    [Fact]
    public async Task Eks_OfWhoIsEntered_IsNotAskedForAgain()
    {
        var clock = new AwsClock();
        using var account = await aws.NewAccountAsync(clock);
        account.Endpoints = _ => new ClusterEndpoint(new Uri("https://127.0.0.1:1"), Certificate);
        await account.NewClusterAsync("shop-prod-1", new ClusterOwner("shop", "prod"));
        clock.Pass(TimeSpan.FromHours(1));
        var cluster = Assert.Single(await FleetSources.OfProviderAsync(ClusterProviders.OfEks(account.Settings, clock, entersAsListed: true), null, clock, Token));
        var asked = account.Requests.Count;

        using var connection = await cluster.ConnectAsync(new EventLog(), Token);
        var kubeconfig = await cluster.KubeconfigAsync(new EventLog(), Token);

        Assert.Equal(asked, account.Requests.Count);
        Assert.Equal("shop-prod-1", (string?)kubeconfig["current-context"]);
    }

    [Fact]
    public void Distinguish_OfClustersOfOneName_SaysAsMuchOfThePlaceAsIsNeeded()
    {
        FleetCluster[] clusters =
        [
            Cluster("shop-prod-1", "1", "eu-central-1"), Cluster("shop-prod-1", "1", "us-east-1"), Cluster("shop-prod-1", "2", "us-east-1"), Cluster("blog-prod-1", "1", "us-east-1"), Cluster("shop-prod-1", null, null),
        ];

        Assert.Equal(
            ["eu-central-1/shop-prod-1", "1/us-east-1/shop-prod-1", "2/us-east-1/shop-prod-1", "blog-prod-1", "shop-prod-1"], FleetCluster.Distinguish(clusters).Select(cluster => cluster.Title));

        static FleetCluster Cluster(string name, string? account, string? region) =>
            new(name, (_, _) => throw new NotSupportedException(), (_, _) => throw new NotSupportedException()) { Account = account, Region = region };
    }

    private static string Certificate
    {
        get
        {
            using var key = System.Security.Cryptography.ECDsa.Create();
            using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=kubernetes", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
            return certificate.ExportCertificatePem();
        }
    }
}
