using System.Net;
using KubeApps.Bundles;
using KubeApps.Deploy.GitHub;
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
        var access = new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token);
        await using var records = new RolloutRecords(new RecordSettings("test"), new GitHubClient(access, TimeProvider.System), connection.Client, log, Token);
        return await records.CompleteAsync(await new Deployer(connection, _ => null) { Follower = records }.RunAsync(new DeployRequest(BundleOf(app), "local"), records, Token), Token);
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
                ? new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"configmaps is forbidden","reason":"Forbidden","code":403}""", System.Text.Encoding.UTF8, "application/json"),
                }
                : await base.SendAsync(request, cancellationToken);
    }
}
