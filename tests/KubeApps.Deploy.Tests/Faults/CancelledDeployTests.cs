using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.BlueGreen;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// A deploy, a promote, an abort or a rollback is told to end while a write is on its way, each in turn: it lets go of the lock, its record says so, and the
/// same again finishes the work.
/// </summary>
public sealed class CancelledDeployTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const int Many = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rolling")]
    [InlineData("blueGreen")]
    public async Task Deploy_CancelledAtEachWrite_IsRecordedAndTheNextOneFinishes(string strategy)
    {
        var cancelled = new List<string>();
        for (var index = 0; index < Many; index++)
        {
            var name = $"told-{strategy}-{index}".ToLowerInvariant();
            var app = new SlottedApp(cluster, name);
            if (strategy == "blueGreen")
                Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
            var second = app.Resting("2").Deployed(strategy);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var line = new CancellingLine(cancel, index);
            using var connection = cluster.Connect(TimeProvider.System, line);

            var result = await new SlottedApp(cluster, name) { Connection = connection, Cancellation = cancel.Token }.DeployAsync(second);

            if (line.CancelledAt is not { } at)
                break;
            cancelled.Add(at);
            await VerifyEndedAsync(name, result, at);
            var finished = await app.DeployAsync(second);
            Assert.True(finished.ExitCode == 0, $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
            await app.RequireAloneAsync(second, at);
            var inventory = await app.InventoryAsync();
            var last = (await new RevisionStore(cluster.Client).ListAsync(inventory, Token))[^1];
            Assert.True((inventory.Revision, RevisionOutcome.Deployed) == (last.Number, last.State.Outcome), $"{at}: {last.Number} {last.State}");
        }

        // A revision is written beside the inventory, and one Service beside the other: which of two is the n-th write is chance in each run.
        foreach (var part in (string[])["leases", "inventory", "deployments/web", "services/", "DELETE"])
            Assert.Contains(cancelled, request => request.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("promote")]
    [InlineData("abort")]
    [InlineData("rollback")]
    public async Task PromoteAbortOrRollback_CancelledAtEachWrite_IsFinishedByTheSameAgain(string command)
    {
        var cancelled = new List<string>();
        for (var index = 0; index < Many; index++)
        {
            var name = $"told-{command}-{index}";
            var app = new SlottedApp(cluster, name);
            var (zeroth, first, second) = (app.Resting("0"), app.Resting("1"), app.Resting("2"));
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(zeroth)).Outcome);
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(first)).Outcome);
            // What is aborted serves already, beside the version before; what is promoted waits for it.
            await app.DeployAsync(command == "abort" ? second.KeepingOld(TimeSpan.FromHours(1)) : second, hold: command == "promote", soak: false);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var line = new CancellingLine(cancel, index);
            using var connection = cluster.Connect(TimeProvider.System, line);

            var result = await RunAsync(new SlottedApp(cluster, name) { Connection = connection, Cancellation = cancel.Token });

            if (line.CancelledAt is not { } at)
                break;
            cancelled.Add(at);
            var isDone = await app.InventoryAsync() is { IsComplete: true } inventory && (command != "rollback" || inventory.Revision == result.Revision);
            Assert.True(result.ExitCode == 130 || (isDone && result.ExitCode == 0), $"{at}: {result}");
            Assert.True(await cluster.Client.GetAsync(ResourceType.Lease, name, LockLease.NameOf(name), Token) is null, $"{at}: the lock stands.");
            if (!isDone)
            {
                var again = await RunAsync(app);
                Assert.True(again.ExitCode == 0, $"{at}: {again.Outcome} {string.Join(' ', again.Diagnostics)}");
            }

            await app.RequireAloneAsync(command == "promote" ? second : first, at);
        }

        foreach (var part in (string[])["leases", "inventory", "services/", "DELETE"])
            Assert.Contains(cancelled, request => request.Contains(part, StringComparison.Ordinal));

        Task<DeployResult> RunAsync(SlottedApp app) => command switch { "promote" => app.PromoteAsync(), "abort" => app.AbortAsync(), _ => app.RollBackAsync(null) };
    }

    [Fact]
    public async Task Rollback_CancelledBeforeItsRecordStands_LeadsToTheSameVersionAgain()
    {
        var app = new SlottedApp(cluster, "unrecorded");
        foreach (var version in (string[])["0", "1", "2"])
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting(version))).Outcome);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var connection = cluster.Connect(TimeProvider.System, new UnrecordedLine(cancel));

        var cut = await new SlottedApp(cluster, "unrecorded") { Connection = connection, Cancellation = cancel.Token }.RollBackAsync(null);

        Assert.Equal(DeployOutcome.Cancelled, cut.Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await app.RollBackAsync(null)).Outcome);
        await app.RequireAloneAsync(app.Resting("1"), "again");
    }

    [Theory]
    [InlineData("rolling")]
    [InlineData("blueGreen")]
    public async Task ReturnOfABrokenVersion_CancelledAtEachWrite_EndsAsCancelledAndTheVersionBeforeIsThereWithTheNextDeploy(string strategy)
    {
        var cancelled = new List<string>();
        for (var index = 0; index < Many; index++)
        {
            var name = $"broken-{strategy}-{index}".ToLowerInvariant();
            var app = new SlottedApp(cluster, name);
            var (good, broken) = (app.Resting("1").Deployed(strategy), app.Resting("2", replicas: 1).Deployed(strategy));
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(good)).Outcome);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var log = new EventLog();
            var line = new CancellingLine(cancel, index, () => log.Events.Any(item => item is DeployEvent.WorkloadFailed));
            using var connection = cluster.Connect(TimeProvider.System, line);

            var result = await new SlottedApp(cluster, name) { Connection = connection, Cancellation = cancel.Token }.DeployAsync(broken, log);

            if (line.CancelledAt is not { } at)
            {
                Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
                break;
            }

            cancelled.Add(at);
            Assert.True((result.Outcome, result.ExitCode) is (DeployOutcome.Cancelled, 130) or (DeployOutcome.RolledBack, 3), $"{at}: {result}");
            Assert.True(await cluster.Client.GetAsync(ResourceType.Lease, name, LockLease.NameOf(name), Token) is null, $"{at}: the lock stands.");
            var again = await app.DeployAsync(good);
            Assert.True(again.ExitCode == 0, $"{at}: {again.Outcome} {string.Join(' ', again.Diagnostics)}");
            await app.RequireAloneAsync(good, at);
        }

        foreach (var part in (string[])["inventory", strategy == "rolling" ? "deployments/web" : "DELETE"])
            Assert.Contains(cancelled, request => request.Contains(part, StringComparison.Ordinal));
    }

    private async Task VerifyEndedAsync(string app, DeployResult result, string at)
    {
        // What was done by then is done.
        var isDone = (await InventoryStore.ReadAsync(cluster.Client, app, app, Token)) is { IsComplete: true, Revision: { } number } && number == result.Revision;
        Assert.True((result.Outcome, result.ExitCode) == (isDone ? (DeployOutcome.Deployed, 0) : (DeployOutcome.Cancelled, 130)), $"{at}: {result}");
        Assert.True(await cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token) is null, $"{at}: the lock stands.");
        foreach (var revision in await new RevisionStore(cluster.Client).ListAsync(app, app, Token))
        {
            var outcome = revision.Number == result.Revision && !isDone ? RevisionOutcome.Cancelled : RevisionOutcome.Deployed;
            Assert.True(revision.State.Outcome == outcome, $"{at}: {revision.Number} {revision.State}");
        }
    }

    /// <summary>Cancels once the server handled a write, counted from 0 (of those that count), before its answer is there.</summary>
    private sealed class CancellingLine(CancellationTokenSource cancel, int index, Func<bool>? counts = null) : DelegatingHandler
    {
        private int _next = -1;

        public string? CancelledAt { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (FaultyLine.IsWrite(request) && counts?.Invoke() != false && Interlocked.Increment(ref _next) == index)
            {
                CancelledAt = $"{request.Method} {request.RequestUri!.AbsolutePath}";
                await cancel.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return response;
        }
    }

    /// <summary>Cancels while a revision's record is on its way, which then never comes, and lets other writes that go beside it come first.</summary>
    private sealed class UnrecordedLine(CancellationTokenSource cancel) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/configmaps", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                await cancel.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
