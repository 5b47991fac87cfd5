using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary><c>sandbox start</c> where one runs already.</summary>
public sealed class SandboxStartTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Start_OneRuns_SaysSoAndReplacesItOnlyIfItIsOfAnotherVersion()
    {
        var first = await tool.RunAsync("sandbox", "start", "-o", "json");

        var again = await tool.RunAsync("sandbox", "start", "-o", "json");

        Assert.Equal(PidIn(first.Out), PidIn(again.Out));
        Assert.StartsWith("The sandbox runs already: ", again.Error, StringComparison.Ordinal);

        var newer = await tool.RunAsync(new Dictionary<string, string?> { ["KUBEAPPS_SANDBOX_PATH"] = OtherVersion() }, "sandbox", "start", "-o", "json");

        Assert.NotEqual(PidIn(first.Out), PidIn(newer.Out));
        Assert.StartsWith("The sandbox is of another version; starting it anew.\n", newer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("runs already", newer.Error, StringComparison.Ordinal);
    }

    private static int PidIn(string document) => (int)JsonNode.Parse(document)!["pid"]!;

    // The version is a hash of the program's files.
    private string OtherVersion()
    {
        var folder = Directory.CreateDirectory(Path.Combine(tool.Home, "other-version")).FullName;
        foreach (var file in Directory.EnumerateFiles(ToolProcess.SandboxFolder))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(folder, "another-version.txt"), "");
        return folder;
    }
}
