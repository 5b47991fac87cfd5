using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Octokit;
using Octokit.Internal;

namespace KubeApps.Deploy.GitHub;

/// <summary>The requests that we send to GitHub, over Octokit's connection, with types of our own: its own ones refuse most payloads.</summary>
/// <remarks>
/// All of them throw a <see cref="GitHubException"/> where GitHub does not do what is asked. What can be asked twice is: after faults, and after the
/// time that GitHub's limits name, as long as <see cref="GitHubLimits.Waiting"/> allows. A deployment or a status of which nobody knows whether GitHub
/// has it is not sent again: <see cref="GitHubException.MayBeDone"/> says so.
/// </remarks>
internal sealed class GitHubClient : IDisposable
{
    private const int PageSize = 100;
    private const string Accepts = "application/vnd.github+json";
    private const string Sends = "application/json";
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClientAdapter _http;
    private readonly Connection _connection;
    private readonly string _repository;
    private readonly GitHubLimits _limits;
    private readonly TimeProvider _clock;

    /// <param name="access">Which repository, and what opens it.</param>
    /// <param name="clock">The time.</param>
    /// <param name="limits">How long to wait; null for what suits a person who waits.</param>
    /// <param name="cache">Where answers are kept, so that GitHub need only say that they still hold; null for nowhere.</param>
    /// <param name="handler">In place of the network.</param>
    /// <exception cref="DiagnosticException">The token would go over the network for all to read.</exception>
    public GitHubClient(GitHubAccess access, TimeProvider clock, GitHubLimits? limits = null, GitHubCache? cache = null, HttpMessageHandler? handler = null)
    {
        Repository = access.Repository;
        if (Repository.Api.Scheme != Uri.UriSchemeHttps && !(Repository.Api.Scheme == Uri.UriSchemeHttp && Repository.Api.IsLoopback))
            throw new DiagnosticException(DiagnosticDescriptors.GitHubAddressInvalid.Because($"The token cannot be sent to {Repository.Api.GetLeftPart(UriPartial.Authority)}."));
        // Where it cannot stand in a header, the failure would show it.
        if (access.Token.Length == 0 || !access.Token.All(letter => letter is > ' ' and < '\u007f'))
            throw new DiagnosticException(DiagnosticDescriptors.GitHubTokenUnknown.Because("What is given as a token is none: it is empty, or has spaces, line breaks or letters that no token has."));
        _limits = limits ?? new GitHubLimits();
        _clock = clock;
        _repository = $"repos/{Uri.EscapeDataString(Repository.Owner)}/{Uri.EscapeDataString(Repository.Name)}";
        _http = new HttpClientAdapter(() => new GitHubGuard(Repository.Api, _limits, clock, handler ?? NewHandler(Repository.Api)));
        // The guard has limits of its own, and says which was reached.
        _http.SetRequestTimeout(Timeout.InfiniteTimeSpan);
        _connection = new Connection(
            new ProductHeaderValue("KubeApps.Tooling"), Repository.Api, new InMemoryCredentialStore(new Credentials(access.Token)), _http, new Serializer());
        if (cache is not null)
            _connection.ResponseCache = cache.For(access);
    }

    public GitHubRepository Repository { get; }

    public Task<GitHubDeployment> CreateDeploymentAsync(NewGitHubDeployment deployment, CancellationToken cancellationToken) =>
        PostAsync<GitHubDeployment>($"{_repository}/deployments", deployment, cancellationToken);

    /// <summary>The newest first, page by page, as far as the caller reads.</summary>
    public IAsyncEnumerable<GitHubDeployment> ListDeploymentsAsync(GitHubDeploymentFilter filter, CancellationToken cancellationToken)
    {
        (string Name, string? Value)[] parts = [("environment", filter.Environment), ("sha", filter.Sha), ("ref", filter.Ref), ("task", filter.Task)];
        var query = string.Concat(parts.Where(part => part.Value is not null).Select(part => $"&{part.Name}={Uri.EscapeDataString(part.Value!)}"));
        return ListAsync<GitHubDeployment>($"{_repository}/deployments?per_page={PageSize}{query}", cancellationToken);
    }

