using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.Faults;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>A run that loses its lock while Services move leaves the rest to whoever has it now.</summary>
public sealed class LostLockTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_LosesItsLockInTheSwitch_MovesNoServiceAnyMore()
    {
        var stolen = new StolenLock(cluster, "switched");
        var app = new SlottedApp(cluster, "switched") { Connection = cluster.Connect(new FastClock(10), stolen) };
        await app.DeployAsync(app.Resting("one"));
        stolen.IsWanted = true;

        var result = await app.DeployAsync(app.Resting("two"));

        Assert.Equal((DeployOutcome.Failed, 1, "KUBEAPP5011"), (result.Outcome, result.ExitCode, Assert.Single(result.Diagnostics).Code));
        Assert.Equal(RolloutPhase.Switching, (await app.InventoryAsync()).Rollout!.Phase);
        await RequireServesAsync("switched", "blue");
    }

    [Fact]
    public async Task Abort_LosesItsLockOnTheWayBack_MovesNoServiceAnyMore()
    {
        var stolen = new StolenLock(cluster, "returned");
        var app = new SlottedApp(cluster, "returned") { Connection = cluster.Connect(new FastClock(10), stolen) };
        await app.DeployAsync(app.Resting("one"));
        await app.DeployAsync(app.Resting("two").KeepingOld(TimeSpan.FromHours(1)), soak: false);
        stolen.IsWanted = true;

        var result = await app.AbortAsync();

        Assert.Equal((DeployOutcome.Failed, 1, "KUBEAPP5011"), (result.Outcome, result.ExitCode, Assert.Single(result.Diagnostics).Code));
        Assert.Equal(RolloutPhase.Aborting, (await app.InventoryAsync()).Rollout!.Phase);
        await RequireServesAsync("returned", "green");
    }

    // The one who has the lock now may run the same version, whose Job has the same name.
    [Fact]
    public async Task JobOfACheck_WhoseRunHasLostItsLock_IsLeftToWhoHasItNow()
    {
        await new SlottedApp(cluster, "checked").DeployAsync(Bundle("checked", TimeSpan.FromMinutes(1), Config("settings")));
        var job = cluster.Migration("sleep").Content;
        job["metadata"]!["namespace"] = "checked";
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var applied = new EventLog { OnEvent = _ => lost.Cancel() };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new JobCheck(cluster.Client, applied) { LockLost = lost.Token }.RunAsync(
            ReleaseObject.Of(new BundleObject("", "check", job)), TimeSpan.FromMinutes(1), lost.Token));

        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.Job, "checked", "migrate", Token));
    }

    private async Task RequireServesAsync(string ns, string slot) => Assert.All(
        (await cluster.Client.ListAsync(ResourceType.Service, ns, null, Token)).Items.Where(item => (string?)item["metadata"]!["name"] is "web" or "admin"),
        service => Assert.Equal($"app=web,kubeapps.dev/slot={slot}", $"{Selector.Of(service["spec"]!["selector"])}"));

    /// <summary>Once it is written down that Services move, the lock is another's, and requests that would move them get nowhere for as long as they are waited for.</summary>
    private sealed class StolenLock(SandboxCluster cluster, string app) : DelegatingHandler
    {
        private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(15);

        private bool _isStolen;

        public bool IsWanted { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (!IsWanted || !FaultyLine.IsWrite(request))
                return await base.SendAsync(request, cancellationToken);
            if (path.Contains("/services/", StringComparison.Ordinal) && _isStolen)
                await Task.Delay(LongEnough, cancellationToken);
            var response = await base.SendAsync(request, cancellationToken);
            if (path.EndsWith($"/configmaps/{Inventory.NameOf(app)}", StringComparison.Ordinal) && !_isStolen
                && (await new SlottedApp(cluster, app).InventoryAsync()).Rollout?.Phase is RolloutPhase.Switching or RolloutPhase.Aborting)
            {
                _isStolen = true;
                await StealAsync();
            }

            return response;
        }

        // Its holder renews it meanwhile.
        private async Task StealAsync()
        {
            while (true)
            {
                var stored = await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token);
                var lease = LockLease.Taken(new LockHolder("jane@laptop/1", null, "deploy"), TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow, LockLease.FromObject(stored));
                try
                {
                    await cluster.Client.ReplaceAsync(ResourceType.Lease, lease.ToObject(app, app, (string?)stored!["metadata"]!["resourceVersion"]), Token);
                    return;
                }
                catch (ApiException race) when (race.Status == System.Net.HttpStatusCode.Conflict)
                {
                    continue;
                }
            }
        }
    }
}
