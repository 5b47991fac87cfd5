using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Octokit;
using Octokit.Internal;

namespace KubeApps.Deploy.GitHub;

/// <summary>The requests that we send to GitHub, over Octokit's connection, with types of our own: its own ones refuse most payloads.</summary>
internal sealed class GitHubClient : IDisposable
{
    private const int PageSize = 100;
    private const string Accepts = "application/vnd.github+json";
    private const string Sends = "application/json";

    private readonly HttpClientAdapter _http;
    private readonly Connection _connection;
    private readonly string _repository;

    public GitHubClient(GitHubAccess access, Func<HttpMessageHandler> handler)
    {
        Repository = access.Repository;
        _repository = $"repos/{Uri.EscapeDataString(Repository.Owner)}/{Uri.EscapeDataString(Repository.Name)}";
        _http = new HttpClientAdapter(() => new JsonContent { InnerHandler = handler() });
        _connection = new Connection(
            new Octokit.ProductHeaderValue("KubeApps.Tooling"), Repository.Api, new InMemoryCredentialStore(new Credentials(access.Token)), _http, new Serializer());
    }

    public GitHubRepository Repository { get; }

    public async Task<GitHubDeployment> CreateDeploymentAsync(NewGitHubDeployment deployment, CancellationToken cancellationToken) =>
        await PostAsync<GitHubDeployment>($"{_repository}/deployments", deployment, cancellationToken);

    /// <summary>The newest first, page by page, as far as the caller reads.</summary>
    public IAsyncEnumerable<GitHubDeployment> ListDeploymentsAsync(GitHubDeploymentFilter filter, CancellationToken cancellationToken)
    {
        var query = string.Concat(
            ((string Name, string? Value)[])[("environment", filter.Environment), ("sha", filter.Sha), ("ref", filter.Ref), ("task", filter.Task)]
            is var parts ? parts.Where(part => part.Value is not null).Select(part => $"&{part.Name}={Uri.EscapeDataString(part.Value!)}") : []);
        return ListAsync<GitHubDeployment>($"{_repository}/deployments?per_page={PageSize}{query}", cancellationToken);
    }

    /// <summary>Null where there is none.</summary>
    public async Task<GitHubDeployment?> GetDeploymentAsync(long id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync<GitHubDeployment>($"{_repository}/deployments/{id}", cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>The newest first.</summary>
    public IAsyncEnumerable<GitHubDeploymentStatus> ListStatusesAsync(long deployment, CancellationToken cancellationToken) =>
        ListAsync<GitHubDeploymentStatus>($"{_repository}/deployments/{deployment}/statuses?per_page={PageSize}", cancellationToken);

    public Task<GitHubDeploymentStatus> CreateStatusAsync(long deployment, NewGitHubDeploymentStatus status, CancellationToken cancellationToken) =>
        PostAsync<GitHubDeploymentStatus>($"{_repository}/deployments/{deployment}/statuses", status, cancellationToken);

    public Task<GitHubComparison> CompareAsync(string first, string second, CancellationToken cancellationToken) =>
        GetAsync<GitHubComparison>($"{_repository}/compare/{Uri.EscapeDataString(first)}...{Uri.EscapeDataString(second)}", cancellationToken);

    /// <summary>Whether a commit is in another, with as little as GitHub can say of it. One that the repository does not have is in none.</summary>
    public async Task<bool> IsContainedAsync(string commit, string other, CancellationToken cancellationToken)
    {
        try
        {
            return (await GetAsync<GitHubComparison>($"{_repository}/compare/{Uri.EscapeDataString(commit)}...{Uri.EscapeDataString(other)}?per_page=1", cancellationToken)).IsContained;
        }
        catch (NotFoundException)
        {
            return false;
        }
    }

    /// <summary>The comments of an issue or a pull request, the oldest first.</summary>
    public IAsyncEnumerable<GitHubComment> ListCommentsAsync(int issue, CancellationToken cancellationToken) =>
        ListAsync<GitHubComment>($"{_repository}/issues/{issue}/comments?per_page={PageSize}", cancellationToken);

    public Task<GitHubComment> CreateCommentAsync(int issue, string body, CancellationToken cancellationToken) =>
        PostAsync<GitHubComment>($"{_repository}/issues/{issue}/comments", new NewGitHubComment(body), cancellationToken);

    public async Task<GitHubComment> UpdateCommentAsync(long comment, string body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _connection.Patch<GitHubComment>(Address($"{_repository}/issues/comments/{comment}"), new NewGitHubComment(body), Accepts)).Body;
    }

    /// <summary>Whose token it is; null where that is no person's: GitHub does not tell those of workflows and other apps who they are.</summary>
    public async Task<string?> FindLoginAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await GetAsync<GitHubAccount>("user", cancellationToken)).Login;
        }
        catch (ApiException refusal) when (refusal.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        (await _connection.Get<T>(Address(path), null, Accepts, cancellationToken)).Body;

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        (await _connection.Post<T>(Address(path), body, Accepts, Sends, (IDictionary<string, string>?)null, cancellationToken)).Body;

    private async IAsyncEnumerable<T> ListAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = Address(path); next is not null;)
        {
            var page = await _connection.Get<List<T>>(next, null, Accepts, cancellationToken);
            foreach (var item in page.Body)
                yield return item;
            next = page.HttpResponse.ApiInfo.Links.GetValueOrDefault("next");
        }
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    /// <summary>Octokit says of what it patches that it were a form.</summary>
    private sealed class JsonContent : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
                content.Headers.ContentType = new MediaTypeHeaderValue(Sends);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>In place of Octokit's own, which knows its own types alone and finds them by reflection.</summary>
    private sealed class Serializer : IJsonSerializer
    {
        public string Serialize(object item) => JsonSerializer.Serialize(item, item.GetType(), GitHubJson.Default);

        public T Deserialize<T>(string json) => (T)JsonSerializer.Deserialize(json, typeof(T), GitHubJson.Default)!;
    }
}
