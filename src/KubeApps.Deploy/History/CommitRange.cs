using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.History;

/// <summary>A commit for people.</summary>
/// <param name="Sha">All of it.</param>
/// <param name="Subject">The first line of its message.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Date">When it was committed, where that is known.</param>
internal sealed record RangeCommit(string Sha, string Subject, string Author, DateTimeOffset? Date)
{
    public static RangeCommit Of(GitHubCommit commit) =>
        new(commit.Sha, (commit.Commit?.Message ?? "").Split('\n', 2)[0].TrimEnd('\r'), commit.Commit?.Author?.Name ?? "", commit.Commit?.Committer?.Date);
}

/// <summary>What lies between two commits, the newest first, as far as a person reads.</summary>
/// <param name="Added">Those that the second has alone.</param>
/// <param name="Removed">Those that the first has alone: by going back, they are gone.</param>
/// <param name="AddedCount">How many there are.</param>
/// <param name="RemovedCount">How many there are.</param>
internal sealed record CommitRange(IReadOnlyList<RangeCommit> Added, IReadOnlyList<RangeCommit> Removed, int AddedCount, int RemovedCount)
{
    /// <summary>How many are shown of each.</summary>
    public const int Most = 50;

    public static readonly CommitRange Empty = new([], [], 0, 0);

    /// <summary>By GitHub; one more request where the first commit has some that the second has not.</summary>
    public static async Task<CommitRange> OfAsync(GitHubClient gitHub, string from, string to, CancellationToken cancellationToken)
    {
        var forward = await gitHub.CompareAsync(from, to, cancellationToken);
        var backward = forward.BehindBy > 0 ? await gitHub.CompareAsync(to, from, cancellationToken) : null;
        return new CommitRange(Newest(forward), backward is null ? [] : Newest(backward), forward.AheadBy, forward.BehindBy);
    }

    // GitHub has the oldest first.
    private static IReadOnlyList<RangeCommit> Newest(GitHubComparison comparison) => [.. comparison.Commits.Reverse().Take(Most).Select(RangeCommit.Of)];
}
