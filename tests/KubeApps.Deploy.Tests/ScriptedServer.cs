using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Tests;

/// <summary>
/// Answers requests from a list, for what a real server does only on a bad day: throttling, cut connections, versions that are gone.
/// What each answer stands for is recorded or documented; the main tests talk to a real server.
/// </summary>
internal sealed class ScriptedServer(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
{
    private int _next;

    /// <summary>Method, path and query of all requests so far.</summary>
    public List<string> Requests { get; } = [];

    public KubeClient Client(TimeProvider? clock = null) => new(
        new HttpClient(this), "https://cluster.example", _ => Task.FromResult<System.Net.Http.Headers.AuthenticationHeaderValue?>(null), clock ?? TimeProvider.System);

    public static Func<HttpRequestMessage, HttpResponseMessage> Json(int status, JsonNode body, string? retryAfter = null) => Text(status, body.ToJsonString(), retryAfter);

    public static Func<HttpRequestMessage, HttpResponseMessage> Text(int status, string body, string? retryAfter = null) => _ =>
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfter is not null)
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        return response;
    };

    public static Func<HttpRequestMessage, HttpResponseMessage> Cut() =>
        _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was reset.", new IOException("Connection reset by peer"));

    /// <summary>An answer as it was recorded.</summary>
    public static Func<HttpRequestMessage, HttpResponseMessage> Recorded(string what)
    {
        var response = Recording.Read("api.json").AsArray().First(item => (string?)item!["what"] == what)!["response"]!;
        var body = response["body"] is JsonValue text ? (string)text! : response["body"]!.ToJsonString();
        return Text((int)response["status"]!, body);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (Requests)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
            var answer = _next < answers.Length ? answers[_next++] : throw new InvalidOperationException($"No answer for {Requests[^1]}.");
            var response = answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }
}
