using System.Net;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Events;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>What a record asks of the cluster: two writes; and not even to keep revisions, as long as GitHub answers.</summary>
public sealed class RecordingInClusterTests(SandboxCluster cluster, GitHubStandIn github) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_OfARevisionThatTheClusterRefuses_IsRecordedAndSaysWhatThatIsWithout()
    {
        using var repository = await github.NewRepositoryAsync();
        using var connection = cluster.Connect(TimeProvider.System, new WithoutRevisions());
        var log = new EventLog();

        var result = await DeployAsync("unkept", connection, repository, log);

        Assert.Equal((DeployOutcome.Deployed, "success"), (result.Outcome, result.Record!.State));
        Assert.Equal("success", Assert.Single(repository.Deployments).State);
        Assert.NotEmpty((string)repository.Deployments[0].Payload!["rollout"]!);
        Assert.Equal(["KUBEAPP7001", "KUBEAPP9023"], log.Events.OfType<DeployEvent.DiagnosticRaised>().Select(item => item.Diagnostic.Code));
    }

    [Fact]
    public async Task Destroy_ThatIsRefusedAfterTheAppIsGone_EndsTheRecordsOfWhatIsGone()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("half-gone", cluster.Connection, repository, new EventLog())).Outcome);
        using var connection = cluster.Connect(TimeProvider.System, new WithoutSecrets());
        var inventory = (await InventoryStore.ReadAsync(connection.Client, "half-gone", "half-gone", Token))!;
        var log = new EventLog();
        await using (var records = RecordsOf(repository, connection, log))
        {
            var record = new DestroyRecord(connection.Client, records, log, new Author("jane"));
            var destroyer = new AppDestroyer(connection.Client, log) { Begun = record.BeginAsync, Ended = record.EndAsync };

            await Assert.ThrowsAsync<ApiException>(() => destroyer.RunAsync(inventory, includesKept: true, Token));
        }

        Assert.Equal([("deploy:destroy", "failure"), ("deploy", "inactive")], repository.Deployments.Select(item => (item.Task, item.State!)));
        Assert.Contains("secrets is forbidden", repository.Deployments[0].Statuses[^1].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_BesideARunThatHoldsTheLock_LeavesItToThat()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1000, Fault.Answer(503));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("beside", cluster.Connection, repository, new EventLog())).Outcome);
        repository.ForgetFaults();

        await using (await new AppLock(cluster.Client, new EventLog(), LockHolder.Of("deploy", _ => null)).TakeAsync("beside", "beside", null, Token))
        {
            await using var beside = RecordsOf(repository, cluster.Connection, new EventLog());
            Assert.Equal(1, await beside.DeliverOwedAsync("beside", "beside", []));
            Assert.Empty(repository.Deployments);
        }

        await using var alone = RecordsOf(repository, cluster.Connection, new EventLog());
        await alone.DeliverOwedAsync("beside", "beside", []);
        Assert.Equal("success", Assert.Single(repository.Deployments).State);
    }

    [Fact]
    public async Task Complete_OfARunThatIsAskedToEndMeanwhile_EndsAsItsWorkDid()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("late", cluster.Connection, repository, new EventLog())).Outcome);
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await asked.CancelAsync();
        await using var records = RecordsOf(repository, cluster.Connection, new EventLog(), asked.Token);

        var result = await records.CompleteAsync(DeployResult.Nothing(DeployOutcome.Deployed, 0, "late", "local") with { Namespace = "late" });

        Assert.Equal((DeployOutcome.Deployed, "success"), (result.Outcome, result.Record?.State));
    }

    [Fact]
    public async Task Deploy_ThatIsRecorded_AsksTheClusterForTwoWritesMore()
    {
        using var repository = await github.NewRepositoryAsync();
        using Writes plain = new(), recorded = new();
        using var one = cluster.Connect(TimeProvider.System, plain);
        using var other = cluster.Connect(TimeProvider.System, recorded);

        Assert.Equal(DeployOutcome.Deployed, (await new Deployer(one, _ => null).RunAsync(new DeployRequest(BundleOf("plain"), "local"), new EventLog(), Token)).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("kept", other, repository, new EventLog())).Outcome);

        Assert.Equal(plain.Count + 2, recorded.Count);
    }

    private async Task<DeployResult> DeployAsync(string app, ClusterConnection connection, StandInRepository repository, EventLog log)
    {
        await using var records = RecordsOf(repository, connection, log);
        return await records.CompleteAsync(await new Deployer(connection, _ => null) { Follower = records }.RunAsync(new DeployRequest(BundleOf(app), "local"), records, Token));
    }

    private static RolloutRecords RecordsOf(StandInRepository repository, ClusterConnection connection, EventLog log, CancellationToken? asked = null)
    {
        var access = new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token);
        return new RolloutRecords(new RecordSettings("test"), new GitHubClient(access, TimeProvider.System, new GitHubLimits { Waiting = TimeSpan.Zero }), connection.Client, log, asked ?? Token);
    }

    private Bundle BundleOf(string app) =>
        SandboxCluster.Bundle(app, TimeSpan.FromMinutes(1), SandboxCluster.WebService, cluster.Web(1)) with { Commit = RecordedApp.Commit };

    // Those of the lock come as time goes by.
    private sealed class Writes : DelegatingHandler
    {
        private int _count;

        public int Count => _count;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get && !request.RequestUri!.AbsolutePath.Contains("/leases", StringComparison.Ordinal))
                Interlocked.Increment(ref _count);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class WithoutRevisions : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Post && request.Content is { } content && (await content.ReadAsStringAsync(cancellationToken)).Contains(RevisionObject.NumberLabel, StringComparison.Ordinal)
                ? Forbidden(request, "configmaps")
                : await base.SendAsync(request, cancellationToken);
    }

    // The key of the namespace's hashes goes last.
    private sealed class WithoutSecrets : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.Contains("/secrets/", StringComparison.Ordinal)
                ? Forbidden(request, "secrets")
                : await base.SendAsync(request, cancellationToken);
    }

    private static HttpResponseMessage Forbidden(HttpRequestMessage request, string what) => new(HttpStatusCode.Forbidden)
    {
        RequestMessage = request,
        Content = new StringContent($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{what}} is forbidden","reason":"Forbidden","code":403}""", System.Text.Encoding.UTF8, "application/json"),
    };
}