    /// <summary>Null where there is none.</summary>
    public async Task<GitHubDeployment?> GetDeploymentAsync(long id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync<GitHubDeployment>($"{_repository}/deployments/{id}", cancellationToken);
        }
        catch (GitHubException failure) when (failure.Kind == GitHubFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>GitHub does so with what is inactive. One that is gone already is as good.</summary>
    public async Task DeleteDeploymentAsync(long id, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(true, () => _connection.Delete(Address($"{_repository}/deployments/{id}")).WaitAsync(cancellationToken), cancellationToken);
        }
        catch (GitHubException failure) when (failure.Kind == GitHubFailure.NotFound)
        {
        }
    }

    /// <summary>The newest first.</summary>
    public IAsyncEnumerable<GitHubDeploymentStatus> ListStatusesAsync(long deployment, CancellationToken cancellationToken) =>
        ListAsync<GitHubDeploymentStatus>($"{_repository}/deployments/{deployment}/statuses?per_page={PageSize}", cancellationToken);

    public Task<GitHubDeploymentStatus> CreateStatusAsync(long deployment, NewGitHubDeploymentStatus status, CancellationToken cancellationToken) =>
        PostAsync<GitHubDeploymentStatus>($"{_repository}/deployments/{deployment}/statuses", status, cancellationToken);

    public Task<GitHubComparison> CompareAsync(string first, string second, CancellationToken cancellationToken) =>
        GetAsync<GitHubComparison>($"{_repository}/compare/{Uri.EscapeDataString(first)}...{Uri.EscapeDataString(second)}", cancellationToken);

    /// <summary>
    /// Whether a commit is in another, with as little as GitHub can say of it: files and their changes stand on the first page alone. One that the
    /// repository does not have is in none.
    /// </summary>
    public async Task<bool> IsContainedAsync(string commit, string other, CancellationToken cancellationToken)
    {
        try
        {
            return (await GetAsync<GitHubComparison>($"{_repository}/compare/{Uri.EscapeDataString(commit)}...{Uri.EscapeDataString(other)}?per_page=1&page=2", cancellationToken)).IsContained;
        }
        catch (GitHubException failure) when (failure.Kind == GitHubFailure.NotFound)
        {
            return false;
        }
    }

