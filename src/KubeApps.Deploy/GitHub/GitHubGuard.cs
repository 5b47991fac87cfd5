using System.Net;
using System.Net.Http.Headers;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.GitHub;

/// <summary>
/// Stands between Octokit and the network: a token leaves only for the API's own address, nothing takes for ever, no answer fills the memory, and what
/// is no success becomes a <see cref="GitHubException"/>.
/// </summary>
internal sealed class GitHubGuard(Uri api, GitHubLimits limits, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Json = "application/json";
    private const string Version = "2022-11-28";

    private readonly Lock _lock = new();
    private DateTimeOffset _limitedUntil;
    private int _limitedTimes;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        RequireOwnAddress(request.RequestUri!);
        lock (_lock)
        {
            // Asking all the same makes GitHub's limits longer.
            if (_limitedUntil > clock.GetUtcNow())
                throw GitHubRefusal.Limited(_limitedUntil);
        }

        // Octokit says of what it patches that it were a form.
        if (request.Content is { } content)
            content.Headers.ContentType = new MediaTypeHeaderValue(Json, "utf-8");
        request.Headers.TryAddWithoutValidation("X-GitHub-Api-Version", Version);

        using var limit = new CancellationTokenSource(limits.Request, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        HttpResponseMessage answer;
        byte[] body;
        try
        {
            answer = await base.SendAsync(request, either.Token);
            body = await ReadAsync(request, answer, either.Token);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(request, $"{GitHubRefusal.Host(request)} did not answer {request.Method} {GitHubRefusal.What(request)} within {limits.Request.TotalSeconds:0.#} s.", true, failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            // What is around it says only that something went wrong.
            throw Unavailable(request, $"{GitHubRefusal.Host(request)} cannot be reached: {failure.GetBaseException().Message.TrimEnd('.')}.", HasConnected(failure), failure);
        }

        var type = answer.Content.Headers.ContentType?.MediaType;
        answer.Content = new ByteArrayContent(body);
        return Judge(request, answer, body, type);
    }

    private HttpResponseMessage Judge(HttpRequestMessage request, HttpResponseMessage answer, byte[] body, string? type)
    {
        if (answer.StatusCode == HttpStatusCode.NotModified)
            return answer;
        // A repository that was renamed. Octokit follows, through here.
        if (answer is { StatusCode: >= HttpStatusCode.MovedPermanently and < HttpStatusCode.BadRequest, Headers.Location: { } location })
        {
            answer.Headers.Location = new Uri(request.RequestUri!, location);
            return answer;
        }

        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent))
        {
            using (answer)
                throw Refused(request, answer, body);
        }

        ForgetLimit();
        if (answer.StatusCode == HttpStatusCode.NoContent)
            return answer;
        if (type?.EndsWith("json", StringComparison.OrdinalIgnoreCase) != true || body.Length == 0)
            throw GitHubException.Unexpected($"{GitHubRefusal.Host(request)} answers {request.Method} {GitHubRefusal.What(request)} with {(body.Length == 0 ? "nothing" : type ?? "something")} in place of JSON.");
        // Octokit reads this type alone.
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue(Json, "utf-8");
        return answer;
    }

    private void RequireOwnAddress(Uri address)
    {
        if (address.Scheme != api.Scheme || address.Authority != api.Authority || address.UserInfo.Length > 0
            || (!address.AbsolutePath.StartsWith(api.AbsolutePath, StringComparison.Ordinal) && address != GitHubAddress.GraphOf(api)))
            throw GitHubException.Unexpected($"{api.Host} leads to {address.GetLeftPart(UriPartial.Authority)}, which is not its API: the token does not go there.");
    }

    private GitHubException Refused(HttpRequestMessage request, HttpResponseMessage answer, byte[] body)
    {
        lock (_lock)
        {
            // Those that were under way together are refused together: that is once.
            var now = clock.GetUtcNow();
            var times = _limitedUntil > now ? _limitedTimes : _limitedTimes + 1;
            var failure = GitHubRefusal.Of(request, answer, body, now, times);
            if (failure is { Kind: GitHubFailure.RateLimited, Until: { } until })
                (_limitedTimes, _limitedUntil) = (times, until > _limitedUntil ? until : _limitedUntil);
            else
                ForgetLimit();
            return failure;
        }
    }

    // An answer to what was under way before says nothing of what comes now.
    private void ForgetLimit()
    {
        lock (_lock)
            if (_limitedUntil <= clock.GetUtcNow())
                (_limitedTimes, _limitedUntil) = (0, default);
    }

    private async Task<byte[]> ReadAsync(HttpRequestMessage request, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (body.Length + count > limits.Answer)
                throw GitHubException.Unexpected($"{GitHubRefusal.Host(request)} answers {request.Method} {GitHubRefusal.What(request)} with more than {limits.Answer >> 20} MiB.");
            body.Write(buffer, 0, count);
        }

        return body.ToArray();
    }

    private static GitHubException Unavailable(HttpRequestMessage request, string cause, bool hasConnected, Exception inner) =>
        new(GitHubFailure.Unavailable, DiagnosticDescriptors.GitHubUnavailable.Because(cause), inner) { MayBeDone = hasConnected && request.Method != HttpMethod.Get };

    private static bool HasConnected(Exception failure) => failure is not HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };
}
