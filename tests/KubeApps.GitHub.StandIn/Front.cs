using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeApps.GitHub.StandIn;

/// <summary>What tests talk to: writes down what is asked, does what a test scripted for a bad day, and hands on everything else.</summary>
internal sealed class Front(GitHubStandIn standIn, HttpClient proxy)
{
    /// <summary>Under which address the absolute links of an answer shall stand.</summary>
    public const string BaseHeader = "x-stand-in-base";

    private const string Problem = "application/problem+json";

    // They belong to one connection, or are made anew for the next one.
    private static readonly HashSet<string> NotHandedOn = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Expect", "Access-Control-Allow-Origin", "Access-Control-Allow-Headers",
        "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Date",
    };

    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var prefix = path.StartsWith("/api/v3/", StringComparison.Ordinal) ? "api/v3/" : "";
        if (Resolve(context, RawPath(context)[prefix.Length..]) is not (var repository, var asked))
        {
            await WriteAsync(context, 404, """{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}""");
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var request = new StandInRequest(
            context.Request.Method, asked, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), Encoding.UTF8.GetString(body.ToArray()));
        var fault = repository.Take(request);
        try
        {
            if (fault?.Until is { } until)
                await until.WaitAsync(repository.Released).WaitAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return;
        }

        if (fault is { Reply: { } instead, IsHandled: false })
        {
            await instead(context);
            request.Status = context.Response.StatusCode;
            return;
        }

        using var answer = await HandOnAsync(context, request, prefix, body.ToArray());
        if (fault is { Reply: { } lost })
        {
            await lost(context);
            request.Status = context.Response.StatusCode;
            return;
        }

        if (answer.Content.Headers.ContentType?.MediaType == Problem)
        {
            var reason = $"{request.Method} {request.Path}: {await answer.Content.ReadAsStringAsync()}";
            repository.Violated(reason);
            request.Status = 422;
            await WriteAsync(context, 422, new JsonObject { ["message"] = $"Not as GitHub describes its API: {reason}", ["documentation_url"] = "https://docs.github.com/rest" }.ToJsonString());
            return;
        }

        request.Status = context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!NotHandedOn.Contains(name))
                context.Response.Headers[name] = values.ToArray();
        }

        // The proxy makes a body even where there is none, for which the connection would be closed.
        if (answer.StatusCode != HttpStatusCode.NoContent)
            await answer.Content.CopyToAsync(context.Response.Body);
    }

    internal static async Task WriteAsync(HttpContext context, int status, string body, string type = "application/json; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(body);
    }

    private async Task<HttpResponseMessage> HandOnAsync(HttpContext context, StandInRequest request, string prefix, byte[] body)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), $"{request.Path[1..]}{request.Query}");
        if (body.Length > 0)
            message.Content = new ByteArrayContent(body);
        foreach (var (name, value) in request.Headers)
        {
            if (!NotHandedOn.Contains(name) && !message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        message.Headers.Add(BaseHeader, $"{standIn.Api}{prefix}");
        return await proxy.SendAsync(message, context.RequestAborted);
    }

    // As it was sent: a slash that is part of a name stays escaped.
    private static string RawPath(HttpContext context)
    {
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        return target.Split('?')[0];
    }

    private (StandInRepository Repository, string Path)? Resolve(HttpContext context, string raw)
    {
        var parts = raw.TrimStart('/').Split('/');
        // Who asks is known by the token alone.
        if (parts is ["graphql"] or ["api", "graphql"] && standIn.FindByToken(context.Request.Headers.Authorization.ToString()) is { } opened)
            return (opened, "/graphql");
        // As GitHub writes the links of its pages.
        if (parts is ["repositories", var id, ..] && int.TryParse(id, out var number) && standIn.Find(number) is { } known)
            return (known, PathOf(known, parts[2..]));
        if (parts is ["repos", var owner, var name, ..] && standIn.Find($"{Uri.UnescapeDataString(owner)}/{Uri.UnescapeDataString(name)}") is { } named)
            return (named, PathOf(named, parts[3..]));
        return null;
    }

    private static string PathOf(StandInRepository repository, IEnumerable<string> below) => $"/repos/{repository.FullName}{string.Concat(below.Select(part => $"/{part}"))}";
}
