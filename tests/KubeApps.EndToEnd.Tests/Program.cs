using System.Diagnostics;
using System.Text;

namespace KubeApps.EndToEnd.Tests;

/// <summary>A program as a user starts it, with what it prints.</summary>
internal static class Program
{
    // What 'dotnet test' and continuous integration set for their own processes must not reach what is tested.
    private static readonly string[] NotPassedOn =
        ["MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "CI", "GITHUB_ACTIONS"];

    /// <summary>Environment variables for a sandbox with its state in this folder, on free ports.</summary>
    public static IReadOnlyDictionary<string, string?> SandboxIn(string home) => new Dictionary<string, string?>
    {
        ["KUBEAPPS_HOME"] = home,
        ["KUBEAPPS_SANDBOX_API_PORT"] = "0",
        ["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = "0",
    };

    public static async Task<Outcome> RunAsync(
        string program, string[] arguments, string folder, IReadOnlyDictionary<string, string?>? environment = null, int minutes = 5)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in NotPassedOn)
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var all = new StringBuilder();
        var standardOutput = new StringBuilder();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        try
        {
            // Reading to the end proves that nothing which stays behind (the sandbox) holds the output open.
            await Task.WhenAll(
                Collect(process.StandardOutput, [all, standardOutput], limit.Token), Collect(process.StandardError, [all], limit.Token));
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end. It printed:\n{all}");
        }

        return new Outcome(process.ExitCode, standardOutput.ToString(), all.ToString());
    }

    private static async Task Collect(StreamReader reader, StringBuilder[] targets, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            foreach (var target in targets)
                lock (target)
                    target.AppendLine(line);
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
