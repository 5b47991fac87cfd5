using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests;

/// <summary>What an older run of a workflow says when a newer one has deployed before it.</summary>
public sealed class OvertakenRunTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Deploy_UnlessNewer_LeavesWhatANewerRunBroughtAndRecordsNothing()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);
        await OutcomeAsync(repository, 10, "deployed", "first");
        await OutcomeAsync(repository, 12, "deployed", "second");

        var late = await OutcomeAsync(repository, 11, "superseded", "older");

        Assert.Equal((0, null, null), ((int?)late["exitCode"], (int?)late["revision"], late["record"]));
        Assert.Equal("KUBEAPP7010", (string?)Assert.Single(late["diagnostics"]!.AsArray())!["code"]);
        var (exit, _, error) = await RunAsync(repository, 11, "older");
        Assert.Equal(0, exit);
        Assert.Contains("shop was left as it is", error, StringComparison.Ordinal);
        var annotation = Assert.Single(error.Split('\n'), line => line.StartsWith("::", StringComparison.Ordinal) && line.Contains("KUBEAPP7010", StringComparison.Ordinal));
        Assert.StartsWith("::warning title=KUBEAPP7010::shop stays as it is: https://github.com/", annotation, StringComparison.Ordinal);
        Assert.Contains("/actions/runs/12 has deployed revision 2", annotation, StringComparison.Ordinal);
        Assert.Contains("start a new run for it, or roll back", annotation, StringComparison.Ordinal);
        Assert.Matches("^outcome<<[^\n]+\nsuperseded\n", File.ReadAllText(Output));
        Assert.Equal(2, repository.Deployments.Count);

        await OutcomeAsync(repository, 12, "unchanged", "second");
        await OutcomeAsync(repository, 13, "deployed", "third");
        Assert.Equal("deployed", (string?)(await DocumentAsync(repository, 11, "older", "--unless-newer=false"))["outcome"]);

        // What was to be deployed anew does not stand any more.
        var anew = await DocumentAsync(repository, 14, "third", "--same-commit");
        Assert.Equal(("superseded", "KUBEAPP7012"), ((string?)anew["outcome"], (string?)Assert.Single(anew["diagnostics"]!.AsArray())!["code"]));
    }

    [Fact]
    public async Task Deploy_UnlessNewerOutsideOfAWorkflow_IsAUsageErrorBeforeAnythingIsLookedAt()
    {
        using var folder = new TemporaryFolder();

        var (exit, _, error) = await Tool.RunInAsync(folder.Path, "", "deploy", "--unless-newer");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0073", error, StringComparison.Ordinal);
    }

    private string Output => Path.Combine(tool.Home, "output");

    private async Task<JsonObject> OutcomeAsync(StandInRepository repository, long run, string expected, string value)
    {
        var document = await DocumentAsync(repository, run, value);
        Assert.Equal(expected, (string?)document["outcome"]);
        return document;
    }

    private async Task<JsonObject> DocumentAsync(StandInRepository repository, long run, string value, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(repository, run, value, ["-o", "json", .. arguments]);
        Assert.True(exit == 0, error);
        return DocumentReference.Verify(output, "DeployResult");
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, long run, string value, params string[] arguments)
    {
        File.WriteAllText(Output, "");
        var variables = new Dictionary<string, string?>(repository.Variables.Select(item => KeyValuePair.Create(item.Key, (string?)item.Value)))
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_OUTPUT"] = Output,
            ["GITHUB_SERVER_URL"] = "https://github.com",
            ["GITHUB_RUN_ID"] = $"{run}",
        };
        return tool.RunAsync(variables, ["deploy", "--bundle", Bundle(repository.Commits.Add(value).Sha, value), .. arguments.Contains("--unless-newer=false") ? (string[])[] : ["--unless-newer"], .. arguments]);
    }

    // Nothing that would have to start.
    private string Bundle(string commit, string value)
    {
        var config = JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"value":"{{value}}"} }""")!.AsObject();
        var folder = Path.Combine(tool.Home, "bundle-shop");
        BundleFiles.Write(
            new Bundle(
                1, "shop", commit, false, new Dictionary<string, BundleImage>(),
                [
                    new BundleEnvironment(
                        "local", new BundleTarget("sandbox"), "default", new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                        [new BundleObject("env/local/configmap-settings.yaml", "main", config)]),
                ]),
            folder);
        return folder;
    }
}
