using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>A deploy is told to end while a write is on its way, each in turn: it lets go of the lock, its record says so, and the next deploy finishes the work.</summary>
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
            var app = $"told-{strategy}-{index}".ToLowerInvariant();
            if (strategy == "blueGreen")
                Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "1", strategy))).Outcome);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var line = new CancellingLine(cancel, index);
            using var connection = cluster.Connect(TimeProvider.System, line);

            var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(BundleOf(app, "2", strategy), "local"), new EventLog(), cancel.Token);

            if (line.CancelledAt is not { } at)
                break;
            cancelled.Add(at);
            await VerifyEndedAsync(app, result, at);
            var finished = await DeployAsync(BundleOf(app, "2", strategy));
            Assert.True(finished.ExitCode == 0, $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
            await VerifyStandsAsync(app, strategy, at);
        }

        // A revision is written beside the inventory: which of the two is the n-th write is chance in each run.
        foreach (var part in (string[])["leases", "inventory", "deployments/web", "services/web", "DELETE"])
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

    /// <summary>One version stands, once, and is recorded.</summary>
    private async Task VerifyStandsAsync(string app, string strategy, string at)
    {
        var deployment = Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, app, null, Token)).Items);
        Assert.True((string?)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] == "registry.example/web:2", at);
        var inventory = await InventoryStore.ReadAsync(cluster.Client, app, app, Token);
        Assert.True(inventory is { IsComplete: true, Rollout: null or { Phase: RolloutPhase.Steady } }, at);
        Assert.Single(inventory.Items, item => item.Id.Kind == "Deployment");
        var last = (await new RevisionStore(cluster.Client).ListAsync(inventory, Token))[^1];
        Assert.True((inventory.Revision, RevisionOutcome.Deployed) == (last.Number, last.State.Outcome), $"{at}: {last.Number} {last.State}");
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(BundleOf(app, "2", strategy))).Outcome);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle) => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    private static Bundle BundleOf(string app, string version, string strategy)
    {
        var bundle = Bundle(app, TimeSpan.FromSeconds(60), Config("settings"), WebService, ("main", Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":0,
             "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{version}}"}]} } } }
            """)));
        return bundle with
        {
            Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = strategy, KeepOld = TimeSpan.Zero } })],
        };
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
