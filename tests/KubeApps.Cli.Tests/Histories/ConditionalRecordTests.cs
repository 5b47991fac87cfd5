using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>Records ask GitHub whether what they were told before still holds: that costs nothing of its limit.</summary>
public sealed class ConditionalRecordTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task RecordSync_NothingHasChanged_IsAnsweredWithoutContent()
    {
        using var repository = await github.NewRepositoryAsync();
        var registry = (string)JsonNode.Parse((await RunAsync(repository, "sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("conditional", registry, commit: repository.Commits.Add("first").Sha);
        Assert.Equal(0, (await RunAsync(repository, "deploy", "--bundle", bundle, "--record", "github")).Exit);
        Assert.Equal(0, (await RunAsync(repository, "record", "sync", "--bundle", bundle, "--record", "github")).Exit);
        var asked = repository.Requests.Count;

        Assert.Equal(0, (await RunAsync(repository, "record", "sync", "--bundle", bundle, "--record", "github")).Exit);

        var again = repository.Requests.Skip(asked).ToList();
        Assert.NotEmpty(again);
        Assert.All(again, request => Assert.Equal(("GET", 304), (request.Method, request.Status)));
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, params string[] arguments) =>
        tool.RunAsync(repository.Variables.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), arguments);
}
