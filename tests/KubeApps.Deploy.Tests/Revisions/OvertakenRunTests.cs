using KubeApps.Deploy.Api;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Revisions;

/// <summary>Runs of a workflow that come in another order than they were started, against the real sandbox.</summary>
public sealed class OvertakenRunTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ANewerRunDeploysWhileThisOneWaitsForTheLock_ChangesNothing()
    {
        await DeployAsync("waiting", 10, "first");
        var isOvertaken = false;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is not DeployEvent.StepStarted { StepId: "lock" } || isOvertaken)
                    return;
                isOvertaken = true;
                Assert.Equal(DeployOutcome.Deployed, DeployAsync("waiting", 12, "newest").GetAwaiter().GetResult().Outcome);
            },
        };

        // Who may have to ask a person plans without the lock, which another one may take meanwhile.
        var result = await DeployAsync("waiting", 11, "older", log, confirm: (_, _) => Task.CompletedTask);

        Assert.True(isOvertaken);
        Assert.Equal((DeployOutcome.Superseded, ExitCodes.Done, null, false), (result.Outcome, result.ExitCode, result.Revision, result.HasApplied));
        Assert.Equal("KUBEAPP7010", Assert.Single(result.Diagnostics).Code);
        Assert.Equal(2, (await new RevisionStore(cluster.Client).ListAsync("waiting", "waiting", Token)).Count);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "waiting", "newest", Token));
        // It holds no lock any more.
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("waiting", 13, "next")).Outcome);
    }

    // A merge and its revert: the revert finds in place what it wants, and the merge comes late.
    [Fact]
    public async Task Deploy_ANewerRunFoundWhatItWantedInPlace_ChangesNothing()
    {
        await DeployAsync("reverted", 10, "first");
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync("reverted", 12, "first")).Outcome);

        Assert.Equal(DeployOutcome.Superseded, (await DeployAsync("reverted", 11, "bad")).Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync("reverted", 12, "first")).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("reverted", 13, "good")).Outcome);
    }

    [Fact]
    public async Task Deploy_ARoleThatMayNotListRevisions_IsRefusedRatherThanBlind()
    {
        await DeployAsync("blind", 12, "first");
        using var connection = cluster.Connect(TimeProvider.System, new WithoutRevisions());

        var result = await DeployAsync("blind", 11, "older", connection: connection);

        Assert.Equal((DeployOutcome.Failed, false), (result.Outcome, result.HasApplied));
    }

    private Task<DeployResult> DeployAsync(
        string app, long run, string config, EventLog? log = null, ClusterConnection? connection = null, Func<IReadOnlyList<ObjectId>, CancellationToken, Task>? confirm = null)
    {
        var own = new WorkflowRun("https://github.com/example/shop", run);
        return new Deployer(connection ?? cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, TimeSpan.FromMinutes(1), Config(config)), "local") { UnlessNewer = own, By = new Author("mona", own.Url), Confirm = confirm }, log ?? new EventLog(), Token);
    }

    private sealed class WithoutRevisions : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Get && request.RequestUri!.Query.Contains("revision-of", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden) { Content = new StringContent("""{"kind":"Status","status":"Failure","message":"forbidden","reason":"Forbidden","code":403}""") })
                : base.SendAsync(request, cancellationToken);
    }
}
