using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>What a cluster keeps of an app.</summary>
/// <param name="Inventory">What stands.</param>
/// <param name="Target">The cluster, for people.</param>
/// <param name="Revisions">The oldest first.</param>
internal sealed record ClusterHistory(Inventory Inventory, string Target, IReadOnlyList<Revision> Revisions);

/// <summary>A commit that is looked for, and which deployed ones contain it.</summary>
/// <param name="CommittedAt">When it was made, where that is known: it was not live before.</param>
/// <param name="FindContainingAsync">Of commits that were deployed, line by line and the newest deploy first, those that contain it.</param>
internal sealed record CommitQuery(DateTimeOffset? CommittedAt, Func<IReadOnlyList<IReadOnlyList<string>>, CancellationToken, Task<IReadOnlySet<string>>> FindContainingAsync);

/// <summary>What was asked for.</summary>
/// <param name="Filter">Which deploys.</param>
/// <param name="Limit">How many at most; null for all that a cluster keeps.</param>
/// <param name="Commit">The commit that they must contain.</param>
internal sealed record HistoryQuery(HistoryFilter Filter, int? Limit = null, CommitQuery? Commit = null);

/// <summary>The history of an app, of a cluster's app or a repository's deployments.</summary>
/// <param name="Entries">The newest first.</param>
/// <param name="HasMore">Whether there are older ones.</param>
/// <param name="Live">Of a commit that was looked for: when it was live, the newest time first. Null where none was looked for.</param>
internal sealed record DeployHistory(IReadOnlyList<HistoryEntry> Entries, bool HasMore, IReadOnlyList<LiveSpan>? Live = null);

/// <summary>Reads one history from a cluster, from GitHub, or from both.</summary>
internal sealed class HistoryReader(ClusterHistory? cluster, GitHubHistory? gitHub)
{
    /// <summary>How many are asked of GitHub, where nobody says it.</summary>
    public const int DefaultLimit = 30;

    // An environment in which nothing was deployed among so many is not one that lives; nor an app, among so many of all apps.
    private const int MostHeads = 500;
    private const int MostHeadsRead = 5000;

    // The states of so many are asked for where only some are meant.
    private const int AtOnce = 8;

    // Clocks of people who commit are not those of servers; a page more costs one request.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(7);

    public async Task<DeployHistory> ReadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var limit = query.Limit ?? (gitHub is null ? int.MaxValue : DefaultLimit);
        return query.Commit is { } commit
            ? await FindAsync(commit, query.Filter, limit, cancellationToken)
            : await ListAsync(query.Filter, limit, cancellationToken);
    }

    /// <summary>What stands in each environment, by its last deploys.</summary>
    public async Task<IReadOnlyList<EnvironmentSummary>> SummarizeAsync(HistoryFilter filter, CancellationToken cancellationToken)
    {
        var heads = gitHub is null ? [] : await gitHub.ReadHeadsAsync(filter, MostHeads, filter.App is null ? MostHeads : MostHeadsRead, cancellationToken);
        return await EnvironmentSummary.FindAsync(
            [.. Join(heads).Where(filter.MatchesBesidesState)], cluster?.Inventory.Revision, entries => CompleteAsync(entries, cancellationToken));
    }

    private async Task<DeployHistory> ListAsync(HistoryFilter filter, int limit, CancellationToken cancellationToken)
    {
        var page = gitHub is null ? GitHubPage.Empty : await gitHub.ReadAsync(filter, limit, cancellationToken);
        var all = Live(page);
        // What GitHub was not asked for is not known to be meant.
        var shown = page.Shown.Select(record => record.Deployment.Id).ToHashSet();
        var meant = all.Where(entry => entry.Revision is null ? shown.Contains(entry.Record!.Deployment.Id) : filter.Matches(entry)).ToList();
        return new DeployHistory([.. meant.Take(limit)], page.HasMore || meant.Count > limit);
    }

    private async Task<DeployHistory> FindAsync(CommitQuery commit, HistoryFilter filter, int limit, CancellationToken cancellationToken)
    {
        // Who deployed it, and how that ended, does not decide when it was live.
        var wide = filter with { Actor = null, State = null, Since = commit.CommittedAt - ClockSkew };
        var records = gitHub is null ? [] : await gitHub.ReadAllAsync(wide, cancellationToken);
        var entries = Join(records).Where(wide.MatchesBesidesState).ToList();
        var containing = await commit.FindContainingAsync(
            [.. entries.GroupBy(entry => entry.Line).Select(line => line.Select(entry => entry.Commit).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).ToList())], cancellationToken);
        bool Contains(HistoryEntry entry) => entry.Commit is { } sha && containing.Contains(sha);
        var live = await CommitLife.FindAsync(entries, Contains, async entry => (await CompleteAsync([entry], cancellationToken))[0]);

        var meant = new List<HistoryEntry>();
        foreach (var part in entries.Where(Contains).Where(filter.MatchesBesidesState).Chunk(AtOnce).TakeWhile(_ => meant.Count <= limit))
            meant.AddRange(filter.State is null ? part : (await CompleteAsync(part, cancellationToken)).Where(filter.Matches));
        var shown = await CompleteAsync([.. meant.Take(limit)], cancellationToken);
        // What runs is decided by all of a line, whoever deployed it.
        var page = gitHub is null ? GitHubPage.Empty : await gitHub.PageAsync([.. shown.Select(entry => entry.Record).OfType<RecordedDeployment>()], records, false, cancellationToken);
        var wanted = shown.Select(KeyOf).ToHashSet();
        return new DeployHistory([.. Live(page).Where(entry => wanted.Contains(KeyOf(entry)))], meant.Count > limit, live);
    }

    // With all of the cluster's revisions, which cost nothing.
    private IEnumerable<HistoryEntry> Live(GitHubPage page) => Liveness.Of(Join([.. page.Shown, .. page.Others]), cluster?.Inventory.Revision)
        .Select(entry => entry.Revision is null && page.Undecided.Contains(entry.Record!.Deployment.Id) ? entry with { IsCurrent = false } : entry);

    private static (int?, long?) KeyOf(HistoryEntry entry) => (entry.Revision?.Number, entry.Deployment);

    private IReadOnlyList<HistoryEntry> Join(IReadOnlyList<RecordedDeployment> records) =>
    [
        .. HistoryJoin.Of(cluster?.Revisions ?? [], records).Select(entry => entry.Revision is { } revision && cluster!.Inventory is { IsComplete: true } stands && stands.Revision == revision.Number
            ? entry with { StandsSince = stands.DeployedAt }
            : entry),
    ];

    private async Task<IReadOnlyList<HistoryEntry>> CompleteAsync(IReadOnlyList<HistoryEntry> entries, CancellationToken cancellationToken)
    {
        var records = entries.Select(entry => entry.Record).OfType<RecordedDeployment>().ToList();
        if (gitHub is null || records.Count == 0)
            return entries;
        var complete = (await gitHub.CompleteAsync(records, cancellationToken)).ToDictionary(record => record.Deployment.Id);
        return [.. entries.Select(entry => entry.Record is null ? entry : entry with { Record = complete[entry.Record.Deployment.Id] })];
    }
}
