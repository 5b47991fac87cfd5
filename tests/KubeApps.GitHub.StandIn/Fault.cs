using Microsoft.AspNetCore.Http;

namespace KubeApps.GitHub.StandIn;

/// <summary>What goes wrong with a request (<see cref="StandInRepository.Next"/>).</summary>
public sealed record Fault
{
    private const string LimitText = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api";

    /// <summary>Whether GitHub does what it is asked for before anything goes wrong.</summary>
    internal bool IsHandled { get; private init; }

    internal Func<HttpContext, Task>? Reply { get; private init; }

    internal Task? Until { get; private init; }

    /// <summary>The connection is closed before GitHub has done anything.</summary>
    public static Fault CutBefore { get; } = new() { Reply = Cut };

    /// <summary>GitHub does what it is asked for, but the answer never arrives.</summary>
    public static Fault CutAfter { get; } = new() { Reply = Cut, IsHandled = true };

    /// <summary>There is never an answer, and nothing is done.</summary>
    public static Fault Hang { get; } = new() { Until = Task.Delay(Timeout.Infinite) };

    /// <summary>Nothing happens until the test says so; then all goes on as usual.</summary>
    public static Fault Hold(Task until) => new() { Until = until };

    /// <summary>Something else answers, and nothing is done.</summary>
    public static Fault Answer(int status, string? body = null, string type = "application/json; charset=utf-8", params (string Name, string Value)[] headers) =>
        new() { Reply = context => ReplyAsync(context, status, body, type, headers) };

    /// <summary>GitHub does what it is asked for, but something between answers in its place: a gateway, say.</summary>
    public static Fault AnswerAfter(int status, string? body = null, string type = "text/html") =>
        new() { Reply = context => ReplyAsync(context, status, body, type, []), IsHandled = true };

    /// <summary>All requests of this hour are used up.</summary>
    public static Fault PrimaryLimit(DateTimeOffset reset, int status = 403) => Answer(
        status, $$"""{"message":"API rate limit exceeded for installation ID 1.","documentation_url":"{{LimitText}}","status":"{{status}}"}""",
        headers: [("x-ratelimit-limit", "1000"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-used", "1000"), ("x-ratelimit-reset", $"{reset.ToUnixTimeSeconds()}"), ("x-ratelimit-resource", "core")]);

    /// <summary>Too much at once.</summary>
    public static Fault SecondaryLimit(TimeSpan? retryAfter = null, int status = 403) => Answer(
        status, $$"""{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"{{LimitText}}","status":"{{status}}"}""",
        headers: retryAfter is { } time ? [("retry-after", $"{time.TotalSeconds:0}"), .. Left] : Left);

    private static (string, string)[] Left { get; } = [("x-ratelimit-limit", "1000"), ("x-ratelimit-remaining", "900")];

    private static Task Cut(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task ReplyAsync(HttpContext context, int status, string? body, string type, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        await Front.WriteAsync(context, status, body ?? $$"""{"message":"Server Error","status":"{{status}}"}""", type);
    }
}
