using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Git;

/// <summary>Which commits contain another: by the clone of the working directory where it has them, else by GitHub.</summary>
internal sealed class CommitSearch
{
    // What fits on a command line, everywhere.
    private const int MostArguments = 400;
    private const int FullLength = 40;

    private readonly string _folder;
    private readonly string _sha;
    private readonly TimeProvider _clock;

    private string? _full;
    private DateTimeOffset? _committedAt;
    private bool _isInClone;

    // Where the clone ends somewhere, what it does not find may still be so.
    private bool _isShallow;

    private CommitSearch(string folder, string sha, TimeProvider clock) => (_folder, _sha, _clock) = (folder, sha, clock);

    /// <summary>The commit: all of its hash, where anybody knows it.</summary>
    public string Sha => _full ?? _sha;

    /// <param name="folder">The working directory.</param>
    /// <param name="sha">What was asked for: a hash, or the beginning of one.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public static async Task<CommitSearch> OpenAsync(string folder, string sha, TimeProvider clock, CancellationToken cancellationToken)
    {
        var search = new CommitSearch(folder, sha, clock);
        try
        {
            var answer = await GitCommand.RunAsync(folder, cancellationToken, "log", "-1", "--no-show-signature", "--format=%H %ct", "--end-of-options", $"{sha}^{{commit}}");
            // A branch may be called as a hash begins, and git would take it.
            if (answer.Succeeded && answer.Line.Split(' ') is [var full, var seconds] && search.Take(full, CommitRanges.Time(seconds)))
            {
                search._isInClone = true;
                search._isShallow = (await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--is-shallow-repository")).Line != "false";
            }
        }
        catch (DiagnosticException)
        {
            // No git on this machine.
        }

        return search;
    }

    /// <param name="gitHub">Asked about what the clone does not know; null: nobody is.</param>
    /// <param name="tell">Told where not all could be compared, and where nobody knows the commit.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<CommitQuery> QueryAsync(GitHubClient? gitHub, Action<Diagnostic> tell, CancellationToken cancellationToken)
    {
        // The clone may be of another repository: what a shortened hash means is said by the one that was asked.
        if (gitHub is not null && (_full is null || _sha.Length < FullLength) && await LookUpAsync(gitHub, cancellationToken) is { } commit
            && commit.Sha != _full && Take(commit.Sha, commit.Commit?.Committer?.Date))
            _isInClone = false;
        return new CommitQuery(_committedAt, (lines, token) => FindAsync(lines, gitHub, tell, token));
    }

    private async Task<GitHubCommit?> LookUpAsync(GitHubClient gitHub, CancellationToken cancellationToken)
    {
        try
        {
            return await gitHub.FindCommitAsync(_sha, cancellationToken);
        }
        catch (GitHubException failure) when (failure.Kind == GitHubFailure.Forbidden && _isInClone)
        {
            // Not every token that may see deployments may see commits.
            return null;
        }
    }

    // A date after now says nothing.
    private bool Take(string full, DateTimeOffset? committedAt)
    {
        if (!full.StartsWith(_sha, StringComparison.OrdinalIgnoreCase))
            return false;
        (_full, _committedAt) = (full, committedAt < _clock.GetUtcNow() ? committedAt : null);
        return true;
    }

    private async Task<IReadOnlySet<string>> FindAsync(
        IReadOnlyList<IReadOnlyList<string>> lines, GitHubClient? gitHub, Action<Diagnostic> tell, CancellationToken cancellationToken)
    {
        // What is no hash never gets to git or GitHub.
        var candidates = lines.SelectMany(line => line).Where(IsHash).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var found = Deployed(candidates, gitHub, tell);
        if (_full is null)
            return found;
        var open = await AskCloneAsync([.. candidates.Where(candidate => !found.Contains(candidate))], found, cancellationToken);
        if (gitHub is not null)
        {
            var (contained, assumed) = await new CommitComparisons((candidate, token) => gitHub.IsContainedAsync(_full, candidate, token))
                .FindAsync([.. lines.Select(line => line.Where(open.Contains).ToList()).Where(line => line.Count > 0)], cancellationToken);
            found.UnionWith(contained);
            if (assumed > 0)
                tell(DiagnosticDescriptors.CommitsNotCompared.Because(
                    $"Of {candidates.Count} deployed commits {assumed} were not compared with {Printable.Commit(_full)}: they are too many to ask for, and taken to be as those around them, or not to contain it where nothing around them was."));
        }
        else if (open.Count > 0)
        {
            tell(DiagnosticDescriptors.CommitsNotCompared.Because(
                $"Whether {open.Count} of {candidates.Count} deployed commits contain {Printable.Commit(_full)} is not known: the clone of the working directory does not have them."));
        }

        return found;
    }

    // The commit itself, where it was deployed. It may be that nobody has it any more but those who deployed it.
    private HashSet<string> Deployed(IReadOnlyList<string> candidates, GitHubClient? gitHub, Action<Diagnostic> tell)
    {
        var found = candidates.Where(candidate => candidate.StartsWith(Sha, StringComparison.OrdinalIgnoreCase)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (found.Count > 1)
            throw new DiagnosticException(DiagnosticDescriptors.CommitAmbiguous.Because($"{_sha} is the beginning of {string.Join(" and of ", found.Take(3).Select(Printable.Commit))}, which were deployed."));
        if (_full is null && found.Count == 0)
            tell(DiagnosticDescriptors.CommitNotKnown.Because($"Neither the clone of the working directory nor {(gitHub is null ? "what was deployed" : gitHub.Repository.FullName)} has a commit {_sha}."));
        if (_full is null && found.Count == 1 && found.Single() is { Length: >= FullLength } only)
            _full = only;
        return found;
    }

    // What stays open.
    private async Task<IReadOnlySet<string>> AskCloneAsync(IReadOnlyList<string> candidates, HashSet<string> found, CancellationToken cancellationToken)
    {
        var open = candidates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var part in _isInClone ? candidates.Chunk(MostArguments) : [])
        {
            if (await ListAsync(["--no-walk", .. part], cancellationToken) is not { } known || await ListAsync(["--ancestry-path", $"^{_full}", .. part], cancellationToken) is not { } containing)
                continue;
            var contained = containing.Intersect(part, StringComparer.OrdinalIgnoreCase).ToList();
            found.UnionWith(contained);
            open.ExceptWith(_isShallow ? contained : known);
        }

        return open;
    }

    // Null where git cannot say it.
    private async Task<IReadOnlyList<string>?> ListAsync(string[] arguments, CancellationToken cancellationToken) =>
        await GitCommand.RunAsync(_folder, cancellationToken, ["rev-list", "--ignore-missing", .. arguments]) is { Succeeded: true } answer ? answer.Output : null;

    public static bool IsHash(string text) => text.Length is >= 4 and <= 64 && text.All(char.IsAsciiHexDigit);
}
