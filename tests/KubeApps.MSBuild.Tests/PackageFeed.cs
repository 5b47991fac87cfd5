using KubeApps.MSBuild.Tests;
using KubeApps.Processes;

[assembly: AssemblyFixture(typeof(PackageFeed))]
// Each test runs builds of its own; more of them at once only makes each slower.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace KubeApps.MSBuild.Tests;

/// <summary>
/// The packages as a user gets them: packed once a run, under a version of its own, into a local feed. Throw-away projects restore them into a
/// package folder of their own; what others publish comes from the machine's package cache.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("kubeapps-build-").FullName;
    private int _projects;

    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}";

    public string Feed => Path.Combine(_root, "feed");

    public string Packages => Path.Combine(_root, "packages");

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    /// <summary>A folder for one test's projects, with spaces or Unicode in its name where the test asks for it.</summary>
    public ThrowAway NewFolder(string? name = null)
    {
        var folder = Path.Combine(_root, "work", Interlocked.Increment(ref _projects).ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new ThrowAway(Path.Combine(folder, name ?? "repo"), this);
    }

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        var result = await RunDotnetAsync(
            RepositoryRoot,
            [
                "pack", "build/Packages.proj", "--no-build", "-c", Configuration, "-o", Feed, $"-p:PackageVersion={Version}", "-v", "quiet",
                "-nodeReuse:false",
            ],
            TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Text);
    }

    public ValueTask DisposeAsync()
    {
        if (Environment.GetEnvironmentVariable("KUBEAPPS_KEEP_TEST_FILES") is null)
            Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>What every build of a test gets.</summary>
    internal static IReadOnlyDictionary<string, string?> BuildVariables { get; } = new Dictionary<string, string?>
    {
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        // What the test runner sets for itself must not reach the builds that it starts.
        ["MSBUILD_EXE_PATH"] = null,
        ["MSBuildSDKsPath"] = null,
        ["MSBuildExtensionsPath"] = null,
    };

    internal static async Task<BuildResult> RunDotnetAsync(
        string folder, string[] arguments, CancellationToken cancellationToken, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var lines = new List<string>();
        var variables = new Dictionary<string, string?>(BuildVariables);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            variables[name] = value;

        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var process = new ChildProcess(host, arguments, folder) { Environment = variables, Limit = TimeSpan.FromMinutes(5) };
        var exitCode = await process.RunAsync((line, _) => lines.Add(line), cancellationToken);
        return new BuildResult(exitCode, lines);
    }

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KubeApps.Tooling.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository's artifacts folder.");
    }
}

/// <summary>What a dotnet command said.</summary>
internal sealed record BuildResult(int ExitCode, IReadOnlyList<string> Lines)
{
    public string Text => string.Join('\n', Lines);

    /// <summary>The one line that is an error with this code (MSBuild repeats errors in its summary).</summary>
    public string Error(string code) => Assert.Single(Lines.Select(line => line.Trim()).Where(line => line.Contains($"error {code}:", StringComparison.Ordinal)).Distinct());

    /// <summary>The one error that there is, of any code.</summary>
    public string OnlyError(string code)
    {
        var error = Assert.Single(Errors);
        Assert.Contains($"error {code}:", error, StringComparison.Ordinal);
        return error;
    }

    /// <summary>All errors, each once.</summary>
    public IReadOnlyList<string> Errors =>
        [.. Lines.Select(line => line.Trim()).Where(line => line.Contains("error ", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal)).Distinct()];

    public BuildResult Succeeded()
    {
        Assert.True(ExitCode == 0, Text);
        Assert.DoesNotContain(Lines, line => line.Contains("warning ", StringComparison.Ordinal));
        return this;
    }

    public BuildResult Failed()
    {
        Assert.True(ExitCode != 0, Text);
        Assert.DoesNotContain("MSB4018", Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        return this;
    }
}
