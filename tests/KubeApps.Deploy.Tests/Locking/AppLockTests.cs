using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Microsoft.Extensions.Time.Testing;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Locking;

/// <summary>Several runs that want one app's lock, on a real server.</summary>
public sealed class AppLockTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly LockHolder Other = new("jane@laptop/1", "https://ci.example/runs/7", "deploy");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_WhileAnotherDeploys_WaitsForItAndPlansAgain(bool isSameVersion)
    {
        var app = $"both-{(isSameVersion ? "same" : "other")}";
        var first = Bundle(app, Patience, Config("settings"), cluster.Web(1, "settings"));
        var second = isSameVersion ? first : Bundle(app, Patience, Config("settings"), cluster.Web(1));
        Task<DeployResult>? waiting = null;
        var isWaiting = new TaskCompletionSource();
        var secondLog = new EventLog { OnEvent = item => Complete(isWaiting, item is DeployEvent.Note note && note.Text.Contains("Waiting for it", StringComparison.Ordinal)) };
        var firstLog = new EventLog
        {
            OnEvent = item =>
            {
                if (item is not DeployEvent.StepStarted { StepId: "rollout" })
                    return;
                waiting = DeployAsync(second, secondLog, patience: Patience);
                // The first one does not go on before the second one waits.
                isWaiting.Task.Wait(Patience, Token);
            },
        };

        var deployed = await Task.Run(() => DeployAsync(first, firstLog), Token);
        var waited = await waiting!;

        Assert.Equal(DeployOutcome.Deployed, deployed.Outcome);
        Assert.Equal(isSameVersion ? DeployOutcome.Unchanged : DeployOutcome.Deployed, waited.Outcome);
        Assert.Single(secondLog.Events, item => item is DeployEvent.Note);
        Assert.Null(await LeaseAsync(app));
    }

    [Fact]
    public async Task Deploy_WhileAnotherDeploys_StopsAndNamesItsHolderRunAndAge()
    {
        await using var held = await HoldAsync("held", TimeSpan.FromSeconds(3));

        var result = await DeployAsync(Bundle("held", Patience, Config("settings")));

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("KUBEAPP5010", diagnostic.Code);
        Assert.Matches(@"^held is locked by jane@laptop/1 \(deploy, https://ci\.example/runs/7, for \d+ s\)\.", diagnostic.Cause);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "held", "settings", Token));
        Assert.False(held.Lost.IsCancellationRequested);
    }

    // A server that throttles answers after the time for which a lock lasts: others count from when it was asked for.
    [Fact]
    public async Task Deploy_WhoseLockIsAnsweredLate_HoldsIt()
    {
        var duration = TimeSpan.FromSeconds(3);
        using var connection = cluster.Connect(TimeProvider.System, new LateLine(duration));

        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle("late", Patience, Config("settings")), "local") { LockDuration = duration }, new EventLog(), Token);

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Null(await LeaseAsync("late"));
    }

    // A run that has lost its lock finds it standing, with a sign of life that is as old as the loss: whoever waits for it counts from there.
    [Fact]
    public async Task Take_OfALockThatIsTheRunsOwnFromBefore_GivesASignOfLifeAndKeepsWhoAsks()
    {
        await DeployAsync(Bundle("again", Patience, Config("settings")));
        var holder = new LockHolder("me@here/1", null, "deploy");
        var lost = await cluster.Client.CreateAsync(
            ResourceType.Lease, LockLease.Taken(holder, LockLease.DefaultDuration, DateTimeOffset.UtcNow.AddSeconds(-28), null).ToObject("again", "again", null), Token);
        await cluster.Client.ReplaceAsync(ResourceType.Lease, LockLease.Asked(lost, Other), Token);

        await using var held = await new AppLock(cluster.Client, new EventLog(), holder).TakeAsync("again", "again", null, Token);

        var stored = await LeaseAsync("again");
        Assert.InRange(LockLease.FromObject(stored)!.RenewedAt, DateTimeOffset.UtcNow.AddSeconds(-20), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(Other.Identity, LockLease.AskedBy(stored));
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Deploy_NothingToDo_TakesNoLock()
    {
        var bundle = Bundle("idle", Patience, Config("settings"));
        await DeployAsync(bundle);
        await using var held = await HoldAsync("idle", TimeSpan.FromSeconds(30));

        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle)).Outcome);
    }

    [Fact]
    public async Task Deploy_HolderWasKilled_TakesOverWhenTheLockIsOver()
    {
        await WriteDeadAsync("dead", DateTimeOffset.UtcNow.AddHours(1));
        var log = new EventLog();
        JsonObject? during = null;
        var watched = new EventLog
        {
            OnEvent = item =>
            {
                log.Publish(item);
                if (item is DeployEvent.StepStarted { StepId: "record" })
                    during = LeaseAsync("dead").GetAwaiter().GetResult();
            },
        };

        var result = await Task.Run(() => DeployAsync(Bundle("dead", Patience, Config("settings")), watched), Token);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Equal(1, (int?)during!["spec"]!["leaseTransitions"]);
        Assert.Contains(log.Events, item => item is DeployEvent.Note note && note.Text.StartsWith("Took over the lock of dead from jane@laptop/1", StringComparison.Ordinal));
        Assert.Null(await LeaseAsync("dead"));
    }

    [Theory]
    [InlineData(true, "jane@laptop/1 took over the lock of")]
    [InlineData(false, "Somebody deleted the lock of")]
    public async Task Deploy_LosesItsLock_StopsAndSaysSo(bool isTaken, string cause)
    {
        var app = $"losing-{(isTaken ? "taken" : "gone")}";
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "rollout" })
                    (isTaken ? WriteDeadAsync(app, DateTimeOffset.UtcNow) : DeleteLeaseAsync(app)).GetAwaiter().GetResult();
            },
        };

        // A rollout that would go on for as long as it may.
        var result = await Task.Run(
            () => DeployAsync(Bundle(app, TimeSpan.FromMinutes(5), cluster.Web(1, null, null, "serve", "sick")), log, duration: TimeSpan.FromSeconds(3)), Token);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("KUBEAPP5011", diagnostic.Code);
        Assert.StartsWith(cause, diagnostic.Cause, StringComparison.Ordinal);
        Assert.Equal(isTaken, await LeaseAsync(app) is not null);
    }

    [Fact]
    public async Task Destroy_WhileAnotherDeploys_Stops()
    {
        await DeployAsync(Bundle("wanted", Patience, Config("settings")));
        await using var held = await HoldAsync("wanted", TimeSpan.FromSeconds(3));
        var inventory = await new AppLocator(cluster.Client).FindAsync("wanted", null, null, null, "sandbox", Token);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => new AppDestroyer(cluster.Client, new EventLog()).RunAsync(inventory, includesKept: false, Token));

        Assert.Equal("KUBEAPP5010", failure.Diagnostics[0].Code);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "wanted", "settings", Token));
    }

    [Fact]
    public async Task Hold_TimeGoesBy_RenewsEveryThirdWhateverTheWallClockDoes()
    {
        await NamespaceAsync("renewed");
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var connection = cluster.Connect(clock);
        await using var held = await new AppLock(connection.Client, new EventLog(), Other).TakeAsync("renewed", "renewed", null, Token);
        foreach (var jump in new[] { 0, 24, -48, 0 })
        {
            var before = await VersionAsync("renewed");
            clock.AdjustTime(clock.GetUtcNow().AddHours(jump));
            // More than one third; the timer may be set a moment after the clock went on.
            while (await VersionAsync("renewed") == before)
                clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(held.Lost.IsCancellationRequested);
        }
    }

    // A plan takes its time, and cannot be aborted: the wish waits for what can.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hold_AskedToEndBeforeItListens_EndsWhenItListens(bool isFromBefore)
    {
        var app = $"early-{(isFromBefore ? "before" : "since")}";
        await NamespaceAsync(app);
        var holder = new LockHolder("me@here/1", null, "deploy");
        if (isFromBefore)
            await AskAsync(await cluster.Client.CreateAsync(ResourceType.Lease, LockLease.Taken(holder, LockLease.DefaultDuration, DateTimeOffset.UtcNow, null).ToObject(app, app, null), Token));
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var connection = cluster.Connect(clock);
        await using var held = await new AppLock(connection.Client, new EventLog(), holder).TakeAsync(app, app, null, Token);
        if (!isFromBefore)
            await AskAsync((await LeaseAsync(app))!);
        for (var renewals = 0; renewals < 2; renewals++)
        {
            var before = await VersionAsync(app);
            while (await VersionAsync(app) == before)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(20, Token);
            }

            Assert.Equal(Other.Identity, LockLease.AskedBy(await LeaseAsync(app)));
        }

        Assert.Equal("done", await held.GuardAsync(_ => Task.FromResult("done"), Token));
        held.Listen();
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => held.GuardAsync(_ => Task.FromResult("done"), Token));

        Assert.Equal(("KUBEAPP7028", $"{Other.Identity} asked to abort this deploy of {app}."), (failure.Diagnostics[0].Code, failure.Diagnostics[0].Cause));
        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Hold_ServerIsGone_IsLostBeforeAnotherCanTakeIt()
    {
        await NamespaceAsync("cut-off");
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var line = new CutLine();
        using var connection = cluster.Connect(clock, line);
        await using var held = await new AppLock(connection.Client, new EventLog(), Other).TakeAsync("cut-off", "cut-off", null, Token);
        line.IsCut = true;

        clock.Advance(TimeSpan.FromSeconds(24));
        Assert.False(held.Lost.IsCancellationRequested);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(held.Lost.IsCancellationRequested);
        Assert.Contains("could not be renewed for 25 s", held.Loss.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_ManyAtOnce_OneHasItAtATime()
    {
        await NamespaceAsync("crowded");
        var holding = 0;
        var most = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 6), Token, async (index, token) =>
        {
            var appLock = new AppLock(cluster.Client, new EventLog(), Other with { Identity = $"run-{index}" });
            await using var held = await appLock.TakeAsync("crowded", "crowded", Patience, token);
            most = Math.Max(most, Interlocked.Increment(ref holding));
            await VersionAsync("crowded");
            Interlocked.Decrement(ref holding);
        });

        Assert.Equal(1, most);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, TimeSpan? patience = null, TimeSpan? duration = null) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(bundle, "local") { WaitForLock = patience, LockDuration = duration ?? LockLease.DefaultDuration }, log ?? new EventLog(), Token);

    private async Task<HeldLock> HoldAsync(string app, TimeSpan duration)
    {
        await NamespaceAsync(app);
        return await new AppLock(cluster.Client, new EventLog(), Other) { Duration = duration }.TakeAsync(app, app, null, Token);
    }

    /// <summary>A lock of a run that will never give a sign of life again.</summary>
    private async Task WriteDeadAsync(string app, DateTimeOffset now)
    {
        await NamespaceAsync(app);
        var version = (string?)(await LeaseAsync(app))?["metadata"]!["resourceVersion"];
        var lease = LockLease.Taken(Other, TimeSpan.FromSeconds(1), now, null).ToObject(app, app, version);
        _ = version is null ? await cluster.Client.CreateAsync(ResourceType.Lease, lease, Token) : await cluster.Client.ReplaceAsync(ResourceType.Lease, lease, Token);
    }

    private async Task AskAsync(JsonObject lease) => Assert.Equal(
        Other.Identity, LockLease.AskedBy(await cluster.Client.ReplaceAsync(ResourceType.Lease, LockLease.Asked(lease, Other), Token)));

    private async Task DeleteLeaseAsync(string app) => await cluster.Client.DeleteAsync(
        ResourceType.Lease, app, LockLease.NameOf(app), (string)(await LeaseAsync(app))!["metadata"]!["uid"]!, "Background", Token);

    private Task<JsonObject?> LeaseAsync(string app) => cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token);

    private async Task<string?> VersionAsync(string app) => (string?)(await LeaseAsync(app))?["metadata"]!["resourceVersion"];

    private async Task NamespaceAsync(string name) => await cluster.Client.ApplyAsync(
        ResourceType.Namespace, Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }"""), false, Token);

    private static void Complete(TaskCompletionSource source, bool isDone)
    {
        if (isDone)
            source.TrySetResult();
    }

    private sealed class CutLine : DelegatingHandler
    {
        public volatile bool IsCut;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsCut ? throw new HttpRequestException(HttpRequestError.ConnectionError, "The network is down.") : base.SendAsync(request, cancellationToken);
    }

    private sealed class LateLine(TimeSpan time) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/leases", StringComparison.Ordinal))
                await Task.Delay(time, cancellationToken);
            return response;
        }
    }
}
