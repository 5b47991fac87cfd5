using System.Collections.Concurrent;

namespace KubeApps.Cli.Git;

/// <summary>Which of many deployed commits contain another, with few questions: deploys mostly go forward, so what contains it is mostly what is newer.</summary>
/// <param name="contains">Asks.</param>
internal sealed class CommitComparisons(Func<string, CancellationToken, Task<bool>> contains)
{
    /// <summary>So many are all compared.</summary>
    public const int Most = 60;

    // Of more, the newest: what is live now is to be certain; and those around the place where it changes.
    private const int Newest = 30;
    private const int Around = 6;
    private const int AtOnce = 6;

    private readonly ConcurrentDictionary<int, bool> _answers = new();

    /// <summary>Those that contain it, and how many were not compared, but taken to be as those around them.</summary>
    /// <param name="commits">The newest first.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<(IReadOnlyList<string> Found, int Assumed)> FindAsync(IReadOnlyList<string> commits, CancellationToken cancellationToken)
    {
        var last = commits.Count - 1;
        if (commits.Count <= Most)
        {
            await AskAsync(commits, 0, last, cancellationToken);
            return (Found(commits, commits.Count), 0);
        }

        await AskAsync(commits, 0, Newest - 1, cancellationToken);
        await AskAsync(commits, last, last, cancellationToken);
        // The first from which on, going back, none contains it.
        var end = (_answers[Newest - 1], _answers[last]) switch
        {
            (true, true) => commits.Count,
            (true, false) => await BisectAsync(commits, cancellationToken),
            _ => Newest,
        };
        return (Found(commits, end), commits.Count - _answers.Count);
    }

    private async Task<int> BisectAsync(IReadOnlyList<string> commits, CancellationToken cancellationToken)
    {
        var (inside, outside) = (Newest - 1, commits.Count - 1);
        while (outside - inside > 1)
        {
            var middle = (inside + outside) / 2;
            await AskAsync(commits, middle, middle, cancellationToken);
            (inside, outside) = _answers[middle] ? (middle, outside) : (inside, middle);
        }

        await AskAsync(commits, Math.Max(0, inside - Around), Math.Min(commits.Count - 1, outside + Around), cancellationToken);
        return outside;
    }

    private IReadOnlyList<string> Found(IReadOnlyList<string> commits, int end) =>
        [.. commits.Where((_, index) => _answers.TryGetValue(index, out var answer) ? answer : index < end)];

    private async Task AskAsync(IReadOnlyList<string> commits, int from, int to, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        Enumerable.Range(from, to - from + 1).Where(index => !_answers.ContainsKey(index)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (index, token) => _answers[index] = await contains(commits[index], token));
}
