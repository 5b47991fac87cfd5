using System.Text.Json.Nodes;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.GitHub.StandIn;
using static KubeApps.Deploy.Tests.GitHub.GitHubRefusalTests;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>Answers in the shapes that GitHub had over the years, as others recorded them; names and addresses are made up.</summary>
public sealed class GitHubRecordedTests(GitHubStandIn github)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deployments_OfAllYears_AreRead()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = new GitHubClient(Access(repository), TimeProvider.System);
        var read = new List<GitHubDeployment>();
        foreach (var recorded in Recording.Read("github-deployments.json").AsArray())
        {
            repository.Next(1, Fault.Answer(200, recorded!["list"]!.ToJsonString()));
            read.AddRange(await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));
        }

        Assert.Equal([157, 156, 78406011, 171858790], read.Select(item => item.Id));
        Assert.Equal(["", "", "deploy", "deploy"], read.Select(item => item.Task));
        Assert.Equal(["\"{\\\"environment\\\":\\\"production\\\"}\"", "\"null\"", "{}", "{\"environment\":\"production\"}"], read.Select(item => item.Payload!.Value.GetRawText().Replace("\\u0022", "\\\"", StringComparison.Ordinal)));
        Assert.All(read, item => Assert.Equal(("octocat", null), (item.Creator?.Login, item.Description)));
    }

    // Made up: the recorded answer of 2019 with another payload in it.
    [Theory]
    [InlineData("12")]
    [InlineData("[1,\"two\",null]")]
    [InlineData("true")]
    [InlineData("null")]
    public async Task Deployments_WithAPayloadOfWhichThereIsNoRecording_AreRead(string payload)
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = new GitHubClient(Access(repository), TimeProvider.System);
        var list = Recording.Read("github-deployments.json").AsArray()[^1]!["list"]!.AsArray();
        list[0]!["payload"] = JsonNode.Parse(payload);
        repository.Next(1, Fault.Answer(200, list.ToJsonString()));

        var read = Assert.Single(await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Equal((171858790, payload), (read.Id, read.Payload?.GetRawText() ?? "null"));
        Assert.Null(RecordedPayload.Read(read.Payload ?? default));
    }

    [Fact]
    public async Task Conflict_WithTheContextsThatFailed_IsRefused()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = new GitHubClient(Access(repository), TimeProvider.System);
        repository.Next(1, Fault.Answer(409, """
            {"message":"Conflict: Commit status checks failed for main","errors":[{"contexts":"continuous-integration/travis-ci/push","status":"failed"},{"contexts":"code-climate","status":"failed"}]}
            """));

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.CreateDeploymentAsync(New("main"), Token));

        Assert.Equal(GitHubFailure.Invalid, failure.Kind);
        Assert.Contains("Commit status checks failed for main (continuous-integration/travis-ci/push failed; code-climate failed)", failure.Reason, StringComparison.Ordinal);
    }
}
