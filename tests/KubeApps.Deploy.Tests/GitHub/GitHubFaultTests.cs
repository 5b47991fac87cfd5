using System.Net;
using KubeApps.Deploy.GitHub;
using KubeApps.GitHub.StandIn;
using static KubeApps.Deploy.Tests.GitHub.GitHubRefusalTests;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>GitHub's bad days: what is asked again, how long is waited, and what is known afterwards.</summary>
public sealed class GitHubFaultTests(GitHubStandIn github)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    // All time is passed at once, but the limit of a request.
    private static readonly GitHubLimits Patient = new() { Request = Timeout.InfiniteTimeSpan };

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Read_DuringAFault_IsAskedAgain(int status)
    {
        using var repository = await github.NewRepositoryAsync();
        var known = repository.Add(new StandInDeployment($"{1:x40}", "staging"));
        repository.Next(2, Fault.Answer(status, "<html>Unicorn!</html>", "text/html"));
        using var client = Client(repository);

        Assert.Equal(known.Id, (await client.GetDeploymentAsync(known.Id, Token))!.Id);
        Assert.Equal([status, status, 200], repository.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task Read_WithItsConnectionsCut_IsAskedAgain()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.CutBefore);
        repository.Next(1, Fault.CutAfter);
        using var client = Client(repository);

        Assert.Empty(await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));
        Assert.Equal(3, repository.Requests.Count);
    }

    [Fact]
    public async Task Read_DuringALastingFault_EndsAndSaysWhy()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(10, Fault.Answer(503));
        using var client = Client(repository);

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.GetDeploymentAsync(1, Token));

        Assert.Equal((GitHubFailure.Unavailable, "KUBEAPP9001", false), (failure.Kind, failure.Diagnostics[0].Code, failure.MayBeDone));
        Assert.Contains("answers 503", failure.Reason, StringComparison.Ordinal);
        Assert.Equal(4, repository.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deployment_WhoseAnswerIsLost_IsNotCreatedTwice(bool isCut)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, isCut ? Fault.CutAfter : Fault.AnswerAfter(502, "<html></html>"));
        using var client = Client(repository);

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.CreateDeploymentAsync(New("main"), Token));

        Assert.True(failure.MayBeDone);
        Assert.Single(repository.Deployments);
        Assert.Single(repository.Requests);
    }

    [Fact]
    public async Task Write_ToNobody_IsTriedAgainAndCertainlyNotDone()
    {
        var clock = new HurriedClock();
        using var client = new GitHubClient(new GitHubAccess(new GitHubRepository(new Uri("http://127.0.0.1:9/"), "acme", "shop"), "secret-token"), clock, Patient);

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.CreateDeploymentAsync(New("main"), Token));

        Assert.Equal((GitHubFailure.Unavailable, false), (failure.Kind, failure.MayBeDone));
        Assert.Equal(3, clock.Waits.Count);
        Assert.DoesNotContain("secret-token", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatIsNeverAnswered_EndsWithItsLimit()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Hang);
        using var client = new GitHubClient(Access(repository), TimeProvider.System, new GitHubLimits { Request = TimeSpan.FromMilliseconds(200), Waiting = TimeSpan.Zero });

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.CreateDeploymentAsync(New("main"), Token));

        Assert.Equal((GitHubFailure.Unavailable, true), (failure.Kind, failure.MayBeDone));
        Assert.Contains("within 0.2 s", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatIsCancelled_EndsAtOnce()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(2, Fault.Hang);
        using var client = Client(repository);
        using var cancelled = new CancellationTokenSource();

        var read = client.GetDeploymentAsync(1, cancelled.Token);
        var changed = client.UpdateCommentAsync(1, "text", cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => changed);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Write_AboveASecondaryLimit_IsSentAgainWhenGitHubSays(int status)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.SecondaryLimit(TimeSpan.FromSeconds(17), status));
        var clock = new HurriedClock();
        using var client = Client(repository, clock);

        await client.CreateDeploymentAsync(New("main"), Token);

        Assert.Single(repository.Deployments);
        Assert.InRange(Assert.Single(clock.Waits), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(19));
    }

    [Fact]
    public async Task Requests_OfAnHourUsedUp_SayUntilWhenAndAreNotSentBefore()
    {
        using var repository = await github.NewRepositoryAsync();
        var reset = DateTimeOffset.UtcNow.AddMinutes(40);
        repository.RateLimit = (1, reset);
        using var client = Client(repository);

        await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token);
        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.GetDeploymentAsync(1, Token));
        var again = await Assert.ThrowsAsync<GitHubException>(() => client.CreateDeploymentAsync(New("main"), Token));

        Assert.Equal((GitHubFailure.RateLimited, "KUBEAPP9005"), (failure.Kind, failure.Diagnostics[0].Code));
        Assert.InRange(failure.Until!.Value, reset.AddSeconds(-5), reset.AddSeconds(5));
        Assert.Contains($"until {failure.Until.Value.UtcDateTime:yyyy-MM-dd HH:mm}", failure.Reason, StringComparison.Ordinal);
        Assert.Equal(failure.Until, again.Until);
        // The third was not sent at all.
        Assert.Equal(2, repository.Requests.Count);
    }

    [Fact]
    public async Task Limit_WhileOthersAreUnderWay_IsHeldToWhateverThoseAreAnswered()
    {
        using var server = new Crowd(refused: 8);
        using var client = new GitHubClient(new GitHubAccess(new GitHubRepository(new Uri("https://api.github.com/"), "acme", "shop"), "token"), TimeProvider.System, Patient with { Waiting = TimeSpan.Zero }, handler: server);
        var slow = client.GetDeploymentAsync(1, Token);
        var others = Enumerable.Range(2, 8).Select(id => client.GetDeploymentAsync(id, Token)).ToList();
        server.Refuse.SetResult();
        var refused = await Task.WhenAll(others.Select(other => Assert.ThrowsAsync<GitHubException>(() => other)));

        server.Answer.SetResult();
        await slow;

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.GetDeploymentAsync(10, Token));
        Assert.Equal(GitHubFailure.RateLimited, failure.Kind);
        Assert.Equal(9, server.Requests);
        // Refused at once is refused once: a minute, and not one that doubles with each.
        Assert.All(refused, item => Assert.InRange(item.Until!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddMinutes(1)));
    }

    [Fact]
    public async Task Limit_ThatSaysNothing_IsWaitedForLongerEachTime()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(3, Fault.SecondaryLimit());
        var clock = new HurriedClock();
        using var client = Client(repository, clock, Patient with { Waiting = TimeSpan.FromMinutes(10) });

        await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token);

        Assert.Equal([1, 2, 4], clock.Waits.Select(wait => (int)wait.TotalMinutes));
    }

    [Theory]
    [InlineData("https://evil.example/repositories/1/deployments?page=2")]
    [InlineData("http://127.0.0.1:9/repositories/1/deployments?page=2")]
    [InlineData("//evil.example/x")]
    [InlineData("not an address")]
    public async Task Page_ThatLeadsElsewhere_IsNotFollowed(string next)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(200, "[]", headers: ("Link", $"<{next}>; rel=\"next\"")));
        using var client = Client(repository);

        var failure = await Assert.ThrowsAsync<GitHubException>(async () => await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Equal(GitHubFailure.Unexpected, failure.Kind);
        Assert.Single(repository.Requests);
    }

    [Fact]
    public async Task Page_OutsideOfTheApisPath_IsNotFollowed()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(200, "[]", headers: ("Link", $"<{repository.Api}api/v3/../../login>; rel=\"next\"")));
        using var client = new GitHubClient(Access(repository) with { Repository = new GitHubRepository(github.EnterpriseApi, repository.Owner, repository.Name) }, TimeProvider.System);

        await Assert.ThrowsAsync<GitHubException>(async () => await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Single(repository.Requests);
    }

    [Fact]
    public async Task Pages_WithoutEnd_End()
    {
        using var repository = await github.NewRepositoryAsync();
        var first = $"{repository.Api}repos/{repository.FullName}/deployments?page=1";
        repository.Next(5, Fault.Answer(200, "[]", headers: ("Link", $"<{first}>; rel=\"next\"")));
        using var client = Client(repository);

        await Assert.ThrowsAsync<GitHubException>(async () => await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).ToListAsync(Token));

        Assert.Equal(2, repository.Requests.Count);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Redirect_ToAnotherHost_IsNotFollowed(int status)
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Answer(status, headers: ("Location", "http://127.0.0.1:9/catch")));
        using var client = Client(repository);

        var failure = await Assert.ThrowsAsync<GitHubException>(() => client.GetDeploymentAsync(1, Token));

        Assert.Equal(GitHubFailure.Unexpected, failure.Kind);
        Assert.Contains("the token does not go there", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_ThatWasRenamed_IsFollowed()
    {
        using var repository = await github.NewRepositoryAsync();
        var known = repository.Add(new StandInDeployment($"{1:x40}", "staging"));
        repository.Next(1, Fault.Answer(301, headers: ("Location", $"/repositories/{repository.Id}/deployments/{known.Id}")));
        repository.Next(1, Fault.Answer(307, headers: ("Location", $"{repository.Api}repositories/{repository.Id}/deployments")), request => request.Method == "POST");
        using var client = Client(repository);

        Assert.NotNull(await client.GetDeploymentAsync(known.Id, Token));
        await client.CreateDeploymentAsync(New("main"), Token);

        Assert.Equal(2, repository.Deployments.Count);
    }

    [Fact]
    public async Task Enterprise_ServersPath_IsKeptOnAllPages()
    {
        using var repository = await github.NewRepositoryAsync();
        for (var number = 0; number < 150; number++)
            repository.Add(new StandInDeployment($"{number:x40}", "staging"));
        using var client = new GitHubClient(Access(repository) with { Repository = new GitHubRepository(github.EnterpriseApi, repository.Owner, repository.Name) }, TimeProvider.System);

        Assert.Equal(150, await client.ListDeploymentsAsync(new GitHubDeploymentFilter(), Token).CountAsync(Token));
    }

    [Theory]
    [InlineData("http://github.example/api/v3/")]
    [InlineData("ftp://127.0.0.1/")]
    public void Address_ThatTheTokenWouldBeReadOn_IsRefused(string api)
    {
        var failure = Assert.Throws<KubeApps.Diagnostics.DiagnosticException>(
            () => new GitHubClient(new GitHubAccess(new GitHubRepository(new Uri(api), "acme", "shop"), "token"), TimeProvider.System));

        Assert.Equal("KUBEAPP9008", failure.Diagnostics[0].Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("größe")]
    public void Token_ThatIsNone_IsRefusedWithoutBeingShown(string token)
    {
        var failure = Assert.Throws<KubeApps.Diagnostics.DiagnosticException>(
            () => new GitHubClient(new GitHubAccess(new GitHubRepository(new Uri("https://api.github.com/"), "acme", "shop"), token), TimeProvider.System));

        Assert.Equal("KUBEAPP9002", failure.Diagnostics[0].Code);
        Assert.True(token.Length == 0 || !failure.ToString().Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_OfAnyKind_CarriesTheTokenOnlyWhereItBelongs()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);

        await client.CreateDeploymentAsync(New("main"), Token);

        var request = Assert.Single(repository.Requests);
        Assert.Equal($"Token {repository.Token}", request.Headers["Authorization"]);
        Assert.All(request.Headers.Where(header => header.Key != "Authorization"), header => Assert.DoesNotContain(repository.Token, header.Value, StringComparison.Ordinal));
        Assert.Equal("2022-11-28", request.Headers["X-GitHub-Api-Version"]);
        Assert.Equal((int)HttpStatusCode.Created, request.Status);
    }

    private static GitHubClient Client(StandInRepository repository, HurriedClock? clock = null, GitHubLimits? limits = null) =>
        new(Access(repository), clock ?? new HurriedClock(), limits ?? Patient);

    /// <summary>The first one is answered late; those after it are refused for their number.</summary>
    private sealed class Crowd(int refused) : HttpMessageHandler
    {
        private int _requests;

        public int Requests => _requests;

        public TaskCompletionSource Refuse { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var number = Interlocked.Increment(ref _requests);
            await (number == 1 ? Answer : Refuse).Task;
            var isRefused = number > 1 && number <= refused + 1;
            return new HttpResponseMessage(isRefused ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK)
            {
                Content = new StringContent(isRefused ? """{"message":"secondary rate limit"}""" : """{"id":1}""", System.Text.Encoding.UTF8, "application/json"),
            };
        }
    }
}
