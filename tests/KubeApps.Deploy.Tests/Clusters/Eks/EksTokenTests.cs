using System.Buffers.Text;
using System.Net;
using System.Text;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>A token is a request that STS answers for the cluster that it is for, and for no other.</summary>
public sealed class EksTokenTests(AwsStandIn aws)
{
    private static readonly BasicAWSCredentials Anybody = new("AKIAEXAMPLE", "secret");

    [Fact]
    public async Task Token_SentByItsCluster_TellsStsWhoSignedIt()
    {
        using var account = await aws.NewAccountAsync();
        var token = await EksToken.SignAsync(account.Credentials, account.Region, "shop-prod-1", DateTimeOffset.UtcNow);

        var (status, text) = await SendAsync(account, token, "shop-prod-1");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(account.User.Arn, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_OfASession_CarriesItsSession()
    {
        using var account = await aws.NewAccountAsync();
        using var sts = new AmazonSecurityTokenServiceClient(
            account.Credentials, new AmazonSecurityTokenServiceConfig { ServiceURL = account.Endpoint.ToString(), AuthenticationRegion = account.Region });
        var request = new AssumeRoleRequest { RoleArn = account.PlantRole("deploy"), RoleSessionName = "run-7" };
        var role = await sts.AssumeRoleAsync(request, TestContext.Current.CancellationToken);

        var (status, text) = await SendAsync(account, await EksToken.SignAsync(role.Credentials, account.Region, "shop", DateTimeOffset.UtcNow), "shop");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("assumed-role/deploy/run-7", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_SentByAnotherCluster_IsRefused()
    {
        using var account = await aws.NewAccountAsync();
        var token = await EksToken.SignAsync(account.Credentials, account.Region, "shop-prod-1", DateTimeOffset.UtcNow);

        var (status, _) = await SendAsync(account, token, "shop-prod-2");

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("the signature does not match", Assert.Single(account.TakeViolations()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eu-central-1", "sts.eu-central-1.amazonaws.com")]
    [InlineData("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com")]
    [InlineData("cn-north-1", "sts.cn-north-1.amazonaws.com.cn")]
    public async Task Token_AnyRegion_IsForAwssOwnStsThere(string region, string host)
    {
        var url = Read(await EksToken.SignAsync(Anybody, region, "shop", DateTimeOffset.UtcNow));

        Assert.Equal(("https", host, "/"), (url.Scheme, url.Host, url.AbsolutePath));
    }

    [Fact]
    public async Task Token_OfATime_EndsAMinuteBeforeTheClusterCallsItOld()
    {
        var now = new DateTimeOffset(2026, 11, 26, 22, 0, 5, TimeSpan.Zero);

        var token = await EksToken.SignAsync(Anybody, "eu-central-1", "shop", now);

        Assert.Equal(now.AddMinutes(14), token.ExpiresAt);
        Assert.Contains("X-Amz-Date=20261126T220005Z", Read(token).Query, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Value, token.ToString(), StringComparison.Ordinal);
    }

    private static Uri Read(EksToken token) => new(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Value.AsSpan("k8s-aws-v1.".Length))));

    // As EKS does it.
    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(StandInAccount account, EksToken token, string cluster)
    {
        var url = Read(token);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(account.Endpoint, url.PathAndQuery));
        request.Headers.Host = url.Host;
        request.Headers.Add("x-k8s-aws-id", cluster);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
