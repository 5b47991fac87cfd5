using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Diagnostics;

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

    [Theory]
    [InlineData("KUBEAPP8130")]
    [InlineData("KUBEAPP8131", "CREATING")]
    [InlineData("KUBEAPP8131", "DELETING", "FAILED")]
    [InlineData("KUBEAPP8132", "ACTIVE", "UPDATING")]
    public void Choose_WithoutOneThatServes_SaysWhy(string code, params string[] states)
    {
        var failure = Assert.Throws<DiagnosticException>(() => EksClusters.Choose(Owner, "1/eu-central-1", [.. states.Select(Cluster)]));

        Assert.Equal(code, failure.Diagnostics[0].Code);
        Assert.Contains("shop (prod)", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ACTIVE")]
    [InlineData("UPDATING", "DELETING", "CREATING")]
    public void Choose_WithOneThatServes_TakesIt(params string[] states) =>
        Assert.Equal("shop-prod-0", EksClusters.Choose(Owner, "1/eu-central-1", [.. states.Select(Cluster)]).Name);

    private static Cluster Cluster(string status, int index) =>
        new($"shop-prod-{index}", $"arn:aws:eks:eu-central-1:1:cluster/shop-prod-{index}", status) { Endpoint = status == "CREATING" ? null : "https://cluster" };
}
