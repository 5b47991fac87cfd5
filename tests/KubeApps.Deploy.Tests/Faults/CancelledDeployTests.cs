using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.BlueGreen;

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

    /// <summary>Cancels once the server handled a write, counted from 0, before its answer is there.</summary>
    private sealed class CancellingLine(CancellationTokenSource cancel, int index) : DelegatingHandler
    {
        private int _next = -1;

        public string? CancelledAt { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (FaultyLine.IsWrite(request) && Interlocked.Increment(ref _next) == index)
            {
                CancelledAt = $"{request.Method} {request.RequestUri!.AbsolutePath}";
                await cancel.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return response;
        }
    }
}