    /// <summary>The commit that a hash or its beginning means; null where there is none, or more than one.</summary>
    public async Task<GitHubCommit?> FindCommitAsync(string sha, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync<GitHubCommit>($"{_repository}/commits/{Uri.EscapeDataString(sha)}?per_page=1", cancellationToken);
        }
        catch (GitHubException failure) when (failure.Kind is GitHubFailure.NotFound or GitHubFailure.Invalid)
        {
            return null;
        }
    }

    /// <summary>The comments of an issue or a pull request, the oldest first.</summary>
    public IAsyncEnumerable<GitHubComment> ListCommentsAsync(int issue, CancellationToken cancellationToken) =>
        ListAsync<GitHubComment>($"{_repository}/issues/{issue}/comments?per_page={PageSize}", cancellationToken);

    /// <summary>As it is now: an event tells what it was then.</summary>
    public Task<GitHubPullRequest> GetPullRequestAsync(int number, CancellationToken cancellationToken) => GetAsync<GitHubPullRequest>($"{_repository}/pulls/{number}", cancellationToken);

    public Task<GitHubComment> CreateCommentAsync(int issue, string body, CancellationToken cancellationToken) =>
        PostAsync<GitHubComment>($"{_repository}/issues/{issue}/comments", new NewGitHubComment(body), cancellationToken);

    public Task<GitHubComment> UpdateCommentAsync(long comment, string body, CancellationToken cancellationToken) => SendAsync(
        true,
        async () => Whole((await _connection.Patch<GitHubComment>(Address($"{_repository}/issues/comments/{comment}"), new NewGitHubComment(body), Accepts).WaitAsync(cancellationToken)).Body),
        cancellationToken);

    public Task DeleteCommentAsync(long comment, CancellationToken cancellationToken) => SendAsync(
        true, () => _connection.Delete(Address($"{_repository}/issues/comments/{comment}")).WaitAsync(cancellationToken), cancellationToken);

    /// <summary>Whose token it is: a person's, or that of a workflow or of another app, which only this API tells who they are.</summary>
    public async Task<string> FindLoginAsync(CancellationToken cancellationToken)
    {
        var graph = GitHubAddress.GraphOf(Repository.Api);
        var answer = await SendAsync(
            true, async () => Whole((await _connection.Post<GitHubViewerAnswer>(graph, new GitHubQuery("query { viewer { login } }"), Accepts, Sends, (IDictionary<string, string>?)null, cancellationToken)).Body), cancellationToken);
        return answer.Data!.Viewer!.Login!;
    }

    public void Dispose() => _http.Dispose();

    private Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : IGitHubItem =>
        SendAsync(true, async () => Whole((await _connection.Get<T>(Address(path), null, Accepts, cancellationToken)).Body), cancellationToken);

    private Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
        where T : IGitHubItem => SendAsync(
        false, async () => Whole((await _connection.Post<T>(Address(path), body, Accepts, Sends, (IDictionary<string, string>?)null, cancellationToken)).Body), cancellationToken);

    private async IAsyncEnumerable<T> ListAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IGitHubItem
    {
        var read = new HashSet<Uri>();
        for (var next = Address(path); next is not null;)
        {
            var address = next;
            if (!read.Add(address))
                throw GitHubException.Unexpected($"{Repository.Api.Host} leads from one page to another without an end.");
            var page = await SendAsync(true, () => _connection.Get<List<T>>(address, null, Accepts, cancellationToken), cancellationToken);
            foreach (var item in page.Body ?? [])
                yield return Whole(item);
            next = page.HttpResponse.ApiInfo.Links.GetValueOrDefault("next");
        }
    }

    // Octokit makes something of everything: of "{}", and of an object where a list should be.
    private T Whole<T>(T? item)
        where T : IGitHubItem =>
        item is { IsWhole: true } ? item : throw GitHubException.Unexpected($"{Repository.Api.Host} answers with something that is not what was asked for.");

    private async Task<T> SendAsync<T>(bool isRepeatable, Func<Task<T>> send, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await send();
            }
            catch (GitHubException failure)
                when (GitHubRetries.DelayBefore(failure, attempt, waited, isRepeatable, _limits.Waiting, _clock.GetUtcNow(), Random.Shared.NextDouble()) is { } delay)
            {
                waited += delay;
                await Task.Delay(delay, _clock, cancellationToken);
            }
            catch (Exception failure) when (failure is InvalidOperationException or FormatException)
            {
                // Octokit's own: a chain of redirects without an end, or headers that it cannot read.
                throw GitHubException.Unexpected($"{Repository.Api.Host} does not answer as GitHub does: {Printable.Line(failure.Message, 200)}", failure);
            }
        }
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    // A redirect is followed where the guard sees it, or not at all. A proxy does not reach this machine.
    private static SocketsHttpHandler NewHandler(Uri api) =>
        new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = !api.IsLoopback, AutomaticDecompression = DecompressionMethods.All, ConnectTimeout = ConnectLimit };

    /// <summary>In place of Octokit's own, which knows its own types alone and finds them by reflection.</summary>
    private sealed class Serializer : IJsonSerializer
    {
        public string Serialize(object item) => JsonSerializer.Serialize(item, item.GetType(), GitHubJson.Default);

        public T Deserialize<T>(string json)
        {
            try
            {
                return (T)JsonSerializer.Deserialize(json, typeof(T), GitHubJson.Default)!;
            }
            catch (JsonException failure)
            {
                throw GitHubException.Unexpected($"What GitHub answers cannot be read ({failure.Path}).", failure);
            }
        }
    }
}
