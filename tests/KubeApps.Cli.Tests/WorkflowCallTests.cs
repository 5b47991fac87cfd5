namespace KubeApps.Cli.Tests;

/// <summary>What the reusable workflows call the tool with (as the tests of the actions have reviewed it) is what the tool understands.</summary>
public sealed class WorkflowCallTests
{
    [Fact]
    public void Arguments_OfTheReusableWorkflows_AreUnderstood()
    {
        var calls = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "KubeApps.Actions.Tests", "Snapshots"), "kubeapp-*.txt")
            .SelectMany(file => File.ReadAllText(file).ReplaceLineEndings("\n").Split("dotnet-kubeapp\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(call => call.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[2..]).ToArray())
            .ToList();
        var root = CommandLine.Root(Tool.Terminal(Path.GetTempPath(), ""));

        Assert.True(calls.Count > 7);
        Assert.All(calls, call => Assert.Equal((string.Join(' ', call), ""), (string.Join(' ', call), string.Join(' ', root.Parse(call).Errors.Select(error => error.Message)))));
    }
}
