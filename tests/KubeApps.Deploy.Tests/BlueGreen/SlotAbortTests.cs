using System.Net;
using System.Text;
using KubeApps.Bundles;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>An abort need not wait for the run that it takes back.</summary>
public sealed class SlotAbortTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Before the switch the new version never gets ready; after it, its check never ends.
    [Theory]
    [InlineData("rollout")]
    [InlineData("checks-after")]
    public async Task Abort_WhileADeployIsAtWork_EndsItAndLeavesTheOldVersion(string step)
    {
        var app = new SlottedApp(cluster, $"ended-{step}");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version("serve", "one"))).Outcome);
        var before = await app.ObjectsAsync();
        var passed = Path.Combine(cluster.Home, step);
        var once = new BundleCheck("command", "once", TimeSpan.FromMinutes(1)) { Command = ["sh", "-c", $"test -e '{passed}' && exec sleep 60; touch '{passed}'"] };
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var deploying = app.DeployAsync(
            app.Version("serve", step == "rollout" ? "sick" : "two").Checked(once),
            new EventLog
            {
                OnEvent = item =>
                {
                    if (item is DeployEvent.StepStarted started && started.StepId == step)
                        reached.TrySetResult();
                },
            });
        await reached.Task.WaitAsync(Token);

        var log = new EventLog();
        var aborted = await app.AbortAsync(log);
        var ended = await deploying;

        Assert.Equal((DeployOutcome.Aborted, 0), (aborted.Outcome, aborted.ExitCode));
        Assert.Contains(log.Events.OfType<DeployEvent.Note>(), note => note.Text.Contains("Asked it to end", StringComparison.Ordinal));
        Assert.Equal((DeployOutcome.Failed, 1, "KUBEAPP7028"), (ended.Outcome, ended.ExitCode, Assert.Single(ended.Diagnostics).Code));
        Assert.Equal(before, await app.ObjectsAsync());
        Assert.True((await app.InventoryAsync()).IsComplete);
        var revisions = await new RevisionStore(cluster.Client).ListAsync($"ended-{step}", $"ended-{step}", Token);
        Assert.Equal(RevisionOutcome.Aborted, revisions.MaxBy(item => item.Number)!.State.Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Version("serve", "one"))).Outcome);
    }

    // Its run is killed there, say: the next one takes it for what it was.
    [Fact]
    public async Task Abort_HowItEndedCannotBeWrittenDown_IsSaidByTheNextDeploy()
    {
        var app = new SlottedApp(cluster, "speechless");
        await app.DeployAsync(app.Resting("1"));
        await app.DeployAsync(app.Resting("2"), hold: true);
        using var connection = cluster.Connect(TimeProvider.System, new RevisionsClosed());
        Assert.Equal(DeployOutcome.Aborted, (await new SlottedApp(cluster, "speechless") { Connection = connection }.AbortAsync()).Outcome);
        Assert.Equal(RevisionOutcome.Deploying, await OutcomeAsync());

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("3"))).Outcome);

        Assert.Equal(RevisionOutcome.Aborted, await OutcomeAsync());
        Assert.Null((await app.InventoryAsync()).AbortedRevision);

        async Task<RevisionOutcome> OutcomeAsync() =>
            (await new RevisionStore(cluster.Client).ListAsync("speechless", "speechless", Token)).Single(item => item.Number == 2).State.Outcome;
    }

    private sealed class RevisionsClosed : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.Contains("/kubeapp-revision-", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not you","reason":"Forbidden","code":403}""", Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }
}
