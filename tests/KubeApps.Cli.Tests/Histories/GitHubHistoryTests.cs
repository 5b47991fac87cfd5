using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary><c>history</c> of GitHub alone: no cluster, no project.</summary>
public sealed class GitHubHistoryTests(GitHubStandIn github)
{
    [Fact]
    public async Task History_OfARepository_ListsItsDeploysAndMarksWhatRuns()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        records.Add("queued in_progress failure", said: "Deployment web: crashes");
        var last = records.Add();

        var (exit, output, error) = await RunAsync(repository);

        Assert.Equal((0, ""), (exit, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^REVISION +DEPLOYMENT +APP +ENVIRONMENT +AGE +DURATION +OUTCOME +BY +COMMIT +STRATEGY +IMAGES$", lines[0]);
        Assert.Matches(@"^1 +\d+ +shop +prod .* 30\.0 s +success +jane +0{11}1 +rolling +web@0{12}$", lines[1]);
        Assert.Matches(@"^2 .* failure ", lines[2]);
        Assert.Matches($@"^3 \* +{last.Id} ", lines[3]);
        Assert.Equal(output, (await RunAsync(repository, "-o", "table")).Out);
    }

    [Fact]
    public async Task History_AsJson_HasTheDocumentedShape()
    {
        using var repository = await github.NewRepositoryAsync();
        new Records(repository).Add(sha: new string('a', 40));
        new Records(repository).Add(isOurs: false, payload: JsonValue.Create("by hand"));

        var document = DocumentReference.Verify((await RunAsync(repository, "--sha", "aaaa", "-o", "json")).Out, "History");

        Assert.Equal((repository.FullName, new string('a', 40)), ((string?)document["repository"], (string?)document["commit"]));
        var entry = Assert.Single(document["entries"]!.AsArray())!;
        Assert.Equal(("success", true, "2026-03-01T12:01:30Z", null), ((string?)entry["state"], (bool?)entry["current"], (string?)entry["liveFrom"], (string?)entry["liveTo"]));
        Assert.Equal(("2026-03-01T12:01:30Z", null), ((string?)document["live"]![0]!["from"], (string?)document["live"]![0]!["to"]));
    }

    [Fact]
    public async Task History_DeploymentsOfOtherTools_AreListedWhateverTheyAre()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        // Made up, all of them.
        JsonNode?[] payloads =
        [
            null, "", 12, true, "{\"schema\":\"kubeapps.dev/deployment/v1\"", new JsonArray(1, "two", null), new JsonObject { ["schema"] = 1 },
            new JsonObject { ["schema"] = "kubeapps.dev/deployment/v1", ["app"] = new JsonArray(), ["environment"] = "prod" },
        ];
        foreach (var payload in payloads)
            records.Add("pending", isOurs: false, payload: payload);
        repository.Add(new StandInDeployment(new string('b', 40), "\u001b[31mred\u202e")
        {
            Task = string.Concat(Enumerable.Repeat("=cmd|' /C calc'!A0,\"", 400)),
            Description = new string('x', 100_000),
            Creator = null,
            Payload = new string('y', 100_000),
        });

        var (exit, output, error) = await RunAsync(repository, "-o", "wide");
        var csv = (await RunAsync(repository, "-o", "csv")).Out.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(payloads.Length + 2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(output, letter => letter is '\u001b' or '\u202e');
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 900));
        Assert.Equal(payloads.Length + 2, csv.Length);
        Assert.Contains(",\"'=cmd|' /C calc'!A0,\"\"", csv[1], StringComparison.Ordinal);
        Assert.Contains("\\u001b[31mred\\u202e", csv[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7,6,5,4,3,2,1")]
    [InlineData("7,5,4,3,2,1", "-e", "prod")]
    [InlineData("7,4,3,2,1", "shop", "-e", "prod")]
    [InlineData("5", "api")]
    [InlineData("5", "--app", "api")]
    [InlineData("3", "--status", "failure")]
    [InlineData("2,1", "--status", "success", "--limit", "2", "shop", "-e", "prod", "--since", "2026-03-01T12:00Z", "--actor", "MONA")]
    [InlineData("2", "shop", "--actor", "joe", "--status", "success")]
    [InlineData("7", "--status", "pending")]
    [InlineData("7,6", "--limit", "2")]
    [InlineData("7,6", "--since", "2026-03-01T12:06")]
    [InlineData("", "--since", "2m")]
    public async Task History_WithFilters_ListsWhatIsMeant(string expected, params string[] arguments)
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add("in_progress success inactive");
        records.Add("in_progress success");
        records.Add("in_progress failure");
        records.Add("queued in_progress");
        records.Add(app: "api");
        records.Add("error", environment: "staging", isOurs: false);
        records.Add("");

        var document = JsonNode.Parse((await RunAsync(repository, [.. arguments, "-o", "json"])).Out)!;

        var minutes = document["entries"]!.AsArray().Select(entry => ((DateTime)entry!["startedAt"]!).Minute);
        Assert.Equal(expected, string.Join(',', minutes));
        Assert.Equal(arguments is ["--limit", "2"], (bool)document["more"]!);
    }

    [Fact]
    public async Task History_OfTenThousandDeployments_AsksForOnePageAndWhatIsShown()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        for (var number = 0; number < 10_000; number++)
            records.Add();

        var (exit, _, error) = await RunAsync(repository);

        Assert.Equal(0, exit);
        Assert.Contains("--limit", error, StringComparison.Ordinal);
        Assert.Equal((1, 30), (Lists(repository), Statuses(repository)));
    }

