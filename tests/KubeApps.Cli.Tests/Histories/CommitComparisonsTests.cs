using KubeApps.Cli.Git;

namespace KubeApps.Cli.Tests.Histories;

public sealed class CommitComparisonsTests
{
    // Commits are their ages: 0 is the newest.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(60, 60, 20)]
    [InlineData(61, 31, 0)]
    [InlineData(10_000, 60, 9_999)]
    [InlineData(10_000, 60, 5_000)]
    [InlineData(10_000, 60, 31)]
    [InlineData(10_000, 31, 10_000)]
    [InlineData(10_000, 31, 20)]
    public async Task Find_WhatIsNewerContainsIt_IsExactWithFewQuestions(int count, int most, int contained)
    {
        var asked = 0;
        var comparisons = new CommitComparisons((commit, _) =>
        {
            Interlocked.Increment(ref asked);
            return Task.FromResult(int.Parse(commit, System.Globalization.CultureInfo.InvariantCulture) < contained);
        });

        var (found, assumed) = await comparisons.FindAsync([.. Enumerable.Range(0, count).Select(age => $"{age}")], TestContext.Current.CancellationToken);

        Assert.Equal(Math.Min(count, contained), found.Count);
        Assert.InRange(asked, 0, most);
        Assert.Equal(count - asked, assumed);
    }
}
