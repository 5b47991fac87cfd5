using System.Globalization;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Git;

/// <summary>Which commits contain another: by the clone of the working directory where it has them, else by GitHub.</summary>
/// <param name="Folder">The working directory.</param>
/// <param name="Sha">What was asked for: a hash, or the beginning of one.</param>
/// <param name="Full">All of it, where the clone has it.</param>
/// <param name="CommittedAt">When it was made, where the clone has it.</param>
/// <param name="IsShallow">Whether the clone ends somewhere: what it does not find may still be so.</param>
internal sealed record CommitSearch(string Folder, string Sha, string? Full, DateTimeOffset? CommittedAt, bool IsShallow)
{
    // What fits on a command line, everywhere.
    private const int MostArguments = 400;

    public static async Task<CommitSearch> OpenAsync(string folder, string sha, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await GitCommand.RunAsync(folder, cancellationToken, "log", "-1", "--no-show-signature", "--format=%H %ct", "--end-of-options", $"{sha}^{{commit}}");
            if (!answer.Succeeded || answer.Line.Split(' ') is not [var full, var seconds])
                return new CommitSearch(folder, sha, null, null, false);
            var shallow = await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--is-shallow-repository");
            return new CommitSearch(folder, sha, full, DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture)), shallow.Line != "false");
        }
        catch (DiagnosticException)
        {
            // No git on this machine.
            return new CommitSearch(folder, sha, null, null, false);
        }
    }

    /// <param name="gitHub">Asked about what the clone does not know; null: nobody is.</param>
    /// <param name="tell">Told where not all could be compared.</param>
    public CommitQuery Query(GitHubClient? gitHub, Action<Diagnostic> tell) =>
        new(Full ?? Sha, CommittedAt, (candidates, cancellationToken) => FindAsync(candidates, gitHub, tell, cancellationToken));

    private async Task<IReadOnlySet<string>> FindAsync(IReadOnlyList<string> candidates, GitHubClient? gitHub, Action<Diagnostic> tell, CancellationToken cancellationToken)
    {
        var found = candidates.Where(candidate => candidate.StartsWith(Full ?? Sha, StringComparison.OrdinalIgnoreCase)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // What is no hash never gets to git or GitHub.
        var open = candidates.Where(candidate => !found.Contains(candidate) && IsHash(candidate)).ToList();
        if (Full is not null)
        {
            var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var part in open.Chunk(MostArguments))
            {
                known.UnionWith(await ListAsync(["--no-walk", .. part], cancellationToken));
                found.UnionWith((await ListAsync(["--ancestry-path", $"^{Full}", .. part], cancellationToken)).Intersect(part, StringComparer.OrdinalIgnoreCase));
            }

            open = [.. open.Where(candidate => !found.Contains(candidate) && (IsShallow || !known.Contains(candidate)))];
        }

        if (gitHub is not null)
        {
            var (contained, assumed) = await new CommitComparisons((candidate, token) => gitHub.IsContainedAsync(Full ?? Sha, candidate, token)).FindAsync(open, cancellationToken);
            found.UnionWith(contained);
            if (assumed > 0)
                tell(DiagnosticDescriptors.CommitsNotCompared.Because(
                    $"Of {candidates.Count} deployed commits {assumed} were not compared with {Events.Printable.Commit(Full ?? Sha)}: they are too many to ask for, and taken to be as those around them."));
        }
        else if (open.Count > 0)
        {
            tell(DiagnosticDescriptors.CommitsNotCompared.Because(
                $"Whether {open.Count} of {candidates.Count} deployed commits contain {Events.Printable.Commit(Full ?? Sha)} is not known: the clone of the working directory does not have them."));
        }

        return found;
    }

    private async Task<IReadOnlyList<string>> ListAsync(string[] arguments, CancellationToken cancellationToken) =>
        (await GitCommand.RunAsync(Folder, cancellationToken, ["rev-list", "--ignore-missing", .. arguments])).Output;

    public static bool IsHash(string text) => text.Length is >= 4 and <= 64 && text.All(char.IsAsciiHexDigit);
}