    [Fact]
    public async Task History_OfTwoPages_GoesOnWhereTheFirstEnds()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        for (var number = 0; number < 130; number++)
            records.Add();

        var document = JsonNode.Parse((await RunAsync(repository, "--limit", "120", "-o", "json")).Out)!;

        Assert.Equal(Enumerable.Range(11, 120).Reverse(), document["entries"]!.AsArray().Select(entry => (int)entry!["revision"]!));
        Assert.Equal((2, 120), (Lists(repository), Statuses(repository)));
    }

    [Fact]
    public async Task History_AskedAgain_OnlyAsksWhetherWhatItHasStillHolds()
    {
        using var repository = await github.NewRepositoryAsync();
        using var home = new TemporaryFolder();
        var records = new Records(repository);
        for (var number = 0; number < 130; number++)
            records.Add();
        string[] arguments = ["history", "--source", "github", "--limit", "110"];
        var variables = new Dictionary<string, string>(repository.Variables) { ["KUBEAPPS_HOME"] = home.Path };

        var first = await Tool.RunInAsync(home.Path, variables, arguments);
        var asked = repository.Requests.Count;
        var second = await Tool.RunInAsync(home.Path, variables, arguments);

        Assert.Equal((0, first.Out), (second.Exit, second.Out));
        Assert.Equal(2 * asked, repository.Requests.Count);
        Assert.All(repository.Requests.Skip(asked), request => Assert.Equal((304, true), (request.Status, request.Headers.ContainsKey("If-None-Match"))));
        Assert.DoesNotContain(Directory.EnumerateFiles(home.Path, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(repository.Token, StringComparison.Ordinal));

        // What is new is seen at once.
        var newest = records.Add();
        Assert.Contains($"{newest.Id}", (await Tool.RunInAsync(home.Path, variables, arguments)).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenRights.None, "KUBEAPP9004")]
    [InlineData(TokenRights.ContentsRead, "KUBEAPP9003")]
    public async Task History_TokenMayNot_SaysSoWithoutTheToken(TokenRights rights, string code)
    {
        using var repository = await github.NewRepositoryAsync();
        var token = repository.NewToken(rights);

        var (exit, output, error) = await Tool.RunInAsync(
            Path.GetTempPath(), new Dictionary<string, string>(repository.Variables) { ["GITHUB_TOKEN"] = token }, "history", "--source", "github");

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains(code, error, StringComparison.Ordinal);
        Assert.DoesNotContain(token, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_AppThatSomebodyElseReplacedSince_IsNotMarked()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        records.Add();

        var document = JsonNode.Parse((await RunAsync(repository, "--actor", "jane", "-o", "json")).Out)!;

        var entry = Assert.Single(document["entries"]!.AsArray())!;
        Assert.Equal((false, "2026-03-01T12:02:30Z"), ((bool)entry["current"]!, (string?)entry["liveTo"]));
    }

    [Fact]
    public async Task History_TooManyFailedSince_DoesNotClaimWhatRuns()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        for (var number = 0; number < 45; number++)
            records.Add("failure");

        var document = JsonNode.Parse((await RunAsync(repository, "--actor", "jane", "--status", "success", "-o", "json")).Out)!;

        Assert.False((bool)Assert.Single(document["entries"]!.AsArray())!["current"]!);
    }

    [Fact]
    public async Task History_NoTokenIsKnown_SaysWhatIsMissing()
    {
        var (exit, _, error) = await Tool.RunInAsync(Path.GetTempPath(), "", "history", "--repository", "acme/shop");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0063", error, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, params string[] arguments)
    {
        var variables = new Dictionary<string, string>(repository.Variables);
        variables.Remove("GITHUB_REPOSITORY");
        return Tool.RunInAsync(Path.GetTempPath(), variables, ["history", "--repository", repository.FullName, .. arguments]);
    }

    private static int Lists(StandInRepository repository) => repository.Requests.Count(request => request.Path.EndsWith("/deployments", StringComparison.Ordinal));

    private static int Statuses(StandInRepository repository) => repository.Requests.Count(request => request.Path.EndsWith("/statuses", StringComparison.Ordinal));
}
