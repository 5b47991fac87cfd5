using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.History;

/// <summary>What GitHub keeps of deploys, read no further than it is needed: a list has no states, and each of them costs a request.</summary>
internal sealed class GitHubHistory(GitHubClient client)
{
    // GitHub asks for no more than a hundred at once of everybody together.
    private const int AtOnce = 8;

    // Far more than a deployment has that anybody can follow.
    private const int MostStatuses = 100;

    // Who failed so often in a row is not worth a request each.
    private const int MostSuccessors = 40;

    private readonly ConcurrentDictionary<long, RecordedDeployment> _complete = new();

    public GitHubRepository Repository => client.Repository;

    /// <summary>The newest deployments that are meant, with their states, and with as many others as are needed to say until when each was live.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<GitHubPage> ReadAsync(HistoryFilter filter, int limit, CancellationToken cancellationToken)
    {
        List<RecordedDeployment> read = [], shown = [];
        var hasMore = false;
        // The states of all that are shown are needed anyway; where only some are meant, they are asked for as far as it takes.
        await foreach (var chunk in HeadsAsync(filter, cancellationToken).Chunk(filter.State is null ? 1 : AtOnce).WithCancellation(cancellationToken))
        {
            read.AddRange(chunk);
            var meant = chunk.Where(record => filter.MatchesBesidesState(new HistoryEntry(null, record))).ToList();
            if (filter.State is not null)
                meant = [.. (await CompleteAsync(meant, cancellationToken)).Where(record => filter.Matches(new HistoryEntry(null, record)))];
            shown.AddRange(meant);
            hasMore = shown.Count > limit;
            if (hasMore)
                break;
        }

        shown = [.. await CompleteAsync([.. shown.Take(limit)], cancellationToken)];
        return await PageAsync(shown, read, hasMore, cancellationToken);
    }

    /// <summary>All that are meant, without their states.</summary>
    public async Task<IReadOnlyList<RecordedDeployment>> ReadAllAsync(HistoryFilter filter, CancellationToken cancellationToken) =>
        await HeadsAsync(filter, cancellationToken).ToListAsync(cancellationToken);

    /// <summary>The newest that are meant, without their states.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="mostRead">How many are looked at in order to find them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<RecordedDeployment>> ReadHeadsAsync(HistoryFilter filter, int most, int mostRead, CancellationToken cancellationToken) =>
        await HeadsAsync(filter, cancellationToken).Take(mostRead).Where(record => filter.MatchesBesidesState(new HistoryEntry(null, record))).Take(most).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<RecordedDeployment>> CompleteAsync(IReadOnlyList<RecordedDeployment> records, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            records.Where(record => !_complete.ContainsKey(record.Deployment.Id)),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (record, token) => _complete[record.Deployment.Id] =
                record with { Statuses = await client.ListStatusesAsync(record.Deployment.Id, token).Take(MostStatuses).ToListAsync(token) });
        return [.. records.Select(record => _complete[record.Deployment.Id])];
    }

    /// <summary>The newest first, until those come that are older than what is meant.</summary>
    private async IAsyncEnumerable<RecordedDeployment> HeadsAsync(HistoryFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var deployment in client.ListDeploymentsAsync(new GitHubDeploymentFilter(filter.AskedEnvironment), cancellationToken))
        {
            if (deployment.CreatedAt < filter.Since)
                yield break;
            yield return RecordedDeployment.Of(deployment);
        }
    }

    /// <summary>What is shown, with its successors: a success that nothing says the end of ended with the next one of its line, which need not be among them.</summary>
    /// <param name="shown">With their states.</param>
    /// <param name="read">All that were read, the newest first.</param>
    /// <param name="hasMore">Whether older ones are meant, too.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<GitHubPage> PageAsync(IReadOnlyList<RecordedDeployment> shown, IReadOnlyList<RecordedDeployment> read, bool hasMore, CancellationToken cancellationToken)
    {
        var successors = new Dictionary<long, RecordedDeployment>();
        var undecided = new HashSet<long>();
        foreach (var line in shown.Where(record => record is { SucceededAt: not null, RetiredAt: null }).GroupBy(LineOf))
        {
            var newer = read.Where(record => LineOf(record) == line.Key).Reverse().ToList();
            foreach (var record in line)
            {
                var candidates = newer.Where(candidate => candidate.Deployment.Id > record.Deployment.Id).ToList();
                var isFound = false;
                foreach (var candidate in candidates.Take(MostSuccessors).TakeWhile(_ => !isFound))
                {
                    var next = (await CompleteAsync([candidate], cancellationToken))[0];
                    successors[next.Deployment.Id] = next;
                    isFound = next.State == HistoryState.Success;
                }

                if (!isFound && candidates.Count > MostSuccessors)
                    undecided.Add(record.Deployment.Id);
            }
        }

        return new GitHubPage(shown, [.. successors.Values.ExceptBy(shown.Select(record => record.Deployment.Id), record => record.Deployment.Id)], undecided, hasMore);
    }

    private static HistoryLine LineOf(RecordedDeployment record) => new HistoryEntry(null, record).Line;
}

/// <summary>What was read of GitHub's deployments.</summary>
/// <param name="Shown">Those that are meant, the newest first, with their states.</param>
/// <param name="Others">Others that tell how long those were live.</param>
/// <param name="Undecided">Those that succeeded, and of which it is not known whether they still serve: too many followed that did not come up.</param>
/// <param name="HasMore">Whether older ones are meant, too.</param>
internal sealed record GitHubPage(IReadOnlyList<RecordedDeployment> Shown, IReadOnlyList<RecordedDeployment> Others, IReadOnlySet<long> Undecided, bool HasMore)
{
    public static readonly GitHubPage Empty = new([], [], new HashSet<long>(), false);
}
