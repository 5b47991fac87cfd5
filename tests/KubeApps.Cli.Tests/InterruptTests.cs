using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>Ctrl+C while a command runs: 130, and no stack trace; what waits for nothing has nothing to say about it.</summary>
public sealed class InterruptTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task CtrlC_InEveryCommandThatGoesOn_EndsItWith130AndNoStackTrace()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows cannot interrupt another process without its console.");
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", tool.WriteBundle("shop", registry))).Exit);

        await InterruptAsync("logs", "shop", "-f");
        await InterruptAsync("status", "shop", "-w");
        await InterruptAsync("status", "shop", "-w", "-o", "json");
        await InterruptAsync("deploy", "--bundle", tool.WriteBundle("waiting", registry, readyPath: "/never"), "-o", "jsonl");
    }

    [Fact]
    public async Task CtrlC_InADeployOfAProject_EndsTheBuildWithIt()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows cannot interrupt another process without its console.");
        using var folder = new TemporaryFolder();
        // A build that does not end; as a service manager does it, the signal comes to the tool alone.
        folder.Write("Web.csproj", """<Project><Target Name="Publish"><Exec Command="echo $$ &gt; pid; echo under way; sleep 600" /></Target></Project>""");
        using var process = tool.Start("deploy", "--project", folder.Path);
        var token = TestContext.Current.CancellationToken;
        while (!(await process.StandardError.ReadLineAsync(token) ?? throw new EndOfStreamException()).Contains("under way", StringComparison.Ordinal))
        {
        }

        await ToolProcess.InterruptAsync(process);

        var (exit, output, error) = await ToolProcess.EndAsync(process);
        Assert.Equal((130, "", "Cancelled. Nothing was applied.\n"), (exit, output, error));
        Assert.False(Directory.Exists($"/proc/{folder.Read("pid").Trim()}"), "The build still runs.");
    }

    private async Task InterruptAsync(params string[] arguments)
    {
        using var process = tool.Start(arguments);
        // It is under way when it has said something of what it is for.
        string? line;
        do
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line is not null && arguments[0] == "deploy" && !line.Contains("rolloutProgress", StringComparison.Ordinal));
        Assert.NotNull(line);

        await ToolProcess.InterruptAsync(process);

        var (exit, _, error) = await ToolProcess.EndAsync(process);
        Assert.Equal((130, ""), (exit, error));
    }
}
