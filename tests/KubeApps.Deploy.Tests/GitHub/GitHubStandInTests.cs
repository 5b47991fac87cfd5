using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.GitHub;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>The client and the stand-in speak with one another as GitHub's description says, and the stand-in does what GitHub does.</summary>
public sealed class GitHubStandInTests(GitHubStandIn github)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deployment_RecordedWithStatuses_ComesBackAsItWasSent()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var sha = repository.Commits.Add("A change").Sha;

        var created = await client.CreateDeploymentAsync(
            New(sha, "staging") with { Payload = JsonSerializer.SerializeToElement(new { app = "shop", revision = 7 }) }, Token);
        await client.CreateStatusAsync(created.Id, new NewGitHubDeploymentStatus("in_progress") { Description = "Waits" }, Token);
        await client.CreateStatusAsync(
            created.Id, new NewGitHubDeploymentStatus("success") { EnvironmentUrl = "https://shop.example", LogUrl = "https://ci.example/1" }, Token);

        var read = await client.GetDeploymentAsync(created.Id, Token);
        Assert.NotNull(read);
        Assert.Equal((sha, sha, "deploy", "staging"), (read.Sha, read.Ref, read.Task, read.Environment));
        Assert.Equal(7, read.Payload!.Value.GetProperty("revision").GetInt32());
        var statuses = await client.ListStatusesAsync(created.Id, Token).ToListAsync(Token);
        Assert.Equal(["success", "in_progress"], statuses.Select(status => status.State));
        Assert.Equal(("https://shop.example", "https://ci.example/1"), (statuses[0].EnvironmentUrl, statuses[0].LogUrl));
    }

    [Fact]
    public async Task Deployments_OfManyPages_AreListedNewestFirstAndFiltered()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        for (var number = 0; number < 250; number++)
            repository.Add(new StandInDeployment($"{number:x40}", number % 2 == 0 ? "staging" : "production") { Ref = "main" });

        var all = await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token);
        var staging = await client.ListDeploymentsAsync(new GitHubDeploymentFilter("staging", Ref: "main", Task: "deploy"), Token).ToListAsync(Token);
        var one = await client.ListDeploymentsAsync(new GitHubDeploymentFilter(Sha: $"{17:x40}"), Token).ToListAsync(Token);

        Assert.Equal(repository.Deployments.Select(item => item.Id), all.Select(item => item.Id));
        Assert.Equal(125, staging.Count);
        Assert.Equal("production", Assert.Single(one).Environment);
    }

    // Of objects and texts there are recorded answers (Recorded/github-deployments.json); the other types are made up.
    [Theory]
    [InlineData("""{"a":{"b":[1,null]}}""")]
    [InlineData("\"text\"")]
    [InlineData("\"\"")]
    [InlineData("\"{\\\"written\\\":\\\"twice\\\"}\"")]
    [InlineData("17")]
    [InlineData("[1,\"two\",{}]")]
    [InlineData("true")]
    [InlineData("null")]
    public async Task Deployment_OfAnotherToolWithAPayloadOfAnyType_IsRead(string payload)
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        repository.Add(new StandInDeployment($"{1:x40}", "production") { Payload = JsonNode.Parse(payload), Creator = null, Description = null });

        var read = Assert.Single(await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Equal(payload == "null" ? null : payload, read.Payload?.GetRawText());
        Assert.Null(read.Creator);
    }

    [Fact]
    public async Task Deployment_WithAHundredStatuses_TakesNoMore()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var full = repository.Add(new StandInDeployment($"{1:x40}", "staging") { Statuses = [.. Enumerable.Range(0, 100).Select(_ => new StandInStatus("in_progress"))] });

        var refusal = await Assert.ThrowsAsync<GitHubException>(() => client.CreateStatusAsync(full.Id, new NewGitHubDeploymentStatus("success"), Token));

        Assert.Contains("maximum number of statuses", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_Deleted_IsGoneWhereItIsNotActive()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var (active, over) = (repository.Add(new StandInDeployment($"{1:x40}", "staging") { Statuses = [new StandInStatus("success")] }), repository.Add(new StandInDeployment($"{2:x40}", "staging") { Statuses = [new StandInStatus("inactive")] }));

        await client.DeleteDeploymentAsync(over.Id, Token);
        await client.DeleteDeploymentAsync(over.Id + 1_000_000, Token);

        Assert.Equal([active.Id], repository.Deployments.Select(item => item.Id));
        repository.Add(new StandInDeployment($"{3:x40}", "staging"));
        await Assert.ThrowsAsync<GitHubException>(() => client.DeleteDeploymentAsync(active.Id, Token));
    }

    [Fact]
    public async Task Success_WithAutoInactive_RetiresOnlyWhatGitHubRetires()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        StandInDeployment Serving(string environment) => repository.Add(new StandInDeployment($"{1:x40}", environment) { Statuses = [new StandInStatus("success")] });
        var (old, other, production) = (Serving("staging"), Serving("qa"), repository.Add(new StandInDeployment($"{2:x40}", "staging") { IsProduction = true, Statuses = [new StandInStatus("success")] }));

        var created = await client.CreateDeploymentAsync(New($"{3:x40}", "staging"), Token);
        await client.CreateStatusAsync(created.Id, new NewGitHubDeploymentStatus("success") { AutoInactive = true }, Token);

        Assert.Equal(("inactive", "success", "success"), (old.State, other.State, production.State));
    }

    [Fact]
    public async Task Comparison_OfACommitWithOneItContains_SaysWhatLiesBetween()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var first = repository.Commits.Add("One");
        var second = repository.Commits.Add("Two", first.Sha);
        var third = repository.Commits.Add("Three", second.Sha);
        var aside = repository.Commits.Add("Aside", first.Sha);

        var ahead = await client.CompareAsync(first.Sha, third.Sha, Token);
        var diverged = await client.CompareAsync(aside.Sha, third.Sha, Token);

        Assert.True(ahead.IsContained);
        Assert.Equal(["Two", "Three"], ahead.Commits.Select(commit => commit.Commit?.Message));
        Assert.Equal(("diverged", 2, 1), (diverged.Status, diverged.AheadBy, diverged.BehindBy));
    }

    [Fact]
    public async Task Comment_CreatedAndChanged_IsTheOnlyOne()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);

        var created = await client.CreateCommentAsync(5, "first", Token);
        await client.UpdateCommentAsync(created.Id, "second", Token);

        Assert.Equal("second", Assert.Single(await client.ListCommentsAsync(5, Token).ToListAsync(Token)).Body);
    }

    [Fact]
    public async Task Comment_Deleted_IsGone()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var created = await client.CreateCommentAsync(5, "first", Token);

        await client.DeleteCommentAsync(created.Id, Token);

        Assert.Empty(repository.Comments);
        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.CreateCommentAsync(11, "There is no such issue.", Token));
        Assert.True(failure.Kind == GitHubFailure.NotFound, failure.ToString());
    }

    [Theory]
    [InlineData("octocat")]
    [InlineData("github-actions[bot]")]
    public async Task Login_OfAToken_IsTheOneThatItsCommentsHave(string login)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Login = login;
        using var client = Client(repository);
        using var ofAServer = new GitHubClient(new GitHubAccess(new GitHubRepository(github.EnterpriseApi, repository.Owner, repository.Name), repository.Token), TimeProvider.System);

        Assert.Equal(login, await client.FindLoginAsync(Token));
        Assert.Equal(login, await ofAServer.FindLoginAsync(Token));
        Assert.Equal(login, (await client.CreateCommentAsync(5, "text", Token)).User!.Login);
    }

    [Fact]
    public async Task Request_ThatGitHubDoesNotDescribe_FailsTheTestWithTheReason()
    {
        var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var created = await client.CreateDeploymentAsync(New($"{1:x40}", "staging"), Token);

        await Assert.ThrowsAsync<GitHubException>(() => client.CreateStatusAsync(created.Id, new NewGitHubDeploymentStatus("success") { Description = new string('x', 141) }, Token));

        var failure = Assert.Throws<InvalidOperationException>(repository.Dispose);
        Assert.Contains("140", failure.Message, StringComparison.Ordinal);
    }

    // Tests against a stand-in that tells what GitHub never would prove nothing: its answers are held against the description, too.
    [Theory]
    [InlineData("no-such-state", 0, "state")]
    [InlineData("success", 141, "description")]
    public async Task Answer_OfTheStandInThatGitHubDoesNotDescribe_FailsTheTestWithTheReason(string state, int length, string field)
    {
        var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var deployment = repository.Add(new StandInDeployment($"{1:x40}", "staging") { Statuses = [new StandInStatus(state) { Description = new string('x', length) }] });

        var refusal = await Assert.ThrowsAsync<GitHubException>(() => client.ListStatusesAsync(deployment.Id, Token).ToListAsync(Token).AsTask());

        Assert.Contains("Not as GitHub describes its API", refusal.Reason, StringComparison.Ordinal);
        var failure = Assert.Throws<InvalidOperationException>(repository.Dispose);
        Assert.Contains($"GET /repos/{repository.FullName}/deployments/{deployment.Id}/statuses", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"\"response\",\"body\",\"0\",\"{field}\"", failure.Message, StringComparison.Ordinal);
    }

    private static GitHubClient Client(StandInRepository repository) => new(GitHubRefusalTests.Access(repository), TimeProvider.System);

    private static NewGitHubDeployment New(string sha, string environment) => new(sha, environment) { TransientEnvironment = false, ProductionEnvironment = false };
}
