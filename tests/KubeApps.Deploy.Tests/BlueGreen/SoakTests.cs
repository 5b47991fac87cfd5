using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>The time in which the old version stands beside the new one.</summary>
public sealed class SoakTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // It answers all the time: only the check knows that what it answers is wrong.
    [Fact]
    public async Task Deploy_CheckFailsDuringTheSoak_LetsTrafficLeadBackAndSaysWhy()
    {
        var app = new SlottedApp(cluster, "soaked");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();
        using var http = new HttpClient();
        var sickened = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "soak" })
                    sickened = SickenAsync(http, "soaked");
            },
        };

        var result = await app.DeployAsync(
            app.Version("serve", "two").Checked(new BundleCheck("http", "healthy", TimeSpan.FromSeconds(1)) { Service = "web", Path = "/healthz" }).KeepingOld(TimeSpan.FromHours(1)), log);

        await sickened;
        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP7027", "KUBEAPP7029"], result.Diagnostics.Select(item => item.Code));
        Assert.Contains("healthy", result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    [Fact]
    public async Task Deploy_PodsCrashDuringTheSoak_LetsTrafficLeadBackAndSaysWhy()
    {
        var app = new SlottedApp(cluster, "crashing");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var killing = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "soak" })
                    killing = KillAsync(ended.Token);
            },
        };

        var result = await app.DeployAsync(app.Version("serve", "mortal").KeepingOld(TimeSpan.FromHours(1)), log);

        await ended.CancelAsync();
        await killing;
        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP7027", "KUBEAPP7029"], result.Diagnostics.Select(item => item.Code));
        Assert.Contains("exit code 3", result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    // They may get ready again; users are not to wait for that where the old version could serve.
    [Fact]
    public async Task Deploy_NoPodIsReadyDuringTheSoakAnyMore_LetsTrafficLeadBackAndSaysWhy()
    {
        var app = new SlottedApp(cluster, "unready");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();
        using var http = new HttpClient();
        var sickened = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "soak" })
                    sickened = SickenAsync(http, "unready");
            },
        };

        var result = await app.DeployAsync(app.Version("serve", "two").KeepingOld(TimeSpan.FromHours(1)), log);

        await sickened;
        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP7027", "KUBEAPP7029"], result.Diagnostics.Select(item => item.Code));
        Assert.Contains("Readiness probe failed", result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    // Each time that it has come up again; the version before does not heed it.
    private async Task KillAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var address = new Uri(await AddressAsync("crashing"), "die");
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await http.GetStringAsync(address, cancellationToken);
                await Task.Delay(100, cancellationToken);
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                // It is dead already, or the test is over.
            }
        }
    }

    private async Task SickenAsync(HttpClient http, string app) => await http.GetStringAsync(new Uri(await AddressAsync(app), "sicken"), Token);

    private async Task<Uri> AddressAsync(string app)
    {
        var service = await cluster.Client.GetAsync(ResourceType.Service, app, "web", Token);
        return new Uri(cluster.Reach(await AppAddresses.ReadAsync(cluster.Client, [ObjectId.Of(service!)], null, Token)));
    }
}
