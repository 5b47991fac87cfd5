using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests;

/// <summary>A run about a pull request that is run again: what the pull request is now decides, not the event that the run has.</summary>
public sealed class PreviewAfterCloseTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>
{
    private const string Opened = """{"action":"opened","number":7,"pull_request":{"number":7,"state":"open"}}""";
    private const string Closed = """{"action":"closed","number":7,"pull_request":{"number":7,"state":"closed"}}""";

    [Fact]
    public async Task DeployAndDestroy_OfARunThatIsRunAgain_GoByThePullRequestAsItIsNow()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);
        Assert.Equal("deployed", (string?)(await DeployAsync(repository))["outcome"]);

        var kept = await DestroyAsync(repository, "-o", "json");
        Assert.Empty(DocumentReference.Verify(kept.Out, "TransientDestroyResult")["environments"]!.AsArray());
        Assert.Contains("KUBEAPP7014", kept.Error, StringComparison.Ordinal);
        Assert.Contains("pull request 7 is open", kept.Error, StringComparison.Ordinal);
        // GitHub need only say that it is open still.
        Assert.Equal([200, 304], repository.Requests.Where(request => request.Path.EndsWith("/pulls/7", StringComparison.Ordinal)).Select(request => request.Status));

        repository.ClosedPullRequests.Add(7);
        var late = await DeployAsync(repository, "second");
        Assert.Equal(("superseded", 0, null), ((string?)late["outcome"], (int?)late["exitCode"], late["record"]));
        Assert.Equal("KUBEAPP7013", (string?)Assert.Single(late["diagnostics"]!.AsArray())!["code"]);
        Assert.Matches("^outcome<<[^\n]+\nsuperseded\n", File.ReadAllText(Output));
        Assert.Single(repository.Deployments);

        var gone = await DestroyAsync(repository, "-o", "json");
        Assert.Single(DocumentReference.Verify(gone.Out, "TransientDestroyResult")["environments"]!.AsArray());
        Assert.Equal(["inactive", "inactive"], repository.Deployments.Select(item => item.State));

        Assert.Equal("superseded", (string?)(await DeployAsync(repository, "third"))["outcome"]);
        Assert.Contains("KUBEAPP0018", (await tool.RunAsync("status", "preview", "-n", "preview-pr-7")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_GitHubCannotSayIt_ChangesNothing()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);

        var mute = repository.NewToken(TokenRights.All & ~TokenRights.PullRequestsRead);
        var (exit, _, error) = await RunAsync(repository, Opened, mute, ["deploy", "--bundle", Bundle(repository, "first", "mute"), "-n", "mute-pr-7", "--transient", "--unless-closed"]);

        Assert.Equal(1, exit);
        Assert.Contains("KUBEAPP9003", error, StringComparison.Ordinal);
        Assert.Contains("pull-requests: read", error, StringComparison.Ordinal);
        Assert.Empty(repository.Deployments);
        Assert.Contains("KUBEAPP0018", (await tool.RunAsync("status", "mute", "-n", "mute-pr-7")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_RunIsAboutNoPullRequest_IsAUsageError()
    {
        using var repository = await github.NewRepositoryAsync();
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);

        var (exit, _, error) = await RunAsync(repository, """{"ref":"refs/heads/main"}""", repository.Token, ["deploy", "--bundle", Bundle(repository, "first", "pushed"), "--unless-closed"]);

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0074", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroy_UnlessOpenOfWhatLasts_IsAUsageError()
    {
        var (exit, _, error) = await Tool.RunAsync("destroy", "shop", "--unless-open");

        Assert.Equal(64, exit);
        Assert.Contains("--unless-open goes with --transient.", error, StringComparison.Ordinal);
    }

    private string Output => Path.Combine(tool.Home, "output");

    private async Task<JsonObject> DeployAsync(StandInRepository repository, string value = "first")
    {
        var (exit, output, error) = await RunAsync(
            repository, Opened, repository.Token, ["deploy", "--bundle", Bundle(repository, value, "preview"), "-n", "preview-pr-7", "--transient", "--unless-closed", "-o", "json"]);
        Assert.True(exit == 0, error);
        return DocumentReference.Verify(output, "DeployResult");
    }

    private async Task<(string Out, string Error)> DestroyAsync(StandInRepository repository, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(repository, Closed, repository.Token, ["destroy", "preview", "-n", "preview-pr-7", "--transient", "--unless-open", "-y", .. arguments]);
        Assert.True(exit == 0, error);
        return (output, error);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, string happened, string token, string[] arguments)
    {
        File.WriteAllText(Output, "");
        var file = Path.Combine(tool.Home, "event.json");
        File.WriteAllText(file, happened);
        return tool.RunAsync(
            new Dictionary<string, string?>(repository.Variables.Select(item => KeyValuePair.Create(item.Key, (string?)item.Value)))
            {
                ["GITHUB_ACTIONS"] = "true",
                ["GITHUB_EVENT_PATH"] = file,
                ["GITHUB_OUTPUT"] = Output,
                ["GITHUB_TOKEN"] = token,
            },
            arguments);
    }

    // Nothing that would have to start.
    private string Bundle(StandInRepository repository, string value, string app)
    {
        var ns = JsonNode.Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{app}}"} }""")!.AsObject();
        var config = JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"value":"{{value}}"} }""")!.AsObject();
        var folder = Path.Combine(tool.Home, $"bundle-{app}");
        BundleFiles.Write(
            new Bundle(
                1, app, repository.Commits.Add(value).Sha, false, new Dictionary<string, BundleImage>(),
                [
                    new BundleEnvironment(
                        "local", new BundleTarget("sandbox"), app, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                        [new BundleObject("env/local/namespace.yaml", "main", ns), new BundleObject("env/local/configmap-settings.yaml", "main", config)]),
                ]),
            folder);
        return folder;
    }
}
