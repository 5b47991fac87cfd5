using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>Records ask GitHub whether what they were told before still holds: that costs nothing of its limit.</summary>
public sealed class ConditionalRecordTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task RecordSync_NothingHasChangedSinceTheLastOne_IsAnsweredWithoutContent()
    {
        using var repository = await github.NewRepositoryAsync();
        // What is owed stays owed: it is looked for each time.
        var token = repository.NewToken(TokenRights.ReadOnly);
        var registry = (string)JsonNode.Parse((await RunAsync(repository, token, "sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("conditional", registry, commit: repository.Commits.Add("first").Sha);
        Assert.Equal(0, (await RunAsync(repository, token, "deploy", "--bundle", bundle, "--record", "github")).Exit);
        await RunAsync(repository, token, "record", "sync", "--bundle", bundle, "--record", "github");
        var asked = repository.Requests.Count;

        await RunAsync(repository, token, "record", "sync", "--bundle", bundle, "--record", "github");

        var reads = repository.Requests.Skip(asked).Where(request => request.Method == "GET").ToList();
        Assert.NotEmpty(reads);
        Assert.All(reads, request => Assert.Equal(304, request.Status));
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, string token, params string[] arguments)
    {
        var variables = repository.Variables.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        variables["GITHUB_TOKEN"] = token;
        return tool.RunAsync(variables, arguments);
    }
}
