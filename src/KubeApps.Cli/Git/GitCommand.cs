using System.ComponentModel;
using KubeApps.Diagnostics;
using KubeApps.Processes;

namespace KubeApps.Cli.Git;

/// <summary>git as a child process: it never asks, says things in English, and what surrounds this process (a hook, say) does not confuse it.</summary>
internal static class GitCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, string?> Variables = new()
    {
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_OPTIONAL_LOCKS"] = "0",
        ["LC_ALL"] = "C",
        ["GIT_DIR"] = null,
        ["GIT_WORK_TREE"] = null,
        ["GIT_INDEX_FILE"] = null,
    };

    public static async Task<GitAnswer> RunAsync(string folder, CancellationToken cancellationToken, params string[] arguments)
    {
        List<string> output = [], error = [];
        try
        {
            var git = new ChildProcess("git", arguments, folder) { Environment = Variables, Limit = Limit, Grace = Grace };
            var exit = await git.RunAsync((line, isError) => (isError ? error : output).Add(line), cancellationToken);
            return new GitAnswer(exit, output, error);
        }
        catch (Win32Exception failure)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.ToolMissing.Because($"'git' cannot be started: {failure.Message}", nextStep: "Install git and make sure that it stands in PATH."), failure);
        }
        catch (TimeoutException failure)
        {
            return new GitAnswer(-1, output, [failure.Message]);
        }
    }
}

/// <summary>What git said.</summary>
internal sealed record GitAnswer(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The one line that was asked for.</summary>
    public string Line => Output.Count > 0 ? Output[0].Trim() : "";

    /// <summary>Why it failed, in git's own words.</summary>
    public string Reason =>
        Error.Select(WithoutMark).OfType<string>().FirstOrDefault() ?? Error.LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? $"git ended with {ExitCode}";

    private static string? WithoutMark(string line) =>
        line.StartsWith("fatal: ", StringComparison.Ordinal) || line.StartsWith("error: ", StringComparison.Ordinal) ? line["fatal: ".Length..].Trim().TrimEnd('.') : null;
}
