using System.Collections.Concurrent;

namespace KubeApps.Cli.Git;

/// <summary>Which of many deployed commits contain another, with few questions: deploys mostly go forward, so what contains it is mostly what is newer.</summary>
/// <param name="contains">Asks.</param>
internal sealed class CommitComparisons(Func<string, CancellationToken, Task<bool>> contains)
{
    /// <summary>So many are all compared.</summary>
    public const int Most = 60;

    // Of more, the newest of each line: what is live now is to be certain; and those around the place where it changes.
    private const int Newest = 30;
    private const int Around = 6;
    private const int AtOnce = 6;

    // A repository may have hundreds of previews, each with a commit of its own.
    private const int MostAsked = 300;

    private readonly ConcurrentDictionary<string, bool> _answers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that contain it, and how many were not compared, but taken to be as those around them; in lines that nobody got to, not to contain it.</summary>
    /// <param name="lines">What follows one another in one place, the newest first; one commit may be in several. Those that changed last come first.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<(IReadOnlySet<string> Found, int Assumed)> FindAsync(IReadOnlyList<IReadOnlyList<string>> lines, CancellationToken cancellationToken)
    {
        var all = lines.SelectMany(line => line).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var assumed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (all.Count <= Most)
            await AskAsync(all, 0, all.Count - 1, cancellationToken);
        else
            foreach (var line in lines.TakeWhile(_ => _answers.Count < MostAsked))
                assumed.UnionWith(line.Take(await EndAsync(line, cancellationToken)));
        return (
            all.Where(commit => _answers.TryGetValue(commit, out var answer) ? answer : assumed.Contains(commit)).ToHashSet(StringComparer.OrdinalIgnoreCase),
            all.Count - _answers.Count);
    }

    // The first of a line from which on, going back, none contains it.
    private async Task<int> EndAsync(IReadOnlyList<string> line, CancellationToken cancellationToken)
    {
        var last = line.Count - 1;
        await AskAsync(line, 0, Math.Min(Newest - 1, last), cancellationToken);
        if (last < Newest)
            return 0;
        await AskAsync(line, last, last, cancellationToken);
        return (_answers[line[Newest - 1]], _answers[line[last]]) switch
        {
            (true, true) => line.Count,
            (true, false) => await BisectAsync(line, cancellationToken),
            _ => 0,
        };
    }

    private async Task<int> BisectAsync(IReadOnlyList<string> line, CancellationToken cancellationToken)
    {
        var (inside, outside) = (Newest - 1, line.Count - 1);
        while (outside - inside > 1)
        {
            var middle = (inside + outside) / 2;
            await AskAsync(line, middle, middle, cancellationToken);
            (inside, outside) = _answers[line[middle]] ? (middle, outside) : (inside, middle);
        }

        await AskAsync(line, Math.Max(0, inside - Around), Math.Min(line.Count - 1, outside + Around), cancellationToken);
        return outside;
    }

    private async Task AskAsync(IReadOnlyList<string> commits, int from, int to, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        commits.Skip(from).Take(to - from + 1).Where(commit => !_answers.ContainsKey(commit)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (commit, token) => _answers[commit] = await contains(commit, token));
}
