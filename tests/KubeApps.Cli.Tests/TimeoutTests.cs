using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>A time limit is said as it was asked for, and its end has its own exit code.</summary>
public sealed class TimeoutTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Deploy_WithALimitBelowOneSecond_SaysItAsItIsAndExits70()
    {
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        string[] deploy = ["deploy", "--bundle", tool.WriteBundle("slow", registry, readyPath: "/never"), "--timeout", "0.5s"];

        Assert.Contains("Wait for the rollout (at most 0.5s)", (await tool.RunAsync([.. deploy, "--dry-run"])).Out, StringComparison.Ordinal);

        var (exit, output, error) = await tool.RunAsync([.. deploy, "-o", "json"]);
        Assert.Equal(70, exit);
        Assert.Contains("'Wait for the rollout' did not finish within 0.5 s: ", error, StringComparison.Ordinal);
        var document = DocumentReference.Verify(output, "DeployResult");
        Assert.Equal(("timedOut", true), ((string?)document["outcome"], (bool?)document["applied"]));
    }
}
