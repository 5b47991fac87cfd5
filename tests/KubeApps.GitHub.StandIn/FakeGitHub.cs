using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace KubeApps.GitHub.StandIn;

/// <summary>What GitHub does: who may ask, how much, and what is answered. Everything it keeps stands in <see cref="StandInRepository"/>.</summary>
internal sealed class FakeGitHub(GitHubStandIn standIn)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?');
        string[] parts = [.. target[0].Trim('/').Split('/').Select(Uri.UnescapeDataString)];
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        var request = new FakeRequest(
            parts is ["graphql"] ? standIn.FindByToken(context.Request.Headers.Authorization.ToString())! : standIn.Find($"{parts[1]}/{parts[2]}")!,
            context.Request.Headers[Front.BaseHeader].ToString(), context.Request.Method, parts is ["graphql"] ? parts : parts[3..],
            QueryHelpers.ParseQuery(target.Length > 1 ? target[1] : "").ToDictionary(item => item.Key, item => item.Value.ToString()),
            text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
        var answer = Answer(request, context.Request.Headers.Authorization.ToString());
        var body = answer.Body?.ToJsonString() ?? "";
        var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}\"";
        var isSame = answer.Status == 200 && context.Request.Headers.IfNoneMatch.ToString() == tag;
        AddHeaders(context.Response.Headers, request.Repository, answer, tag, isSame);
        if (isSame)
            context.Response.StatusCode = 304;
        else if (answer.Body is null)
            context.Response.StatusCode = answer.Status;
        else
            await Front.WriteAsync(context, answer.Status, body);
    }

    private static void AddHeaders(IHeaderDictionary headers, StandInRepository repository, FakeAnswer answer, string tag, bool isSame)
    {
        foreach (var (name, value) in answer.Headers)
            headers[name] = value;
        if (answer.Status == 200)
            headers.ETag = tag;
        var (remaining, reset) = (5000, DateTimeOffset.UtcNow.AddHours(1));
        lock (repository.Lock)
        {
            // An answer that says "as before" costs nothing.
            if (repository.RateLimit is { } limit)
                repository.RateLimit = (remaining, reset) = (isSame ? limit.Remaining : Math.Max(0, limit.Remaining - 1), limit.Reset);
        }

        headers["x-ratelimit-limit"] = "5000";
        headers["x-ratelimit-remaining"] = $"{remaining}";
        headers["x-ratelimit-reset"] = $"{reset.ToUnixTimeSeconds()}";
        headers["x-ratelimit-resource"] = "core";
        headers["x-github-request-id"] = Guid.NewGuid().ToString("n");
    }

    private static FakeAnswer Answer(FakeRequest request, string authorization)
    {
        if (request.Repository.RightsOf(GitHubStandIn.TokenIn(authorization)) is not { } rights)
            return FakeAnswer.Refused(401, "Bad credentials");
        if (rights == TokenRights.None)
            return FakeAnswer.Refused(404, "Not Found");
        if (request.Repository.RateLimit is { Remaining: 0 } limit && limit.Reset > DateTimeOffset.UtcNow)
            return FakeAnswer.Refused(403, "API rate limit exceeded for installation ID 1.");
        return (request.Method, request.Parts) switch
        {
            ("POST", ["graphql"]) => FakeViewer.Get(request),
            ("GET", ["deployments"]) => Allowed(TokenRights.DeploymentsRead, "deployments=read", FakeDeployments.List),
            ("POST", ["deployments"]) => Allowed(TokenRights.DeploymentsWrite, "deployments=write", FakeDeployments.Create),
            ("GET", ["deployments", _]) => Allowed(TokenRights.DeploymentsRead, "deployments=read", FakeDeployments.Get),
            ("DELETE", ["deployments", _]) => Allowed(TokenRights.DeploymentsWrite, "deployments=write", FakeDeployments.Delete),
            ("GET", ["deployments", _, "statuses"]) => Allowed(TokenRights.DeploymentsRead, "deployments=read", FakeDeployments.ListStatuses),
            ("POST", ["deployments", _, "statuses"]) => Allowed(TokenRights.DeploymentsWrite, "deployments=write", FakeDeployments.CreateStatus),
            ("GET", ["compare", _]) => Allowed(TokenRights.ContentsRead, "contents=read", FakeCommits.Compare),
            ("GET", ["commits", _]) => Allowed(TokenRights.ContentsRead, "contents=read", FakeCommits.Get),
            ("GET", ["issues", _, "comments"]) => Allowed(TokenRights.CommentsRead, "issues=read; pull_requests=read", FakeComments.List),
            ("POST", ["issues", _, "comments"]) => Allowed(TokenRights.CommentsWrite, "issues=write; pull_requests=write", FakeComments.Create),
            ("GET", ["issues", "comments", _]) => Allowed(TokenRights.CommentsRead, "issues=read; pull_requests=read", FakeComments.Get),
            ("DELETE", ["issues", "comments", _]) => Allowed(TokenRights.CommentsWrite, "issues=write; pull_requests=write", FakeComments.Delete),
            ("PATCH", ["issues", "comments", _]) => Allowed(TokenRights.CommentsWrite, "issues=write; pull_requests=write", FakeComments.Update),
            ("GET", ["pulls", _]) => Allowed(TokenRights.PullRequestsRead, "pull_requests=read", FakePullRequests.Get),
            _ => FakeAnswer.Refused(404, "Not Found"),
        };

        FakeAnswer Allowed(TokenRights needed, string permission, Func<FakeRequest, FakeAnswer> act)
        {
            if (!rights.HasFlag(needed))
                return FakeAnswer.Refused(403, "Resource not accessible by integration") with { Headers = [("x-accepted-github-permissions", permission)] };
            lock (request.Repository.Lock)
                return act(request);
        }
    }
}

