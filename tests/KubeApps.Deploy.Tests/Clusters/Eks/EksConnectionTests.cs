using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>An app is deployed to its cluster on EKS: the API is the sandbox's, behind a certificate and a login as EKS has them.</summary>
public sealed class EksConnectionTests(AwsStandIn aws, SandboxCluster sandbox) : IClassFixture<SandboxCluster>
{
    private static readonly ClusterOwner Owner = new("eks-shop", "prod");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ToTheAppsCluster_GoesInAsWhoSigned()
    {
        using var account = await aws.NewAccountAsync();
        await using var server = await ClusterAsync(account, "eks-shop-prod-1", Owner);

        using var connection = await TargetSelector.ConnectEksAsync(account.Settings, Owner, writes: true, new EventLog(), TimeProvider.System, Token);
        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(SandboxCluster.Bundle(Owner.App, TimeSpan.FromMinutes(2), SandboxCluster.Config("settings")), "local"), new EventLog(), Token);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Equal($"EKS eks-shop-prod-1 ({account.Id}/{account.Region})", connection.Description);
        Assert.Equal([account.User.Arn], server.Callers.Distinct());
    }

    [Fact]
    public async Task Credentials_OfAnotherAccount_AreRefusedBeforeAnythingIsAsked()
    {
        using var account = await aws.NewAccountAsync();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() =>
            TargetSelector.ConnectEksAsync(account.Settings with { Account = "999999999999" }, Owner, writes: true, new EventLog(), TimeProvider.System, Token));

        Assert.Equal("KUBEAPP8102", failure.Diagnostics[0].Code);
        Assert.All(account.Requests, request => Assert.Equal("sts:GetCallerIdentity", request.Action));
    }

    [Fact]
    public async Task Cluster_WithoutAnEntryForUs_RefusesUs()
    {
        using var account = await aws.NewAccountAsync();
        await using var server = await ClusterAsync(account, "eks-shop-prod-1", Owner);
        var stranger = account.NewUser("stranger");
        var settings = account.Settings with { Credentials = new Amazon.Runtime.BasicAWSCredentials(stranger.AccessKey, stranger.SecretKey) };

        using var connection = await TargetSelector.ConnectEksAsync(settings, Owner, writes: true, new EventLog(), TimeProvider.System, Token);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => connection.Catalog.EnsureAsync(["v1"], Token));

        Assert.Equal("KUBEAPP8002", failure.Diagnostics[0].Code);
        Assert.Empty(server.Callers);
    }

    [Fact]
    public async Task User_WhoMayNotList_IsToldTheAction()
    {
        using var account = await aws.NewAccountAsync();
        var user = account.NewUser("reader", "eks:DescribeCluster");
        var settings = account.Settings with { Credentials = new Amazon.Runtime.BasicAWSCredentials(user.AccessKey, user.SecretKey) };

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => TargetSelector.ConnectEksAsync(settings, Owner, writes: true, new EventLog(), TimeProvider.System, Token));

        Assert.Equal("KUBEAPP8103", failure.Diagnostics[0].Code);
        Assert.Contains("eks:ListClusters", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kubeconfig_OfACluster_CallsTheToolAndHoldsNoSecret()
    {
        using var account = await aws.NewAccountAsync();
        await using var server = await ClusterAsync(account, "eks-shop-prod-1", Owner);
        using var access = await AwsAccess.OpenAsync(account.Settings, Token);
        var cluster = await EksClusters.FindAsync(access.Eks, "eks-shop-prod-1", Token);

        var kubeconfig = EksConnection.Kubeconfig(access.Identity, cluster!, "work");
        var exec = kubeconfig["users"]![0]!["user"]!["exec"]!;

        Assert.Equal(
            ["kubeapp", "cluster", "token", "eks-shop-prod-1", "--account", account.Id, "--region", account.Region],
            exec["args"]!.AsArray().Select(argument => (string)argument!));
        Assert.Equal("""[{"name":"AWS_PROFILE","value":"work"}]""", exec["env"]!.ToJsonString());
        Assert.Equal(server.Endpoint.Url.ToString().TrimEnd('/'), (string)kubeconfig["clusters"]![0]!["cluster"]!["server"]!);
        Assert.DoesNotContain(account.User.SecretKey, kubeconfig.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task<EksServer> ClusterAsync(StandInAccount account, string name, ClusterOwner owner)
    {
        var server = await EksServer.StartAsync(account, name, sandbox.ServerClient(), sandbox.ApiServer);
        account.Delays = Delays.None;
        account.Endpoints = _ => server.Endpoint;
        await account.NewClusterAsync(name, owner);
        return server;
    }
}
