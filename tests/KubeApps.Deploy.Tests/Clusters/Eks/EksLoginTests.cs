using Amazon.Runtime;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

public sealed class EksLoginTests
{
    private readonly SetClock _clock = new();
    private readonly EventLog _log = new();

    [Fact]
    public async Task Requests_OneAfterAnother_ShowOneTokenUntilItIsOld()
    {
        var login = Login(new BasicAWSCredentials("AKIAEXAMPLE", "secret"));

        var first = await login.AuthorizeAsync(CancellationToken.None);
        _clock.Now += TimeSpan.FromMinutes(3);
        var soon = await login.AuthorizeAsync(CancellationToken.None);
        _clock.Now += TimeSpan.FromMinutes(2);
        var late = await login.AuthorizeAsync(CancellationToken.None);

        Assert.Same(first, soon);
        Assert.NotEqual(first!.Parameter, late!.Parameter);
    }

    [Fact]
    public async Task Token_Shown_IsKnownAsASecretBefore()
    {
        var shown = await Login(new BasicAWSCredentials("AKIAEXAMPLE", "secret")).AuthorizeAsync(CancellationToken.None);

        Assert.Contains(_log.Events.OfType<DeployEvent.SecretsLearned>(), learned => learned.Values.Contains(shown!.Parameter));
    }

    [Fact]
    public async Task Clock_SetBack_SignsAnew()
    {
        var login = Login(new BasicAWSCredentials("AKIAEXAMPLE", "secret"));

        var first = await login.AuthorizeAsync(CancellationToken.None);
        _clock.Now -= TimeSpan.FromHours(1);
        var second = await login.AuthorizeAsync(CancellationToken.None);

        Assert.NotEqual(first!.Parameter, second!.Parameter);
    }

    [Fact]
    public async Task Credentials_ThatCannotBeRenewed_AreToldAsSuch()
    {
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => Login(new Lost()).AuthorizeAsync(CancellationToken.None));

        Assert.Equal("KUBEAPP8101", failure.Diagnostics[0].Code);
        Assert.Contains("shop-prod-1", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    private EksLogin Login(AWSCredentials credentials) => new(credentials, "eu-central-1", "shop-prod-1", _log, _clock);

    private sealed class Lost : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials() => throw new AmazonClientException("The SSO session has ended.");
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 26, 22, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
