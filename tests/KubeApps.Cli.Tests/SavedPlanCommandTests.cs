using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary><c>deploy --plan</c>: a plan that does not hold is told from all other failures, by who only sees the exit code, too.</summary>
public sealed class SavedPlanCommandTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Deploy_OfASavedPlan_EndsWith4WhereItDoesNotHoldAndOnlyThere()
    {
        await tool.RunAsync("sandbox", "start");
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "status", "-o", "json")).Out)!["registry"]!;
        var file = Path.Combine(tool.Home, "plan.json");
        Task<(int Exit, string Out, string Error)> WithAsync(string variable, params string[] command) =>
            tool.RunAsync([.. command, "--bundle", tool.WriteBundle("bound", registry, variable: variable)]);
        Assert.Equal(0, (await WithAsync("one", "plan", "--out", file)).Exit);

        // The bundle is another one.
        var (exit, _, error) = await WithAsync("two", "deploy", "--plan", file);
        Assert.Contains("KUBEAPP2022", error, StringComparison.Ordinal);
        Assert.Equal(4, exit);

        Assert.Equal(0, (await WithAsync("one", "deploy", "--plan", file)).Exit);

        // What stands is another version.
        Assert.Equal(0, (await WithAsync("two", "plan", "--out", file)).Exit);
        Assert.Equal(0, (await WithAsync("three", "deploy")).Exit);
        (exit, _, error) = await WithAsync("two", "deploy", "--plan", file);
        Assert.Contains("KUBEAPP2023", error, StringComparison.Ordinal);
        Assert.Equal(4, exit);

        // Not that of another app either.
        (exit, _, error) = await tool.RunAsync("deploy", "--plan", file, "--bundle", tool.WriteBundle("other", registry));
        Assert.Contains("KUBEAPP2021", error, StringComparison.Ordinal);
        Assert.Equal(4, exit);

        // What is no plan at all is another mistake.
        File.WriteAllText(file, "{}");
        (exit, _, error) = await WithAsync("two", "deploy", "--plan", file);
        Assert.Contains("KUBEAPP2020", error, StringComparison.Ordinal);
        Assert.Equal(1, exit);
    }
}
