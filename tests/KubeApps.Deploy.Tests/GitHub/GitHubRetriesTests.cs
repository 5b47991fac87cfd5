using System.Globalization;
using System.Net.Http.Headers;
using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.GitHub;

public class GitHubRetriesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public void LimitedUntil_WithRetryAfter_IsThenWhateverElseIsSaid()
    {
        Assert.Equal(Now.AddSeconds(7), Until(("retry-after", "7"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $"{Now.AddMinutes(50).ToUnixTimeSeconds()}")));
        Assert.Equal(Now.AddSeconds(30), Until(("retry-after", Now.AddSeconds(30).ToString("r", CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void LimitedUntil_WithAnHourUsedUp_IsItsEndByGitHubsClock()
    {
        var theirs = Now.AddMinutes(-10);

        Assert.Equal(Now.AddMinutes(5), Until(
            ("date", theirs.ToString("r", CultureInfo.InvariantCulture)), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $"{theirs.AddMinutes(5).ToUnixTimeSeconds()}")));
    }

    [Fact]
    public void LimitedUntil_WithNothingSaid_IsAMinuteAndGrows()
    {
        Assert.Equal([1, 2, 4, 8], Enumerable.Range(1, 4).Select(times => (int)(GitHubRetries.LimitedUntil(Headers(), Now, times) - Now).TotalMinutes));
        // Requests are left: it is not the hour that is used up.
        Assert.Equal(Now.AddMinutes(1), Until(("x-ratelimit-remaining", "900"), ("x-ratelimit-reset", $"{Now.AddMinutes(50).ToUnixTimeSeconds()}")));
    }

    [Theory]
    [InlineData("x-ratelimit-reset", "99999999999999999999")]
    [InlineData("x-ratelimit-reset", "253402300800")]
    [InlineData("x-ratelimit-reset", "-1")]
    [InlineData("x-ratelimit-reset", "soon")]
    [InlineData("retry-after", "-5")]
    [InlineData("retry-after", "99999999")]
    [InlineData("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")]
    public void LimitedUntil_WithNonsense_IsAnHourAtMost(string name, string value) =>
        Assert.InRange(Until((name, value), ("x-ratelimit-remaining", "0")), Now, Now.AddHours(1));

    [Fact]
    public void DelayBefore_ALimitThatEndsTooLate_GivesUp()
    {
        Assert.Equal(TimeSpan.FromSeconds(20.5), Delay(GitHubRefusal.Limited(Now.AddSeconds(20)), waited: TimeSpan.FromSeconds(30)));
        Assert.Null(Delay(GitHubRefusal.Limited(Now.AddSeconds(20)), waited: TimeSpan.FromSeconds(45)));
    }

    [Fact]
    public void DelayBefore_AFault_DoublesAndEnds()
    {
        var fault = Fault(mayBeDone: false);

        Assert.Equal([0.5, 1, 2], Enumerable.Range(1, 3).Select(attempt => Delay(fault, attempt)!.Value.TotalSeconds));
        Assert.Null(Delay(fault, 4));
    }

    [Fact]
    public void DelayBefore_AWriteThatMayBeDone_IsNone()
    {
        Assert.Null(Delay(Fault(mayBeDone: true), isRepeatable: false));
        Assert.NotNull(Delay(Fault(mayBeDone: true), isRepeatable: true));
        // Nothing was connected: nothing can be done.
        Assert.NotNull(Delay(Fault(mayBeDone: false), isRepeatable: false));
    }

    private static GitHubException Fault(bool mayBeDone) => new(GitHubFailure.Unavailable, DiagnosticDescriptors.GitHubUnavailable.Because("It fails.")) { MayBeDone = mayBeDone };

    private static TimeSpan? Delay(GitHubException failure, int attempt = 1, TimeSpan waited = default, bool isRepeatable = true) =>
        GitHubRetries.DelayBefore(failure, attempt, waited, isRepeatable, Limit, Now, 0);

    private static DateTimeOffset Until(params (string Name, string Value)[] headers) => GitHubRetries.LimitedUntil(Headers(headers), Now, 1);

    private static HttpResponseHeaders Headers(params (string Name, string Value)[] headers)
    {
        var answer = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            answer.Headers.TryAddWithoutValidation(name, value);
        return answer.Headers;
    }
}
