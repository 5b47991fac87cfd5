using KubeApps.Deploy.GitHub;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>What GitHub refuses, and what is made of it.</summary>
public sealed class GitHubRefusalTests(GitHubStandIn github)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_ThatWasRevoked_IsNotKnown()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Revoke(repository.Token);

        var failure = await FailAsync(repository, client => client.GetDeploymentAsync(1, Token));

        Assert.Equal((GitHubFailure.TokenUnknown, "KUBEAPP9002"), (failure.Kind, failure.Diagnostics[0].Code));
        Assert.Contains("Bad credentials", failure.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(repository.Token, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WithATokenThatMayOnlyRead_NamesThePermission()
    {
        using var repository = await github.NewRepositoryAsync();
        var access = Access(repository) with { Token = repository.NewToken(TokenRights.ReadOnly) };

        var deployment = await FailAsync(access, client => client.CreateDeploymentAsync(New("main"), Token));
        var comment = await FailAsync(access, client => client.CreateCommentAsync(1, "text", Token));

        Assert.Equal((GitHubFailure.Forbidden, "KUBEAPP9003"), (deployment.Kind, deployment.Diagnostics[0].Code));
        Assert.Contains("'deployments: write'", deployment.Diagnostics[0].NextStep, StringComparison.Ordinal);
        Assert.Contains("'issues: write' or 'pull-requests: write'", comment.Diagnostics[0].NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfAnEnterpriseServerThatNamesNoPermission_NamesItAllTheSame()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(403, """{"message":"Resource not accessible by personal access token"}"""));

        var failure = await FailAsync(repository, client => client.CreateDeploymentAsync(New("main"), Token));

        Assert.Contains("'deployments: write'", failure.Diagnostics[0].NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ThatNeedsSingleSignOn_IsToldSo()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(403, """{"message":"Resource protected by organization SAML enforcement."}""", headers: ("x-github-sso", "required; url=https://github.com/orgs/acme/sso?a=1")));

        var failure = await FailAsync(repository, client => client.GetDeploymentAsync(1, Token));

        Assert.Equal(GitHubFailure.Forbidden, failure.Kind);
        Assert.Contains("single sign-on", failure.Diagnostics[0].NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_ThatTheTokenMayNotSee_IsNotFound()
    {
        using var repository = await github.NewRepositoryAsync();
        var access = Access(repository) with { Token = repository.NewToken(TokenRights.None) };

        var failure = await FailAsync(access, client => client.CreateDeploymentAsync(New("main"), Token));
        using var client = new GitHubClient(access, TimeProvider.System);

        Assert.Equal((GitHubFailure.NotFound, "KUBEAPP9004"), (failure.Kind, failure.Diagnostics[0].Code));
        Assert.Contains("may not see it", failure.Reason, StringComparison.Ordinal);
        Assert.Null(await client.GetDeploymentAsync(1, Token));
    }

    [Fact]
    public async Task Ref_ThatIsNotThere_IsRefusedInGitHubsWords()
    {
        using var repository = await github.NewRepositoryAsync();

        var failure = await FailAsync(repository, client => client.CreateDeploymentAsync(New("no-such-branch"), Token));

        Assert.Equal((GitHubFailure.Invalid, "KUBEAPP9006"), (failure.Kind, failure.Diagnostics[0].Code));
        Assert.Contains("No ref found for: no-such-branch", failure.Reason, StringComparison.Ordinal);
        Assert.False(failure.MayBeDone);
        Assert.Single(repository.Requests);
    }

    [Fact]
    public async Task Contexts_ThatFailed_AreNoMatterAsNoneIsRequired()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.FailedContexts.Add("ci");
        using var client = new GitHubClient(Access(repository), TimeProvider.System);

        await client.CreateDeploymentAsync(New("main"), Token);
        var failure = await FailAsync(repository, other => other.CreateDeploymentAsync(New("main") with { RequiredContexts = ["ci"] }, Token));

        Assert.Equal(GitHubFailure.Invalid, failure.Kind);
        Assert.Contains("Commit status checks failed", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Branch_ThatGitHubMergesInstead_IsNoDeployment()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Commits.Branches["topic"] = repository.Commits.Add("Aside").Sha;

        var failure = await FailAsync(repository, client => client.CreateDeploymentAsync(New("topic") with { AutoMerge = true }, Token));

        Assert.Equal(GitHubFailure.Invalid, failure.Kind);
        Assert.Contains("Auto-merged main into topic", failure.Reason, StringComparison.Ordinal);
        Assert.Empty(repository.Deployments);
    }

    [Fact]
    public async Task Reasons_OfAnInvalidComment_AreShown()
    {
        using var repository = await github.NewRepositoryAsync();

        var failure = await FailAsync(repository, client => client.CreateCommentAsync(1, new string('x', 70_000), Token));

        Assert.Contains("Validation Failed (body is too long (maximum is 65536 characters))", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_OfAHostileServer_StandInOnePrintableLine()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(422, """{"message":"one\n::error::two \u001b[31mred\u202e","errors":[{"field":"a","code":"b"},"three",7,null,{"code":{}}]}"""));

        var failure = await FailAsync(repository, client => client.GetDeploymentAsync(1, Token));

        Assert.DoesNotContain(failure.Reason, char.IsControl);
        Assert.DoesNotContain('\u202e', failure.Reason);
        Assert.Contains("one ::error::two red", failure.Reason, StringComparison.Ordinal);
        Assert.Contains("(a b; three)", failure.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>Login</html>", "text/html")]
    [InlineData("{}", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("\"text\"", "application/json")]
    [InlineData("{\"id\":0}", "application/json")]
    [InlineData("{\"id\":\"one\"}", "application/json")]
    [InlineData("{\"message\":\"Hello\"}", "application/json")]
    [InlineData("{\"id\":1", "application/json")]
    [InlineData("", "application/json")]
    public async Task Answer_ThatIsNotWhatGitHubAnswers_IsUnexpectedAndNoDeployment(string body, string type)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(2, Fault.Answer(200, body, type));

        var created = await FailAsync(repository, client => client.CreateDeploymentAsync(New("main"), Token));
        var read = await FailAsync(repository, client => client.GetDeploymentAsync(1, Token));

        Assert.Equal((GitHubFailure.Unexpected, true), (created.Kind, created.MayBeDone));
        Assert.Equal(GitHubFailure.Unexpected, read.Kind);
    }

    [Fact]
    public async Task List_WithAnObjectInItsPlace_IsUnexpected()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(200, """{"message":"Not a list"}"""));

        var failure = await FailAsync(repository, async client => await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Equal(GitHubFailure.Unexpected, failure.Kind);
    }

    [Fact]
    public async Task Answer_WithoutEnd_IsNotReadIntoMemory()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(200, new string(' ', 3 << 20)));

        var failure = await FailAsync(Access(repository), client => client.GetDeploymentAsync(1, Token), new GitHubLimits { Answer = 1 << 20 });

        Assert.Contains("more than 1 MiB", failure.Reason, StringComparison.Ordinal);
    }

    internal static GitHubAccess Access(StandInRepository repository) => new(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token);

    internal static NewGitHubDeployment New(string reference) => new(reference, "staging") { TransientEnvironment = false, ProductionEnvironment = false };

    private static Task<GitHubException> FailAsync(StandInRepository repository, Func<GitHubClient, Task> ask) => FailAsync(Access(repository), ask);

    private static async Task<GitHubException> FailAsync(GitHubAccess access, Func<GitHubClient, Task> ask, GitHubLimits? limits = null)
    {
        using var client = new GitHubClient(access, TimeProvider.System, limits);
        return await Assert.ThrowsAsync<GitHubException>(() => ask(client));
    }
}
