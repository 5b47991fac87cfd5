using System.Globalization;
using System.Net.Http.Headers;

namespace KubeApps.Deploy.GitHub;

/// <summary>How long and how much a caller is ready to wait and to read.</summary>
internal sealed record GitHubLimits
{
    /// <summary>One request, from the connection to the last byte.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>All waiting between the attempts of one request, for GitHub's limits too. Zero: each request is sent once.</summary>
    public TimeSpan Waiting { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The bytes of one answer, unpacked. A page of 100 deployments with payloads of 64 KiB stays below it.</summary>
    public int Answer { get; init; } = 32 << 20;
}

/// <summary>When a request is sent again. Pure: time and chance are passed in.</summary>
internal static class GitHubRetries
{
    private const int Attempts = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan UnnamedWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>How long to wait before the next attempt; null gives up.</summary>
    /// <param name="failure">Why the last attempt failed.</param>
    /// <param name="attempt">How many there were, from 1.</param>
    /// <param name="waited">How long was waited between them.</param>
    /// <param name="isRepeatable">Whether doing it twice is the same as doing it once.</param>
    /// <param name="limit">How long may be waited in all.</param>
    /// <param name="now">The time.</param>
    /// <param name="chance">From 0 to 1: those who were sent away together shall not come back together.</param>
    public static TimeSpan? DelayBefore(GitHubException failure, int attempt, TimeSpan waited, bool isRepeatable, TimeSpan limit, DateTimeOffset now, double chance)
    {
        TimeSpan? delay = failure switch
        {
            // A request that was refused for its number was not looked at.
            { Kind: GitHubFailure.RateLimited, Until: { } until } => (until > now ? until - now : TimeSpan.Zero) + FirstDelay * (1 + chance),
            { Kind: GitHubFailure.Unavailable } when attempt < Attempts && (isRepeatable || !failure.MayBeDone) => FirstDelay * Math.Pow(2, attempt - 1) * (1 + chance),
            _ => null,
        };
        return waited + delay <= limit ? delay : null;
    }

    /// <summary>When requests are let through again, as GitHub asks for it: what it says, else when its hour ends, else a minute, and longer each time.</summary>
    /// <param name="headers">Of the refusal.</param>
    /// <param name="now">The time here.</param>
    /// <param name="times">How often in a row it was refused, from 1.</param>
    public static DateTimeOffset LimitedUntil(HttpResponseHeaders headers, DateTimeOffset now, int times)
    {
        // GitHub's clock and ours differ: an end is told by GitHub's.
        var theirs = headers.Date ?? now;
        TimeSpan wait;
        if (headers.RetryAfter is { } asked)
            wait = asked.Delta ?? asked.Date!.Value - theirs;
        else if (Value(headers, "x-ratelimit-remaining") == 0 && Value(headers, "x-ratelimit-reset") is { } reset && reset is > 0 and < 253402300800)
            wait = DateTimeOffset.FromUnixTimeSeconds(reset) - theirs;
        else
            wait = UnnamedWait * Math.Pow(2, Math.Min(times, 10) - 1);
        return now + (wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait);
    }

    private static long? Value(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
