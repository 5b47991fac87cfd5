using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Tests.GitHub;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>The official client and the stand-in understand one another.</summary>
public sealed class StsStandInTests(AwsStandIn aws)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallerIdentity_OfAUser_IsItsArn()
    {
        using var account = await aws.NewAccountAsync();
        using var sts = Client(account, new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey));

        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token);

        Assert.Equal((account.Id, $"arn:aws:iam::{account.Id}:user/deployer"), (identity.Account, identity.Arn));
    }

    [Fact]
    public async Task Role_TakenOn_ActsUntilItsCredentialsExpire()
    {
        var clock = new HurriedClock();
        using var account = await aws.NewAccountAsync(clock);
        using var sts = Client(account, new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey));

        var role = await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = account.PlantRole("deploy"), RoleSessionName = "run-1", DurationSeconds = 900 }, Token);
        using var asRole = Client(account, role.Credentials);
        var identity = await asRole.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token);
        await Task.Delay(TimeSpan.FromMinutes(15), clock, Token);
        var late = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => asRole.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token));

        Assert.Equal($"arn:aws:sts::{account.Id}:assumed-role/deploy/run-1", identity.Arn);
        Assert.Equal("ExpiredToken", late.ErrorCode);
    }

    [Fact]
    public async Task WebIdentity_WithoutAnyCredentials_GetsThoseOfItsRole()
    {
        using var account = await aws.NewAccountAsync();
        using var sts = Client(account, new AnonymousAWSCredentials());

        var role = await sts.AssumeRoleWithWebIdentityAsync(
            new AssumeRoleWithWebIdentityRequest { RoleArn = account.PlantRole("ci"), RoleSessionName = "job", WebIdentityToken = "a.b.c.d" }, Token);
        using var asRole = Client(account, role.Credentials);

        Assert.EndsWith("/ci/job", (await asRole.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token)).Arn, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "InvalidClientTokenId")]
    [InlineData(false, "SignatureDoesNotMatch")]
    public async Task Credentials_ThatAreWrong_AreRefused(bool isKeyWrong, string code)
    {
        using var account = await aws.NewAccountAsync();
        using var sts = Client(account, new BasicAWSCredentials(isKeyWrong ? "AKIAUNKNOWN" : account.User.AccessKey, isKeyWrong ? account.User.SecretKey : "wrong"));

        var refused = await Assert.ThrowsAsync<AmazonSecurityTokenServiceException>(() => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token));

        Assert.Equal(code, refused.ErrorCode);
        Assert.Equal(isKeyWrong ? 0 : 1, account.TakeViolations().Count);
    }

    private static AmazonSecurityTokenServiceClient Client(StandInAccount account, AWSCredentials credentials) =>
        new(credentials, new AmazonSecurityTokenServiceConfig { ServiceURL = account.Endpoint.ToString(), AuthenticationRegion = account.Region, MaxErrorRetry = 0 });
}
