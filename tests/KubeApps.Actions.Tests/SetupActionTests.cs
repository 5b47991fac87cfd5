using System.Xml.Linq;
using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

public sealed class SetupActionTests : IDisposable
{
    private readonly Runner _runner = new() { Foreign = { ["actions/cache"] = new() { ["cache-hit"] = "" } } };
    private readonly FakeTool _dotnet;

    public SetupActionTests()
    {
        _dotnet = new FakeTool(_runner, "dotnet");
        _dotnet.Does(Sdk("10.0.401"));
    }

    public void Dispose() => _runner.Dispose();

    internal static string Version
    {
        get
        {
            var properties = XDocument.Load(Path.Combine(RepositoryFiles.Root, "build", "Project.props")).Descendants();
            return string.Join('-', properties.Where(item => item.Name.LocalName is "VersionPrefix" or "VersionSuffix").Select(item => item.Value));
        }
    }

    [Fact]
    public async Task Setup_NoInputs_InstallsTheVersionOfTheActionAndPutsItOnThePath()
    {
        var run = await RunAsync();

        Assert.Equal(("success", "1.2.3"), (run.Outcome, run.Outputs["version"]));
        Assert.Equal(["tool", "install", "dotnet-kubeapp", "--tool-path", ToolFolder(Version), $"--version={Version}", "--allow-downgrade"], _dotnet.Calls[1]);
        Assert.Equal([ToolFolder(Version)], run.Path);
    }

    [Fact]
    public async Task Setup_Cache_IsAskedForWhatIsInstalled()
    {
        var run = await RunAsync();

        Assert.Equal("actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae", run["cache"].Replaced);
        Assert.Equal(new Dictionary<string, string> { ["path"] = ToolFolder(Version), ["key"] = $"kubeapp-Linux-X64-{Version}" }, run["cache"].Given!);
    }

    [Fact]
    public async Task Setup_ToolInTheCache_InstallsNothing()
    {
        _runner.Foreign["actions/cache"]["cache-hit"] = "true";
        var folder = Directory.CreateDirectory(ToolFolder(Version)).FullName;
        FakeTool.WriteProgram(Path.Combine(folder, "dotnet-kubeapp"), "#!/bin/sh\necho 1.2.3");

        var run = await RunAsync();

        Assert.Equal(("success", "1.2.3"), (run.Outcome, run.Outputs["version"]));
        Assert.Equal([folder], run.Path);
        Assert.Single(_dotnet.Calls);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("packages", true)]
    public async Task Setup_NuGetConfigOfTheCheckout_CountsOnlyWhereASourceIsGiven(string source, bool isInWorkspace)
    {
        _dotnet.Does($"[ \"$1\" = --version ] || pwd > '{_runner.Temp}/where'\n{Sdk("10.0.401")}");

        await RunAsync(("source", source));

        Assert.Equal(isInWorkspace ? _runner.Workspace : _runner.Temp, File.ReadAllText(Path.Combine(_runner.Temp, "where")).TrimEnd());
    }

    [Theory]
    [InlineData("source", "a folder; touch 'x'")]
    [InlineData("version", "1.*")]
    [InlineData("cache", "false")]
    public async Task Setup_SourceOrPatternOrNoCache_LeavesTheCacheAlone(string input, string value)
    {
        var run = await RunAsync((input, value));

        Assert.Equal(("success", "skipped"), (run.Outcome, run["cache"].Outcome));
        Assert.Equal(input == "source" ? $"--source={value}" : "--allow-downgrade", _dotnet.Calls[1][^1]);
    }

    [Theory]
    [InlineData("echo 9.0.305")]
    [InlineData("exit 1")]
    [InlineData("echo 'A compatible .NET SDK was not found.'; exit 145")]
    public async Task Setup_NoSdkOfToday_FailsAndSaysWhatToDo(string script)
    {
        _dotnet.Does(script);

        var run = await RunAsync();

        Assert.Equal("failure", run.Outcome);
        Assert.Contains("::error title=dotnet kubeapp::It needs the .NET SDK 10 or newer. Put actions/setup-dotnet before this step.", run.Log, StringComparison.Ordinal);
        Assert.Single(_dotnet.Calls);
    }

    [Theory]
    [InlineData("1.0 $(touch canary)")]
    [InlineData("../../bin")]
    [InlineData("1.0\nname=value")]
    public async Task Setup_VersionThatIsNone_IsRefused(string version)
    {
        var run = await RunAsync(("version", version));

        Assert.Equal("failure", run.Outcome);
        Assert.Contains("The input 'version' is no version.", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_FolderWithTheRealPackage_InstallsAToolThatAnswers()
    {
        using var runner = new Runner();
        var packages = Path.Combine(runner.Workspace, "my packages");
        await RealTool.PackAsync(packages);

        var run = await runner.RunAsync("actions/setup", new Dictionary<string, string> { ["source"] = "my packages" });

        Assert.True(run.Outcome == "success", run.Log);
        Assert.Equal(Version, run.Outputs["version"]);
        Assert.Equal([$"{runner.Temp}/kubeapp/{Version}"], run.Path);
    }

    private string ToolFolder(string version) => $"{_runner.Temp}/kubeapp/{version}";

    private Task<ActionRun> RunAsync(params (string Name, string Value)[] inputs) =>
        _runner.RunAsync("actions/setup", inputs.ToDictionary(input => input.Name, input => input.Value));

    // What it installs says its version, as the tool does.
    private static string Sdk(string version) => $$"""
        [ "$1" != --version ] || { echo {{version}}; exit; }
        mkdir -p "$5"
        printf '#!/bin/sh\necho 1.2.3+abc' > "$5/dotnet-kubeapp"
        chmod +x "$5/dotnet-kubeapp"
        """;
}
