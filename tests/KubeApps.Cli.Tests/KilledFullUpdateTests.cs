using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests;

/// <summary>Full updates whose process is killed: GitHub has one record of each, with the end that it really had.</summary>
public sealed class KilledFullUpdateTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>, IAsyncLifetime
{
    private static readonly string[] Full = ["--scope", "cluster", "--silence", "1s", "--watch", "5s", "--shares", "50,100"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in JsonNode.Parse((await tool.RunAsync("cluster", "list", "-o", "json")).Out)!["clusters"]!.AsArray())
            await tool.RunAsync("cluster", "delete", (string)cluster!["name"]!, "-y");
    }

    [Fact]
    public async Task Deploy_KilledTwice_IsEndedByASyncAndFinishedByTheNextRunInOneRecord()
    {
        using var repository = await github.NewRepositoryAsync();
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        string Bundle(string variable) => tool.WriteBundle("moved", registry, variable: variable, commit: repository.Commits.Add(variable).Sha);
        var first = await RunAsync(repository, 1, ["deploy", "--bundle", Bundle("first"), .. Full]);
        Assert.True(first.Exit == 0, first.Error);
        Assert.Equal(["success"], States(repository));
        var next = Bundle("next");

        await KillAsync(repository, 2, "Make the cluster", ["deploy", "--bundle", next, .. Full]);
        Assert.Equal(["in_progress", "success"], States(repository));
        var ended = await RunAsync(repository, 2, ["record", "sync", "--bundle", next, "--scope", "cluster", "-o", "json"]);
        Assert.True(ended.Exit == 0, ended.Error);
        Assert.Equal(["error", "success"], States(repository));
        Assert.Equal("error", (string?)Assert.Single(DocumentReference.Verify(ended.Out, "RecordSync")["records"]!.AsArray())!["state"]);

        // Somebody else goes on with it, with the new version in half of the load already.
        await KillAsync(repository, 3, "Give 50 %", ["deploy", "--bundle", next, .. Full]);
        Assert.Equal(["in_progress", "success"], States(repository));
        ended = await RunAsync(repository, 4, ["record", "sync", "--bundle", next, "--scope", "cluster"]);
        Assert.True(ended.Exit == 0, ended.Error);
        Assert.Equal(["error", "success"], States(repository));

        foreach (var soak in (string[][])[["--no-soak"], []])
        {
            var promoted = await RunAsync(repository, 5, ["promote", "moved", "--scope", "cluster", .. soak]);
            Assert.True(promoted.Exit == 0, promoted.Out + promoted.Error);
        }

        Assert.Equal(["success", "inactive"], States(repository));
        var payload = repository.Deployments[0].Payload!;
        Assert.Equal(("fullUpdate", "moved-local-2", repository.Deployments[1].Id), ((string?)payload["strategy"], (string?)payload["cluster"]!["name"], (long?)payload["previous"]));
        Assert.NotEmpty(repository.Deployments[0].Statuses[^1].EnvironmentUrl);
        Assert.Contains("nothing to say", (await RunAsync(repository, 6, ["record", "sync", "--bundle", next, "--scope", "cluster"])).Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> States(StandInRepository repository) => repository.Deployments.Select(item => item.State);

    private async Task KillAsync(StandInRepository repository, int run, string phase, string[] arguments)
    {
        using var process = tool.Start(Variables(repository, run), arguments);
        process.StandardInput.Close();
        var end = ToolProcess.EndAsync(process);
        while (!(repository.Deployments is [{ } update, _] && update.Statuses.Any(status => status.Description.StartsWith(phase, StringComparison.Ordinal))) && !end.IsCompleted)
            await Task.Delay(50, Token);
        process.Kill();
        Assert.Equal(137, (await end).Exit);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, int run, string[] arguments) => tool.RunAsync(Variables(repository, run), arguments);

    private static Dictionary<string, string?> Variables(StandInRepository repository, int run) =>
        new(repository.Variables.Select(item => KeyValuePair.Create(item.Key, (string?)item.Value)))
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_SERVER_URL"] = "https://github.com",
            ["GITHUB_RUN_ID"] = $"{run}",
            ["GITHUB_ACTOR"] = "jane",
        };
}
