using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>What doctor finds, on machines and projects where something is not as it should be; and that every finding says what to do.</summary>
public sealed class DoctorTests(ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _variables = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Doctor_OfAProjectWithAll_IsHealthy()
    {
        _folder.Write("Web.csproj", """<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><PackageReference Include="KubeApps.MSBuild" Version="1.0.0" /></ItemGroup></Project>""");
        _folder.Write("KubeApp.cs", "");
        _variables["KUBECONFIG"] = _folder.Write("config", "");

        var (exit, document) = await RunAsync();

        Assert.Equal((0, true), (exit, (bool?)document["healthy"]));
        Assert.Equal(("ok", "ok"), (Finding(document, ".NET SDK").Verdict, Finding(document, "data folder").Verdict));
        Assert.Equal(("ok", Path.Combine(_folder.Path, "Web.csproj"), null), Finding(document, "project"));
        Assert.Equal(("ok", "KubeApp.cs", null), Finding(document, "specification"));
        Assert.Equal(("ok", "is not running; the next local deploy starts it", null), Finding(document, "sandbox"));
        Assert.Equal(("ok", Path.Combine(_folder.Path, "config"), null), Finding(document, "kubeconfig"));
    }

    [Fact]
    public async Task Doctor_WithoutPrograms_SaysWhatToInstall()
    {
        _variables["PATH"] = _folder.Path;

        var (exit, document) = await RunAsync();

        Assert.Equal((1, false), (exit, (bool?)document["healthy"]));
        Assert.Equal(("problem", "'dotnet' is not in PATH, or does not answer.", "Install the .NET SDK 10 from https://dot.net."), Finding(document, ".NET SDK"));
        Assert.Equal("Install git, or set the property KubeAppCommit.", Finding(document, "git").Fix);
        Assert.Equal("Install one of them if a specification names a Dockerfile.", Finding(document, "Dockerfiles").Fix);
    }

    [Fact]
    public async Task Doctor_OfAnOldSdk_AsksForANewOne()
    {
        var program = _folder.Write("dotnet", "#!/bin/sh\necho 8.0.414\n");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The old SDK is played by a shell script.");
            return;
        }

        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _variables["PATH"] = $"{_folder.Path}:/usr/bin:/bin";

        var (exit, document) = await RunAsync();

        Assert.Equal(1, exit);
        Assert.Equal(("problem", "The SDK in use is 8.0.414.", "Install the .NET SDK 10 or later, or raise the version in global.json."), Finding(document, ".NET SDK"));
    }

    [Fact]
    public async Task Doctor_OfAFolderThatCannotBeUsedAndASandboxThatIsNotThere_SaysHowToCorrectBoth()
    {
        _variables["KUBEAPPS_HOME"] = _folder.Write("file", "");
        _variables["KUBEAPPS_SANDBOX_PATH"] = _folder.Path;

        var (exit, document) = await RunAsync();

        Assert.Equal(1, exit);
        Assert.Equal(("problem", "Correct its rights, or move it with KUBEAPPS_HOME."), (Finding(document, "data folder").Verdict, Finding(document, "data folder").Fix));
        Assert.Equal(
            ("problem", $"Its files are missing in {_folder.Path}.", "Install the tool again, or name the folder with KUBEAPPS_SANDBOX_PATH."), Finding(document, "sandbox"));
    }

    [Fact]
    public async Task Doctor_WithoutProjectAndKubeconfig_NotesItAndIsHealthy()
    {
        _variables["HOME"] = _folder.Path;

        var (exit, document) = await RunAsync();

        Assert.Equal(0, exit);
        Assert.Equal("note", Finding(document, "project").Verdict);
        Assert.Equal(("note", "There is none; the sandbox needs none.", "Log in to a cluster to deploy there (--context NAME)."), Finding(document, "kubeconfig"));
    }

    [Fact]
    public async Task Doctor_OfAProjectWithoutPackageAndSpecification_NamesInit()
    {
        _folder.Write("Web.csproj", """<Project Sdk="Microsoft.NET.Sdk.Web" />""");

        var (_, document) = await RunAsync();

        Assert.StartsWith("dotnet kubeapp init", Finding(document, "project").Fix, StringComparison.Ordinal);
        Assert.Equal("dotnet kubeapp init writes one.", Finding(document, "specification").Fix);
    }

    [Fact]
    public async Task Doctor_OfAPortThatIsTaken_SaysHowToChooseAnother()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        _variables["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = $"{port}";

        var (exit, document) = await RunAsync();

        Assert.Equal(1, exit);
        Assert.Equal(
            ("problem", $"It cannot start: another program listens on port {port}.", "End that program, or set KUBEAPPS_SANDBOX_REGISTRY_PORT to another port (0: any that is free)."),
            Finding(document, "sandbox"));
    }

    [Fact]
    public async Task Doctor_OfAKubeconfigThatCannotBeRead_SaysWhichAndWhy()
    {
        _variables["KUBECONFIG"] = _folder.Write("config", "contexts: [");

        var (exit, document) = await RunAsync();

        Assert.Equal(1, exit);
        Assert.StartsWith($"{_folder.Path}", Finding(document, "kubeconfig").Message, StringComparison.Ordinal);
    }

    private async Task<(int Exit, JsonObject Document)> RunAsync()
    {
        var (exit, output, _) = await tool.RunAsync(_variables, "doctor", "--project", _folder.Path, "-o", "json");
        var document = DocumentReference.Verify(output, "DoctorReport");
        // Each finding comes with its fix.
        Assert.All(document["findings"]!.AsArray(), finding => Assert.Equal((string?)finding!["verdict"] == "ok", finding["fix"] is null));
        return (exit, document);
    }

    private static (string? Verdict, string? Message, string? Fix) Finding(JsonObject document, string check)
    {
        var finding = Assert.Single(document["findings"]!.AsArray(), finding => (string?)finding!["check"] == check)!;
        return ((string?)finding["verdict"], (string?)finding["message"], (string?)finding["fix"]);
    }
}
