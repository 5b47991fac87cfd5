using System.Net;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>A cluster that does not keep revisions: their rollouts are recorded all the same, as long as GitHub answers.</summary>
public sealed class UnkeptRevisionTests(SandboxCluster cluster, GitHubStandIn github) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_OfARevisionThatTheClusterRefuses_IsRecordedAndSaysWhatThatIsWithout()
    {
        using var repository = await github.NewRepositoryAsync();
        using var connection = cluster.Connect(TimeProvider.System, new WithoutRevisions());
        var log = new EventLog();
        var access = new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token);
        var bundle = SandboxCluster.Bundle("unkept", TimeSpan.FromMinutes(1), SandboxCluster.WebService, cluster.Web(1)) with { Commit = RecordedApp.Commit };
        await using (var records = new RolloutRecords(new RecordSettings("test"), new GitHubClient(access, TimeProvider.System), connection.Client, log, Token))
        {
            var deployer = new Deployer(connection, _ => null) { Follower = records };
            var result = await records.CompleteAsync(await deployer.RunAsync(new DeployRequest(bundle, "local"), records, Token), Token);

            Assert.Equal((DeployOutcome.Deployed, "success"), (result.Outcome, result.Record!.State));
        }

        Assert.Equal("success", Assert.Single(repository.Deployments).State);
        Assert.NotEmpty((string)repository.Deployments[0].Payload!["rollout"]!);
        Assert.Equal(["KUBEAPP7001", "KUBEAPP9023"], log.Events.OfType<DeployEvent.DiagnosticRaised>().Select(item => item.Diagnostic.Code));
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
