using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

public sealed class EksClustersTests(AwsStandIn aws)
{
    private static readonly ClusterOwner Owner = new("shop", "prod");

    [Fact]
    public async Task List_OfAnOwner_GoesByTagsAndNotByNames()
    {
        using var account = await aws.NewAccountAsync();
        account.Delays = Delays.None;
        await account.NewClusterAsync("blue", Owner);
        await account.NewClusterAsync("shop-prod-2", Owner with { Environment = "staging" });
        await account.NewClusterAsync("shop-prod-3", null, new Dictionary<string, string> { ["kubeapps.dev/app"] = "shop", ["kubeapps.dev/environment"] = "prod" });
        await account.NewClusterAsync("shop-prod-4", null);
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);

        var own = await EksClusters.ListAsync(access.Eks, Owner, TestContext.Current.CancellationToken);
        var all = await EksClusters.ListAsync(access.Eks, null, TestContext.Current.CancellationToken);

        Assert.Equal(["blue"], own.Select(cluster => cluster.Name));
        Assert.Equal(["blue", "shop-prod-2"], all.Select(cluster => cluster.Name).Order());
    }

    [Fact]
    public async Task List_WithAClusterThatGoesMeanwhile_LeavesItOut()
    {
        using var account = await aws.NewAccountAsync();
        account.Delays = Delays.None;
        await account.NewClusterAsync("one", Owner);
        await account.NewClusterAsync("two", Owner);
        account.Next(1, Fault.Refused("ResourceNotFoundException", "No cluster found for name: one.", 404), request => request.Operation == "DescribeCluster" && (string?)request.Input["name"] == "one");
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);

        var own = await EksClusters.ListAsync(access.Eks, Owner, TestContext.Current.CancellationToken);

        Assert.Equal(["two"], own.Select(cluster => cluster.Name));
    }

    // A run that was cut right after the control plane was there leaves one that lets nobody in: it is made on, not looked into.
    [Fact]
    public async Task Describe_ActiveButItsMakerMayNotEnterYet_IsStillBeingMade()
    {
        using var account = await aws.NewAccountAsync();
        account.Delays = Delays.None;
        await account.NewClusterAsync("made", Owner);
        await account.NewClusterAsync("cut", null, new Dictionary<string, string>(EksTags.Of(Owner, "cut")) { [EksTags.Maker] = "arn:aws:iam::123456789012:user/deployer" });
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);

        var clusters = await EksClusters.ListAsync(access.Eks, Owner, TestContext.Current.CancellationToken);

        Assert.All(clusters, cluster => Assert.Equal(ClusterStatus.Active, cluster.Status));
        Assert.Equal(
            [("cut", ClusterState.Creating), ("made", ClusterState.Ready)],
            clusters.Select(cluster => EksClusters.Describe(cluster, Owner)).Select(cluster => (cluster.Name, cluster.State)).Order());
    }
}
