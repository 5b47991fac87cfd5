using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.GitHub;

/// <summary>What an answer means that is no success. Pure. What GitHub says is shown as text and believed in nothing else.</summary>
internal static class GitHubRefusal
{
    private const int LongestText = 300;
    private const int MostReasons = 3;

    /// <param name="request">What was asked.</param>
    /// <param name="answer">Its status and headers.</param>
    /// <param name="body">What came with it.</param>
    /// <param name="now">The time.</param>
    /// <param name="times">How often in a row requests were refused for their number.</param>
    public static GitHubException Of(HttpRequestMessage request, HttpResponseMessage answer, byte[] body, DateTimeOffset now, int times)
    {
        var said = Words(body);
        var what = What(request);
        if (IsRateLimit(answer, said))
        {
            var until = GitHubRetries.LimitedUntil(answer.Headers, now, times);
            return Limited(until, said);
        }

        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new(GitHubFailure.TokenUnknown, DiagnosticDescriptors.GitHubTokenUnknown.Because($"{Host(request)} does not know the token{Quoted(said)}.")),
            HttpStatusCode.Forbidden => Forbidden(request, answer, said),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new(
                GitHubFailure.NotFound, DiagnosticDescriptors.GitHubNotFound.Because($"{Host(request)} has nothing at {what}, or the token may not see it.")),
            HttpStatusCode.ProxyAuthenticationRequired => GitHubException.Unexpected($"A proxy on the way to {Host(request)} wants a login{Quoted(said)}."),
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => new(
                GitHubFailure.Unavailable, DiagnosticDescriptors.GitHubUnavailable.Because($"{Host(request)} answers {(int)answer.StatusCode} to {request.Method} {what}{Quoted(said)}."))
            {
                MayBeDone = request.Method != HttpMethod.Get,
            },
            >= HttpStatusCode.BadRequest => new(
                GitHubFailure.Invalid, DiagnosticDescriptors.GitHubInvalid.Because($"{Host(request)} refuses {request.Method} {what} ({(int)answer.StatusCode}){Quoted(said)}.")),
            // 202: GitHub merged a branch in place of recording a deployment.
            HttpStatusCode.Accepted => new(
                GitHubFailure.Invalid, DiagnosticDescriptors.GitHubInvalid.Because($"{Host(request)} made nothing of {request.Method} {what}{Quoted(said)}.")),
            _ => GitHubException.Unexpected($"{Host(request)} answers {(int)answer.StatusCode} to {request.Method} {what}{Quoted(said)}."),
        };
    }

    public static GitHubException Limited(DateTimeOffset until, string? said = null) => new(
        GitHubFailure.RateLimited,
        DiagnosticDescriptors.GitHubRateLimited.Because(string.Create(CultureInfo.InvariantCulture, $"GitHub takes no more requests until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{Quoted(said)}.")))
    {
        Until = until,
    };

    /// <summary>What was asked for, below the address of the API and without the query.</summary>
    public static string What(HttpRequestMessage request) => Printable.Line(request.RequestUri!.AbsolutePath.Trim('/'), LongestText);

    public static string Host(HttpRequestMessage request) => request.RequestUri!.IsDefaultPort ? request.RequestUri.Host : request.RequestUri.Authority;

    private static bool IsRateLimit(HttpResponseMessage answer, string? said) =>
        answer.StatusCode == HttpStatusCode.TooManyRequests
        || (answer.StatusCode == HttpStatusCode.Forbidden
            && (answer.Headers.RetryAfter is not null
                || said?.Contains("rate limit", StringComparison.OrdinalIgnoreCase) == true
                || (answer.Headers.TryGetValues("x-ratelimit-remaining", out var left) && left.First() == "0")));

    private static GitHubException Forbidden(HttpRequestMessage request, HttpResponseMessage answer, string? said)
    {
        string? nextStep = null;
        // A token that the organization has not let in yet.
        if (answer.Headers.TryGetValues("x-github-sso", out var sso) && sso.First().StartsWith("required", StringComparison.Ordinal))
            nextStep = "Authorize the token for the single sign-on of the organization, in the settings of the token.";
        else if (Permission(request, answer) is { } permission)
            nextStep = $"Give the token the permission '{permission}': in a workflow under 'permissions:', elsewhere at the token itself.";
        return new(
            GitHubFailure.Forbidden, DiagnosticDescriptors.GitHubForbidden.Because($"The token may not {request.Method} {What(request)}{Quoted(said)}.", nextStep: nextStep));
    }

    // GitHub names it ("deployments=write"); an older Enterprise Server does not.
    private static string? Permission(HttpRequestMessage request, HttpResponseMessage answer)
    {
        if (answer.Headers.TryGetValues("x-accepted-github-permissions", out var values))
            return Printable.Line(values.First().Replace("pull_requests", "pull-requests", StringComparison.Ordinal).Replace("=", ": ", StringComparison.Ordinal).Replace("; ", "' or '", StringComparison.Ordinal), LongestText);
        var kind = request.Method == HttpMethod.Get ? "read" : "write";
        var path = request.RequestUri!.AbsolutePath;
        return path.Contains("/deployments", StringComparison.Ordinal) ? $"deployments: {kind}"
            : path.Contains("/compare/", StringComparison.Ordinal) || path.Contains("/commits/", StringComparison.Ordinal) ? "contents: read"
            : path.Contains("/comments", StringComparison.Ordinal) || path.Contains("/pulls/", StringComparison.Ordinal) ? $"pull-requests: {kind}"
            : null;
    }

    private static string Quoted(string? said) => said is null ? "" : $": {said}";

    /// <summary>GitHub's own words: its message, and the reasons that come with it. Null where there are none.</summary>
    private static string? Words(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || Text(document.RootElement, "message") is not { } message)
                return null;
            var reasons = document.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? errors.EnumerateArray().Select(Reason).OfType<string>().Take(MostReasons).ToList()
                : [];
            return Printable.Line(new StringBuilder(message.Trim().TrimEnd('.')).Append(reasons.Count > 0 ? $" ({string.Join("; ", reasons)})" : "").ToString(), LongestText);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // A page of something between, or no text.
            return null;
        }
    }

    private static string? Reason(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => error.GetString(),
        JsonValueKind.Object => Text(error, "message")
            ?? (Text(error, "contexts") is { } contexts ? $"{contexts} {Text(error, "status")}".TrimEnd() : null)
            ?? (Text(error, "field") is { } field ? $"{field} {Text(error, "code")}".TrimEnd() : Text(error, "code")),
        _ => null,
    };

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
