using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Aws;

public sealed class AwsAccessTests(AwsStandIn aws)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAsync_AccountOfTheEnvironment_SaysWhoAndWhereWeAre()
    {
        using var account = await aws.NewAccountAsync();

        using var access = await AwsAccess.OpenAsync(Settings(account) with { Account = account.Id }, Cancellation);

        Assert.Equal(new AwsIdentity(account.Id, "eu-central-1", account.User.Arn), access.Identity);
    }

    [Fact]
    public async Task OpenAsync_OtherAccount_IsRefusedBeforeAnythingElseIsAsked()
    {
        using var account = await aws.NewAccountAsync();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => AwsAccess.OpenAsync(Settings(account) with { Account = "999999999999" }, Cancellation));

        Assert.Equal("KUBEAPP8102", Assert.Single(failure.Diagnostics).Code);
        Assert.Equal(["sts:GetCallerIdentity"], account.Requests.Select(request => request.Action));
    }

    [Fact]
    public async Task OpenAsync_CredentialsThatAreOver_AreToldAndShownNowhere()
    {
        using var account = await aws.NewAccountAsync();
        account.User.ExpiresAt = DateTimeOffset.UnixEpoch;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => AwsAccess.OpenAsync(Settings(account), Cancellation));

        Assert.Equal("KUBEAPP8101", Assert.Single(failure.Diagnostics).Code);
        Assert.DoesNotContain(account.User.SecretKey, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_NobodyThere_SaysSo()
    {
        using var account = await aws.NewAccountAsync();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => AwsAccess.OpenAsync(Settings(account) with { Endpoint = new Uri("http://127.0.0.1:9") }, Cancellation));

        Assert.Equal("KUBEAPP8105", Assert.Single(failure.Diagnostics).Code);
    }

    [Theory]
    [InlineData("frankfurt")]
    [InlineData("eu-central-1.evil.example")]
    public async Task OpenAsync_NoRegion_IsRefusedBeforeAnythingIsSent(string region)
    {
        using var account = await aws.NewAccountAsync();

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => AwsAccess.OpenAsync(Settings(account) with { Region = region }, Cancellation));

        Assert.Equal("KUBEAPP8108", Assert.Single(failure.Diagnostics).Code);
        Assert.Empty(account.Requests);
    }

    [Fact]
    public async Task Request_AnswerLost_IsSentAgainAsTheSameOne()
    {
        using var account = await aws.NewAccountAsync();
        using var access = await AwsAccess.OpenAsync(Settings(account), Cancellation);
        account.Next("eks:CreateCluster", Fault.CutAfter);

        var created = await access.Eks.CreateClusterAsync(Cluster(account), Cancellation);

        Assert.Equal("CREATING", created.Cluster.Status);
        var tokens = account.Requests.Where(request => request.Operation == "CreateCluster").Select(request => (string)request.Input["clientRequestToken"]!).ToList();
        Assert.Equal(2, tokens.Count);
        Assert.Single(tokens.Distinct());
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
    }

    [Fact]
    public async Task Request_TooManyAtOnce_WaitsAndIsSentAgain()
    {
        using var account = await aws.NewAccountAsync();
        using var access = await AwsAccess.OpenAsync(Settings(account), Cancellation);
        account.Next(2, Fault.Throttled, request => request.Operation == "ListClusters");

        var listed = await access.Eks.ListClustersAsync(new(), Cancellation);

        Assert.Empty(listed.Clusters);
        Assert.Equal(3, account.Requests.Count(request => request.Operation == "ListClusters"));
    }

    [Fact]
    public async Task Request_NotAllowed_NamesTheAction()
    {
        using var account = await aws.NewAccountAsync();
        account.User.AllowedActions = ["eks:List*"];
        using var access = await AwsAccess.OpenAsync(Settings(account), Cancellation);

        var failure = await Assert.ThrowsAsync<AmazonServiceException>(() => access.Eks.CreateClusterAsync(Cluster(account), Cancellation));

        Assert.Equal(AwsFailure.Forbidden, AwsRefusal.KindOf(failure));
        Assert.StartsWith($"{account.User.Arn} may not eks:CreateCluster", AwsRefusal.Diagnose(failure, "the cluster shop")!.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllAsync_ListInPages_HasAllOfThem()
    {
        using var account = await aws.NewAccountAsync();
        using var access = await AwsAccess.OpenAsync(Settings(account), Cancellation);
        var cluster = Cluster(account);
        foreach (var name in new[] { "a", "b", "c" })
            await access.Eks.CreateClusterAsync(cluster with { Name = name }, Cancellation);

        var all = await AwsPages.AllAsync(token => access.Eks.ListClustersAsync(new() { MaxResults = 2, NextToken = token }, Cancellation), page => (page.Clusters, page.NextToken));

        Assert.Equal(["a", "b", "c"], all.Order());
    }

    private static CreateClusterRequest Cluster(StandInAccount account) =>
        new("shop", account.PlantRole("cluster", "eks.amazonaws.com"), new VpcConfigRequest { SubnetIds = account.PlantNetwork().PrivateSubnets });

    private static AwsSettings Settings(StandInAccount account) =>
        new() { Region = "eu-central-1", Endpoint = account.Endpoint, Credentials = new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey) };
}
