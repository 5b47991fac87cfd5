using System.Diagnostics;
using System.Text;

namespace KubeApps.EndToEnd.Tests;

/// <summary>
/// A copy of the samples beside the sources, and a sandbox of its own: what a user has after cloning, without touching the user's.
/// </summary>
public sealed class Workplace : IAsyncLifetime
{
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>Where the sandbox of these tests keeps its state.</summary>
    public string KubeAppsHome { get; } = Path.Combine(Path.GetTempPath(), $"kubeapps-e2e-{Guid.NewGuid():n}");

    public string Sample(string name) => Path.Combine(RepositoryRoot, "samples", name);

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(KubeAppsHome);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Tool("sandbox", "stop");
        Directory.Delete(KubeAppsHome, recursive: true);
    }

    public Task<Outcome> DotNet(params string[] arguments) => Run("dotnet", arguments);

    /// <summary>Runs the tool that the samples' build made: <c>dotnet kubeapp …</c>.</summary>
    public Task<Outcome> Tool(params string[] arguments) =>
        Run("dotnet", [Path.Combine(RepositoryRoot, "artifacts", "bin", "KubeApps.Cli", "release", "dotnet-kubeapp.dll"), .. arguments]);

    public async Task<Outcome> Run(string program, string[] arguments, string? workingDirectory = null, (string Name, string? Value)[]? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = workingDirectory ?? RepositoryRoot,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["KUBEAPPS_HOME"] = KubeAppsHome;
        start.Environment["KUBEAPPS_SANDBOX_API_PORT"] = "0";
        start.Environment["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = "0";
        // What `dotnet test` sets for its own processes must not reach the builds under test.
        foreach (var name in new[] { "MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly", "CI", "GITHUB_ACTIONS" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var standardOutput = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            // Reading to the end proves that nothing which stays behind (the sandbox) holds the output open.
            await Task.WhenAll(
                Collect(process.StandardOutput, [output, standardOutput], limit.Token), Collect(process.StandardError, [output], limit.Token));
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end. It printed:\n{output}");
        }

        return new Outcome(process.ExitCode, standardOutput.ToString(), output.ToString());
    }

    private static async Task Collect(StreamReader reader, StringBuilder[] targets, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            foreach (var target in targets)
                lock (target)
                    target.AppendLine(line);
    }

    private static string FindRepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "KubeApps.Tooling.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}

/// <summary>How a command ended: its exit code, what it printed on standard output, and all that it printed as it came.</summary>
public sealed record Outcome(int ExitCode, string Output, string All)
{
    /// <summary>Fails with all that was printed unless the exit code is <paramref name="exitCode"/>.</summary>
    public Outcome Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode} instead of {exitCode}:\n{All}");
        return this;
    }
}
