using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>Octokit is large, and few commands ask GitHub: who does not, does not load it.</summary>
public sealed class GitHubStartUpTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task Commands_ThatDoNotAskGitHub_RunWithoutOctokit()
    {
        tool.Tool = CopyWithoutOctokit(tool.Home);
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("shop", registry);

        foreach (var arguments in (string[][])[["--version"], ["plan", "--bundle", bundle], ["deploy", "--bundle", bundle], ["history", "--bundle", bundle], ["destroy", "--bundle", bundle, "-y"]])
        {
            var (exit, _, error) = await tool.RunAsync(arguments);
            Assert.True(exit == 0, $"{string.Join(' ', arguments)}: {error}");
            Assert.DoesNotContain("Octokit", error, StringComparison.Ordinal);
        }
    }

    private static string CopyWithoutOctokit(string home)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "tool")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(ToolProcess.File)!).Where(file => Path.GetFileName(file) != "Octokit.dll"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return Path.Combine(folder, Path.GetFileName(ToolProcess.File));
    }
}
