using KubeApps.Cli.Git;
using KubeApps.Cli.Rendering.Histories;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Diagnostics;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>The commits between two deploys: what <c>history diff</c> tells of them.</summary>
public sealed class CommitRangeTests(GitHubStandIn github)
{
    private readonly List<Diagnostic> _told = [];

    [Fact]
    public async Task Between_CloneHasBoth_IsToldByGit()
    {
        using var folder = await GitFolder.CreateAsync();
        var first = await folder.CommitAsync("first");
        var old = await folder.CommitAsync("old \u001b[31mway");
        await folder.GitAsync("checkout", "--quiet", "-b", "other", first);
        var (second, third) = (await folder.CommitAsync("second"), await folder.CommitAsync("third"));

        var range = (await FindAsync(folder.Root, old, third, null))!;

        Assert.Equal([third, second], range.Added.Select(commit => commit.Sha));
        Assert.Equal((2, 1, old, "Kim"), (range.AddedCount, range.RemovedCount, range.Removed[0].Sha, range.Removed[0].Author));
        Assert.Equal(
            ["", "2 commits added:", $"  + {third[..12]} third (Kim)", $"  + {second[..12]} second (Kim)", "", "1 commit gone:", $"  - {old[..12]} old way (Kim)"],
            HistoryText.Commits(range));
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Between_CommitWithADateThatIsNone_IsToldAllTheSame()
    {
        using var folder = await GitFolder.CreateAsync();
        var first = await folder.CommitAsync("first");
        var tree = await folder.GitAsync("rev-parse", "HEAD^{tree}");
        folder.Write("odd", $"tree {tree}\nparent {first}\nauthor Kim <kim@example.com> 99999999999999999 +5145\ncommitter Kim <kim@example.com> 99999999999999999 +5145\n\nodd\n");
        var odd = await folder.GitAsync("hash-object", "-t", "commit", "-w", "--literally", "odd");

        var range = (await FindAsync(folder.Root, first, odd, null))!;

        Assert.Equal((odd, "odd", "Kim"), (Assert.Single(range.Added).Sha, range.Added[0].Subject, range.Added[0].Author));
        Assert.Null(CommitRanges.Time("99999999999999999"));
        Assert.Null(CommitRanges.Time("%ct"));
    }

    [Fact]
    public void Of_CommitOfWhichNothingIsTold_IsItsHash() =>
        Assert.Equal(new RangeCommit("abcdef", "", "", null), RangeCommit.Of(new GitHubCommit("abcdef", null)));

    [Fact]
    public async Task Between_CloneLacksOne_IsToldByGitHub()
    {
        using var repository = await github.NewRepositoryAsync();
        var first = repository.Commits.Add("first");
        var old = repository.Commits.Add("old", first.Sha);
        var last = first;
        for (var number = 0; number < 260; number++)
            last = repository.Commits.Add($"change {number}\n\nAt length.", last.Sha);

        var range = (await FindAsync(Path.GetTempPath(), old.Sha, last.Sha, repository))!;

        Assert.Equal((260, 50, "change 259"), (range.AddedCount, range.Added.Count, range.Added[0].Subject));
        Assert.Equal((1, "old"), (range.RemovedCount, Assert.Single(range.Removed).Subject));
        Assert.Contains("  + … 210 more", HistoryText.Commits(range));
    }

    [Fact]
    public async Task Between_TheSameCommit_IsNothingAndAsksNobody() => Assert.Equal(CommitRange.Empty, await FindAsync("/nosuch", new string('a', 40), new string('a', 40), null));

    [Theory]
    [InlineData("--output=x", "abcdef1")]
    [InlineData("abcdef1", "main")]
    [InlineData(null, "abcdef1")]
    public async Task Between_WhatIsNoHash_IsNotAsked(string? from, string? to) => Assert.Null(await FindAsync(Path.GetTempPath(), from, to, null));

    [Fact]
    public async Task Between_NobodyKnowsThem_IsTold()
    {
        Assert.Null(await FindAsync(Path.GetTempPath(), new string('a', 40), new string('b', 40), null));
        Assert.Equal("KUBEAPP9041", Assert.Single(_told).Code);
    }

    [Fact]
    public async Task Between_GitHubDoesNotKnowThem_IsTold()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Commits.AreOpen = false;

        Assert.Null(await FindAsync(Path.GetTempPath(), new string('a', 40), new string('b', 40), repository));
        Assert.Equal("KUBEAPP9041", Assert.Single(_told).Code);
    }

    private Task<CommitRange?> FindAsync(string folder, string? from, string? to, StandInRepository? repository) => CommitRanges.FindAsync(
        from, to, folder,
        () => Task.FromResult(repository is null ? null : new GitHubClient(new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token), TimeProvider.System)),
        _told.Add, TestContext.Current.CancellationToken);
}
