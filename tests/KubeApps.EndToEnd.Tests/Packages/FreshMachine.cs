namespace KubeApps.EndToEnd.Tests;

/// <summary>
/// A folder of a user who has the .NET SDK and nothing else: an empty home, empty caches, and the feed of our packages as the only one, so that
/// a dependency which is not carried along shows.
/// </summary>
internal sealed class FreshMachine : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kubeapps-fresh-");
    private readonly Dictionary<string, string?> _environment;
    private bool _hasTool;

    /// <param name="packages">Ours.</param>
    /// <param name="variables">What its user has set.</param>
    public FreshMachine(PackedPackages packages, IReadOnlyDictionary<string, string>? variables = null)
    {
        Version = packages.Version;
        var home = _root.CreateSubdirectory("home").FullName;
        _environment = new Dictionary<string, string?>(Program.SandboxIn(Path.Combine(home, "kubeapps")))
        {
            ["HOME"] = home,
            ["USERPROFILE"] = home,
            ["DOTNET_CLI_HOME"] = home,
            ["NUGET_PACKAGES"] = Path.Combine(home, "packages"),
            ["NUGET_HTTP_CACHE_PATH"] = Path.Combine(home, "http-cache"),
            ["KUBECONFIG"] = null,
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            // The home is deleted in the end; no server may hold it.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
            _environment[name] = value;
        Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="only" value="{packages.Feed}" />
              </packageSources>
              <fallbackPackageFolders>
                <clear />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>The version of our packages.</summary>
    public string Version { get; }

    public string PathOf(params string[] parts) => Path.Combine([_root.FullName, "work", .. parts]);

    public string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    public FreshMachine Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), content);
        return this;
    }

    /// <summary>A dotnet command, in the folder of the work or in one below it, which must succeed.</summary>
    public async Task<Outcome> DotNet(string folder, params string[] arguments) =>
        (await Program.RunAsync("dotnet", arguments, PathOf(folder), _environment)).Expect(0);

    /// <summary>Puts the work under version control; the full commit.</summary>
    public async Task<string> Commit()
    {
        Write(".gitignore", "bin/\nobj/\n");
        string[] identity = ["-c", "user.name=Jane", "-c", "user.email=jane@example.com"];
        foreach (var arguments in (string[][])[["init", "--quiet"], ["add", "."], [.. identity, "commit", "--quiet", "--message", "A shop"]])
            (await Program.RunAsync("git", arguments, PathOf(), _environment)).Expect(0);
        return (await Program.RunAsync("git", ["rev-parse", "HEAD"], PathOf(), _environment)).Expect(0).Output.Trim();
    }

    /// <summary>As in the tool's readme, but for this folder only.</summary>
    public async Task<FreshMachine> InstallTool()
    {
        await DotNet("", "new", "tool-manifest");
        await DotNet("", "tool", "install", PackedPackages.Tool, "--version", Version);
        _hasTool = true;
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasTool)
            await DotNet("", "kubeapp", "sandbox", "stop");
        _root.Delete(recursive: true);
    }
}
