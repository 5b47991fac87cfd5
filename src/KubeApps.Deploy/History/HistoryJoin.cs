using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>Makes one history of what a cluster and GitHub keep. Pure.</summary>
internal static class HistoryJoin
{
    /// <summary>Every revision and every record once, the newest first: a record belongs to the revision whose object it names as its rollout.</summary>
    /// <param name="revisions">What the cluster keeps of an app.</param>
    /// <param name="records">What GitHub keeps.</param>
    /// <param name="cluster">The cluster's identity, where it is known.</param>
    public static IReadOnlyList<HistoryEntry> Of(IReadOnlyList<Revision> revisions, IReadOnlyList<RecordedDeployment> records, string? cluster)
    {
        // One that a lost answer made twice stays in the list by itself.
        var byRollout = records.Where(record => record.Payload?.Rollout is not null && record.Deployment.Task != HistoryEntry.DestroyTask)
            .GroupBy(record => record.Payload!.Rollout!).ToDictionary(group => group.Key, group => group.MaxBy(record => record.Deployment.Id)!);
        var entries = revisions
            .Select(revision => new HistoryEntry(revision, revision.Uid is { } uid ? byRollout.GetValueOrDefault(uid) : null))
            .ToList();
        var joined = entries.Select(entry => entry.Record).OfType<RecordedDeployment>().ToHashSet(ReferenceEqualityComparer.Instance);
        cluster ??= entries.Select(entry => entry.Record?.Payload?.ClusterUid).FirstOrDefault(uid => uid is not null);
        return
        [
            .. entries.Select(entry => entry with { Cluster = cluster })
                .Concat(records.Where(record => !joined.Contains(record)).Select(record => new HistoryEntry(null, record)))
                .OrderByDescending(entry => entry.StartedAt).ThenByDescending(entry => entry.Number).ThenByDescending(entry => entry.Deployment),
        ];
    }
}
