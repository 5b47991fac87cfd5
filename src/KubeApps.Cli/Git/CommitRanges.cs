using System.Globalization;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Git;

/// <summary>What lies between two commits: by the clone of the working directory where it has both, else by GitHub.</summary>
internal static class CommitRanges
{
    // What no message holds.
    private const char Separator = '\u001f';

    /// <summary>Null where neither knows it; why is told.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">The other.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="openGitHub">Opens GitHub, where that is possible.</param>
    /// <param name="tell">Told why it is not known.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<CommitRange?> FindAsync(
        string? from, string? to, string folder, Func<Task<GitHubClient?>> openGitHub, Action<Diagnostic> tell, CancellationToken cancellationToken)
    {
        if (from is null || to is null || !CommitSearch.IsHash(from) || !CommitSearch.IsHash(to))
            return null;
        if (from == to)
            return CommitRange.Empty;
        if (await OfCloneAsync(folder, from, to, cancellationToken) is { } local)
            return local;
        using var gitHub = await openGitHub();
        if (gitHub is null)
        {
            tell(DiagnosticDescriptors.CommitsNotCompared.Because("The clone of the working directory does not have both commits, and no repository on GitHub and token are known: the commits between are not listed."));
            return null;
        }

        try
        {
            return await CommitRange.OfAsync(gitHub, from, to, cancellationToken);
        }
        catch (GitHubException failure)
        {
            tell(DiagnosticDescriptors.CommitsNotCompared.Because($"The commits between are not listed: {failure.Reason}"));
            return null;
        }
    }

    private static async Task<CommitRange?> OfCloneAsync(string folder, string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            // Where the clone ends, it would call commits missing that are not.
            if (await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--is-shallow-repository") is not { Succeeded: true, Line: "false" })
                return null;
            var count = await GitCommand.RunAsync(folder, cancellationToken, "rev-list", "--left-right", "--count", "--end-of-options", $"{from}...{to}");
            if (!count.Succeeded || count.Line.Split('\t') is not [var removed, var added])
                return null;
            return new CommitRange(
                await ListAsync(folder, $"{from}..{to}", cancellationToken), await ListAsync(folder, $"{to}..{from}", cancellationToken),
                int.Parse(added, CultureInfo.InvariantCulture), int.Parse(removed, CultureInfo.InvariantCulture));
        }
        catch (DiagnosticException)
        {
            // No git on this machine.
            return null;
        }
    }

    /// <summary>A time as git writes it in seconds; null for what is none: whoever commits writes what they like.</summary>
    internal static DateTimeOffset? Time(string seconds) =>
        long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(number)
            : null;

    private static async Task<IReadOnlyList<RangeCommit>> ListAsync(string folder, string range, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(
            folder, cancellationToken, "log", $"--max-count={CommitRange.Most}", "--no-show-signature", $"--format=%H%x1f%ct%x1f%an%x1f%s", "--end-of-options", range);
        return
        [
            .. answer.Output.Select(line => line.Split(Separator, 4)).Where(parts => parts.Length == 4)
                .Select(parts => new RangeCommit(parts[0], parts[3], parts[2], Time(parts[1]))),
        ];
    }
}
