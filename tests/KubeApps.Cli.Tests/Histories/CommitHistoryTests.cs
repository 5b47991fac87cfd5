using System.Text.Json.Nodes;
using KubeApps.Cli.Git;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary><c>history --sha</c>: when and where a commit was live, also within a later one.</summary>
public sealed class CommitHistoryTests(GitHubStandIn github)
{
    [Fact]
    public async Task Sha_IsContainedInADeployedCommit_IsFoundThroughTheClone()
    {
        using var repository = await github.NewRepositoryAsync();
        using var folder = await GitFolder.CreateAsync();
        var (first, meant, later) = (await folder.CommitAsync(), await folder.CommitAsync(), await folder.CommitAsync());
        await folder.GitAsync("checkout", "--quiet", "-b", "other", first);
        var other = await folder.CommitAsync("elsewhere");
        var records = new Records(repository) { Start = DateTimeOffset.UtcNow };
        foreach (var sha in (string[])[first, later, other, later])
            records.Add(sha: sha);

        var (exit, output, error) = await RunAsync(repository, folder.Root, meant[..8]);

        Assert.Equal((0, ""), (exit, error));
        var lines = output.Split('\n');
        string Time(int minutes) => $"{records.Start.AddMinutes(minutes).AddSeconds(30):yyyy-MM-dd HH:mm:ss}Z";
        Assert.Matches($@"^shop in prod: {meant[..12]} is live since {Time(4)} \(\w+\), with revision 4 \(deployment \d+\) as part of {later[..12]}\.$", lines[0]);
        Assert.Matches($@"^shop in prod: {meant[..12]} was live from {Time(2)} to {Time(3)} \(60s\), until revision 3 \(deployment \d+\), with revision 2 ", lines[1]);
        Assert.Equal(("", 4), (lines[2], lines.Skip(3).Count(line => line.Length > 0) + 1));
        Assert.DoesNotContain(repository.Requests, request => request.Path.Contains("/compare/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sha_WithoutAClone_IsFoundThroughGitHub()
    {
        using var repository = await github.NewRepositoryAsync();
        var first = repository.Commits.Add("first");
        var meant = repository.Commits.Add("meant", first.Sha);
        var later = repository.Commits.Add("later", meant.Sha);
        var records = new Records(repository);
        records.Add(sha: first.Sha);
        records.Add("failure", sha: later.Sha);
        records.Add(sha: later.Sha);
        // Whoever wrote this does not decide what is asked.
        records.Add(sha: new string('c', 40), isOurs: false, payload: "x");

        var live = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), meant.Sha[..10], "-o", "json")).Out)!["live"]!.AsArray();

        Assert.Equal(("2026-03-01T12:03:30Z", later.Sha), ((string?)Assert.Single(live)!["from"], (string?)live[0]!["commit"]));
        Assert.Equal(3, repository.Requests.Count(request => request.Path.Contains("/compare/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sha_OfAShallowClone_AsksGitHubAboutWhatIsNotFound()
    {
        using var repository = await github.NewRepositoryAsync();
        using var origin = await GitFolder.CreateAsync();
        var (first, meant, later) = (await origin.CommitAsync("first"), await origin.CommitAsync("meant"), await origin.CommitAsync("later"));
        repository.Commits.Add(new StandInCommit(first, "first", []));
        repository.Commits.Add(new StandInCommit(meant, "meant", [first]));
        repository.Commits.Add(new StandInCommit(later, "later", [meant]));
        using var clone = await GitFolder.CreateAsync();
        await clone.GitAsync("fetch", "--quiet", "--depth=1", new Uri(origin.Root).AbsoluteUri, "main");
        new Records(repository) { Start = DateTimeOffset.UtcNow }.Add(sha: later);

        var (exit, output, _) = await RunAsync(repository, clone.Root, meant);

        Assert.Equal(0, exit);
        Assert.Contains($"{meant[..12]} is live since", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_MoreCommitsThanAreComparedWereDeployed_IsTold()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        for (var number = 0; number < 100; number++)
            records.Add("failure");

        var (exit, output, error) = await RunAsync(repository, Path.GetTempPath(), "abcdef1");

        Assert.Equal((0, ""), (exit, output));
        Assert.Matches(@"KUBEAPP9041[\s\S]*Of 100 deployed commits 69 were not[\s\S]*abcdef1 was never live", error);
    }

    [Fact]
    public async Task Sha_OfLongAgo_IsFoundWithFewComparisons()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        var commits = new List<StandInCommit> { repository.Commits.Add("0") };
        for (var number = 1; number < 120; number++)
        {
            commits.Add(repository.Commits.Add($"{number}", commits[^1].Sha));
            records.Add(sha: commits[^1].Sha);
        }

        var document = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), commits[20].Sha[..12], "-o", "json")).Out)!;

        Assert.Equal((20, null), ((int)Assert.Single(document["live"]!.AsArray())!["revision"]!, (string?)document["live"]![0]!["to"]));
        Assert.InRange(repository.Requests.Count(request => request.Path.Contains("/compare/", StringComparison.Ordinal)), 1, CommitComparisons.Most);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("main")]
    [InlineData("--upload-pack=x")]
    [InlineData("abcd; echo")]
    public async Task Sha_ThatIsNone_IsAUsageError(string sha) =>
        Assert.Equal(64, (await Tool.RunInAsync(Path.GetTempPath(), "", "history", "--repository", "acme/shop", $"--sha={sha}")).Exit);

    private static Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, string folder, string sha, params string[] arguments) =>
        Tool.RunInAsync(folder, repository.Variables, ["history", "--source", "github", "--sha", sha, .. arguments]);
}