/// <param name="Repository">Which repository.</param>
/// <param name="Base">What absolute addresses begin with.</param>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Parts">The path below the repository.</param>
/// <param name="Query">The parameters.</param>
/// <param name="Body">What was sent.</param>
internal sealed record FakeRequest(StandInRepository Repository, string Base, string Method, string[] Parts, IReadOnlyDictionary<string, string> Query, JsonObject Body)
{
    /// <summary>The repository's own address.</summary>
    public string Address => $"{Base}repos/{Repository.FullName}";

    public string? Text(string field) => (string?)Body[field];

    public bool? Flag(string field) => (bool?)Body[field];

    public long Number(int part) => long.TryParse(Parts[part], out var number) ? number : -1;
}

internal sealed record FakeAnswer(int Status, JsonNode? Body)
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static FakeAnswer Refused(int status, string message, params JsonNode[] errors)
    {
        var body = new JsonObject { ["message"] = message, ["documentation_url"] = "https://docs.github.com/rest", ["status"] = $"{status}" };
        if (errors.Length > 0)
            body["errors"] = new JsonArray(errors);
        return new FakeAnswer(status, body);
    }

    /// <summary>One page of a list, with the links to the others.</summary>
    public static FakeAnswer Page<T>(FakeRequest request, IEnumerable<T> items, Func<T, JsonNode> write)
    {
        var size = Math.Clamp(Number("per_page", 30), 1, 100);
        var page = Math.Max(1, Number("page", 1));
        var all = items.ToList();
        var last = Math.Max(1, (all.Count + size - 1) / size);
        var links = new List<string>();
        if (page > 1)
            links.AddRange([Link(page - 1, "prev"), Link(1, "first")]);
        if (page < last)
            links.InsertRange(0, [Link(page + 1, "next"), Link(last, "last")]);
        return new FakeAnswer(200, new JsonArray([.. all.Skip((page - 1) * size).Take(size).Select(write)])) { Headers = links.Count > 0 ? [("Link", string.Join(", ", links))] : [] };

        int Number(string name, int otherwise) => int.TryParse(request.Query.GetValueOrDefault(name), out var number) ? number : otherwise;

        // By the repository's number, as GitHub does.
        string Link(int number, string relation)
        {
            var query = string.Concat(request.Query.Where(item => item.Key != "page").Select(item => $"{item.Key}={Uri.EscapeDataString(item.Value)}&"));
            return $"<{request.Base}repositories/{request.Repository.Id}/{string.Join('/', request.Parts)}?{query}page={number}>; rel=\"{relation}\"";
        }
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public static JsonObject? User(FakeRequest request, string? login)
    {
        if (login is null)
            return null;
        var address = $"{request.Base}users/{Uri.EscapeDataString(login)}";
        var user = new JsonObject
        {
            ["login"] = login,
            ["id"] = 41898282,
            ["node_id"] = "MDM6Qm90NDE4OTgyODI=",
            ["gravatar_id"] = "",
            ["site_admin"] = false,
            ["type"] = login.EndsWith("[bot]", StringComparison.Ordinal) ? "Bot" : "User",
            ["avatar_url"] = $"{request.Base}avatars/1",
            ["html_url"] = address,
            ["url"] = address,
        };
        foreach (var name in (string[])["events", "followers", "following", "gists", "organizations", "received_events", "repos", "starred", "subscriptions"])
            user[$"{name}_url"] = $"{address}/{name}";
        return user;
    }
}
