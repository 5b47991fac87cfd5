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

        var (found, assumed) = await comparisons.FindAsync([[.. Enumerable.Range(0, count).Select(age => $"{age}")]], TestContext.Current.CancellationToken);

        Assert.Equal(Math.Min(count, contained), found.Count);
        Assert.InRange(asked, 0, most);
        Assert.Equal(count - asked, assumed);
    }

    [Fact]
    public async Task Find_RollbackAmongTheNewest_IsExact()
    {
        var comparisons = new CommitComparisons((commit, _) => Task.FromResult(commit is not ("3" or "20") && Age(commit) < 5_000));

        var (found, _) = await comparisons.FindAsync([[.. Enumerable.Range(0, 10_000).Select(age => $"{age}")]], TestContext.Current.CancellationToken);

        Assert.Equal(4_998, found.Count);
        Assert.DoesNotContain("3", found);
    }

    [Fact]
    public async Task Find_RollbackAmongThoseThatAreNotCompared_IsTakenToBeAsThoseAroundIt()
    {
        var comparisons = new CommitComparisons((commit, _) => Task.FromResult(commit != "3000" && Age(commit) < 5_000));

        var (found, assumed) = await comparisons.FindAsync([[.. Enumerable.Range(0, 10_000).Select(age => $"{age}")]], TestContext.Current.CancellationToken);

        Assert.Contains("3000", found);
        Assert.InRange(assumed, 9_900, 10_000);
    }

    // Staging is far ahead of production: in one list, what contains the commit and what does not would alternate.
    [Fact]
    public async Task Find_LinesOfWhichOneIsBehind_AreEachExact()
    {
        var comparisons = new CommitComparisons((commit, _) => Task.FromResult(Age(commit) < 400));

        var (found, _) = await comparisons.FindAsync(
            [[.. Enumerable.Range(0, 1_000).Select(age => $"{age}")], [.. Enumerable.Range(350, 1_000).Select(age => $"{age}")]], TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 400), found.Select(Age).Order());
    }

    [Fact]
    public async Task Find_HundredsOfPreviewsWithCommitsOfTheirOwn_AsksForThoseThatChangedLast()
    {
        var comparisons = new CommitComparisons((_, _) => Task.FromResult(true));

        var (found, assumed) = await comparisons.FindAsync([.. Enumerable.Range(0, 1_000).Select(number => (string[])[$"{number}"])], TestContext.Current.CancellationToken);

        Assert.Equal((300, 700), (found.Count, assumed));
    }

    private static int Age(string commit) => int.Parse(commit, System.Globalization.CultureInfo.InvariantCulture);
}
