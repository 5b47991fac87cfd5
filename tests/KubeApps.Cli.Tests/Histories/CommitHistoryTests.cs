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
        Assert.Equal(0, Compared(repository));
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
        Assert.Equal(3, Compared(repository));
        // Files and their changes stand on the first page.
        Assert.All(repository.Requests.Where(request => request.Path.Contains("/compare/", StringComparison.Ordinal)), request => Assert.Contains("page=2", request.Query, StringComparison.Ordinal));
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
        var other = repository.Commits.Add("elsewhere").Sha[..12];
        var records = new Records(repository);
        for (var number = 0; number < 100; number++)
            records.Add("failure");

        var (exit, output, error) = await RunAsync(repository, Path.GetTempPath(), other);

        Assert.Equal((0, ""), (exit, output));
        Assert.Matches($@"KUBEAPP9041[\s\S]*Of 100 deployed commits 69 were not[\s\S]*{other} was never live", error);
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
        Assert.InRange(Compared(repository), 1, CommitComparisons.Most);
    }

    [Fact]
    public async Task Sha_ThatNobodyHas_IsToldAndNotCompared()
    {
        using var repository = await github.NewRepositoryAsync();
        new Records(repository).Add();

        var (exit, output, error) = await RunAsync(repository, Path.GetTempPath(), "abcdef1");

        Assert.Equal((0, ""), (exit, output));
        Assert.Matches($@"KUBEAPP9045[\s\S]*nor {repository.FullName} has a commit abcdef1[\s\S]*abcdef1 was never live", error);
        Assert.Equal(0, Compared(repository));
    }

    [Fact]
    public async Task Sha_BeginningOfAHash_IsLookedUpOnce()
    {
        using var repository = await github.NewRepositoryAsync();
        var meant = repository.Commits.Add("meant");
        var records = new Records(repository);
        records.Add(sha: meant.Sha);
        // Another one that begins with the same digits is not it.
        records.Add(sha: $"{meant.Sha[..8]}{new string('0', 32)}");

        var document = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), meant.Sha[..10], "-o", "json")).Out)!;

        Assert.Equal((meant.Sha, 1), ((string?)document["commit"], (int)Assert.Single(document["entries"]!.AsArray())!["revision"]!));
        Assert.Single(repository.Requests, request => request.Path.Contains("/commits/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sha_BeginningOfSeveralThatWereDeployed_WantsMore()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add(sha: $"abcd{new string('0', 36)}");
        records.Add(sha: $"abcd{new string('1', 36)}");

        var (exit, output, error) = await RunAsync(repository, Path.GetTempPath(), "abcd");

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("KUBEAPP9046", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_BranchIsCalledAsItBegins_IsTheCommit()
    {
        using var repository = await github.NewRepositoryAsync();
        using var folder = await GitFolder.CreateAsync();
        var branch = await folder.CommitAsync("other");
        await folder.GitAsync("branch", "abcdef1");
        new Records(repository) { Start = DateTimeOffset.UtcNow }.Add(sha: branch);

        var (_, output, error) = await RunAsync(repository, folder.Root, "abcdef1");

        Assert.Equal("", output);
        Assert.Contains("KUBEAPP9045", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_CloneOfAnotherRepositoryHasOneThatBeginsAlike_IsThatOfTheRepository()
    {
        using var repository = await github.NewRepositoryAsync();
        using var folder = await GitFolder.CreateAsync();
        var alike = (await folder.CommitAsync())[..8];
        var meant = new StandInCommit($"{alike}{new string('0', 32)}", "meant", []);
        repository.Commits.Add(meant);
        new Records(repository).Add(sha: meant.Sha);

        Assert.Contains($"{meant.Sha[..12]} is live since", (await RunAsync(repository, folder.Root, alike)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_TokenMayNotSeeCommits_IsFoundThroughTheClone()
    {
        using var repository = await github.NewRepositoryAsync();
        using var folder = await GitFolder.CreateAsync();
        var meant = await folder.CommitAsync();
        new Records(repository) { Start = DateTimeOffset.UtcNow }.Add(sha: meant);
        var variables = new Dictionary<string, string>(repository.Variables) { ["GITHUB_TOKEN"] = repository.NewToken(TokenRights.DeploymentsRead) };

        var (_, output, _) = await Tool.RunInAsync(folder.Root, variables, "history", "--source", "github", "--sha", meant[..8]);

        Assert.Contains($"{meant[..12]} is live since", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_CommitIsDatedInTheFuture_IsFoundWhereItWasDeployed()
    {
        using var repository = await github.NewRepositoryAsync();
        var meant = new StandInCommit(new string('d', 40), "from the future", []) { Date = DateTimeOffset.UtcNow.AddYears(3) };
        repository.Commits.Add(meant);
        new Records(repository).Add(sha: meant.Sha);

        Assert.Contains("is live since 2026-03-01", (await RunAsync(repository, Path.GetTempPath(), meant.Sha[..12])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sha_WithAStatus_AsksOnlyAsFarAsItTakes()
    {
        using var repository = await github.NewRepositoryAsync();
        var meant = repository.Commits.Add("meant");
        var records = new Records(repository);
        for (var number = 0; number < 100; number++)
            records.Add(number % 2 == 0 ? "success" : "failure", sha: meant.Sha);

        var document = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), meant.Sha, "--status", "failure", "--limit", "3", "-o", "json")).Out)!;

        Assert.Equal((3, true), (document["entries"]!.AsArray().Count, (bool)document["more"]!));
        Assert.InRange(repository.Requests.Count(request => request.Path.EndsWith("/statuses", StringComparison.Ordinal)), 1, 20);
        document = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), meant.Sha, "--status", "failure", "--limit", "50", "-o", "json")).Out)!;
        Assert.Equal((50, false), (document["entries"]!.AsArray().Count, (bool)document["more"]!));
    }

    [Fact]
    public async Task Sha_OfOneWhoWasFollowedByAnother_MarksNothing()
    {
        using var repository = await github.NewRepositoryAsync();
        var meant = repository.Commits.Add("meant");
        var records = new Records(repository);
        records.Add(sha: meant.Sha);
        records.Add(sha: meant.Sha);

        var document = JsonNode.Parse((await RunAsync(repository, Path.GetTempPath(), meant.Sha, "--actor", "jane", "-o", "json")).Out)!;

        var entry = Assert.Single(document["entries"]!.AsArray())!;
        Assert.Equal((1, false), ((int)entry["revision"]!, (bool)entry["current"]!));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("main")]
    [InlineData("--upload-pack=x")]
    [InlineData("abcd; echo")]
    public async Task Sha_ThatIsNone_IsAUsageError(string sha) =>
        Assert.Equal(64, (await Tool.RunInAsync(Path.GetTempPath(), "", "history", "--repository", "acme/shop", $"--sha={sha}")).Exit);

    private static int Compared(StandInRepository repository) => repository.Requests.Count(request => request.Path.Contains("/compare/", StringComparison.Ordinal));

    private static Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, string folder, string sha, params string[] arguments) =>
        Tool.RunInAsync(folder, repository.Variables, ["history", "--source", "github", "--sha", sha, .. arguments]);
}
