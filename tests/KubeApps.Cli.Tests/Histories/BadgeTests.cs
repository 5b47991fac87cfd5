using System.Text.Json.Nodes;
using System.Xml.Linq;
using KubeApps.Cli.Rendering.Badges;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

public sealed class BadgeTests(GitHubStandIn github)
{
    [Theory]
    [InlineData("success", "000000000001 since 2026-03-01", "brightgreen")]
    [InlineData("success,failure", "000000000001 since 2026-03-01, last deploy failed", "orange")]
    [InlineData("success,queued in_progress", "000000000001 since 2026-03-01, deploying", "blue")]
    [InlineData("success,queued in_progress inactive", "000000000001 since 2026-03-01", "brightgreen")]
    [InlineData("success inactive,success", "000000000002 since 2026-03-01", "brightgreen")]
    [InlineData("success inactive", "not deployed", "lightgrey")]
    [InlineData("failure", "last deploy failed", "red")]
    [InlineData("", "deploying", "blue")]
    public async Task Badge_OfAnEnvironment_SaysWhatRunsAndHowTheLastDeployEnded(string deploys, string message, string color)
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        foreach (var states in deploys.Split(','))
            records.Add(states);

        var badge = JsonNode.Parse((await RunAsync(repository, "-e", "prod", "-o", "shields")).Out)!;

        Assert.Equal((1, "prod", message, color), ((int)badge["schemaVersion"]!, (string?)badge["label"], (string?)badge["message"], (string?)badge["color"]));
    }

    [Fact]
    public async Task Badge_NothingWasDeployed_SaysSo()
    {
        using var repository = await github.NewRepositoryAsync();

        var (exit, output, _) = await RunAsync(repository, "shop", "-e", "prod");

        Assert.Equal(0, exit);
        Assert.Equal("shop prod: not deployed", (string?)XElement.Parse(output).Attribute("aria-label"));
    }

    [Fact]
    public async Task Badge_AfterTheAppWasDestroyed_SaysThatNothingRuns()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        records.Add(task: "deploy:destroy");

        Assert.Contains("not deployed", (await RunAsync(repository, "-e", "prod")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_DeployAfterTheAppWasDestroyed_IsSeen()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        records.Add(task: "deploy:destroy");
        records.Add("queued in_progress");

        Assert.Contains("deploying", (await RunAsync(repository, "-e", "prod")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_AppAmongMoreDeploysOfOthersThanAreListed_IsFound()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add(app: "api");
        for (var number = 0; number < 600; number++)
            records.Add();

        Assert.Contains("000000000001 since", (await RunAsync(repository, "api", "-e", "prod")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_ToAFile_LeavesStdoutEmpty()
    {
        using var repository = await github.NewRepositoryAsync();
        using var folder = new TemporaryFolder();
        new Records(repository).Add();

        Assert.Equal((0, "", ""), await Tool.RunInAsync(folder.Path, repository.Variables, "badge", "--source", "github", "-e", "prod", "--out", "prod.svg"));
        Assert.StartsWith("<svg ", folder.Read("prod.svg"), StringComparison.Ordinal);
        var (exit, _, error) = await Tool.RunInAsync(folder.Path, repository.Variables, "badge", "--source", "github", "-e", "prod", "--out", "none/prod.svg");
        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0065", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_OfSeveralAppsOrEnvironments_WantsOne()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add();
        records.Add(app: "api");

        Assert.Contains("KUBEAPP0019", (await RunAsync(repository, "-e", "prod")).Error, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP0011", (await RunAsync(repository)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Markdown_OfHostileTexts_IsATableAndNothingElse()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        records.Add(environment: "staging");
        records.Add(environment: "prod | <script>alert(1)</script>\n# @mona [x](javascript:1)", app: "`shop`");

        var (exit, output, _) = await RunAsync(repository, "-o", "markdown");

        Assert.Equal(0, exit);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Equal(7, line.Count(letter => letter == '|')));
        Assert.DoesNotContain(output, letter => letter is '`' or '[' or '@' or '\u001b');
        Assert.DoesNotContain("<script", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<code>000000000001</code> | 2026-03-01 12:01 UTC | jane | success, ", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Svg_OfHostileText_HoldsItAsText()
    {
        const string Text = "</text><script>alert('&\"')</script>]]> \ud83d\ude80";

        var svg = XElement.Parse(BadgeSvg.Write(new Badge(Text, "half \ud800 of a pair", "red", true)));

        Assert.Equal(["svg", "title", "rect", "rect", "text", "text"], svg.DescendantsAndSelf().Select(element => element.Name.LocalName));
        Assert.Equal([Text, "half � of a pair"], svg.Elements().Where(element => element.Name.LocalName == "text").Select(element => element.Value));
    }

    private static Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, params string[] arguments) =>
        Tool.RunInAsync(Path.GetTempPath(), repository.Variables, ["badge", "--source", "github", .. arguments]);
}
