using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>Makes one history of what a cluster and GitHub keep. Pure.</summary>
internal static class HistoryJoin
{
    /// <summary>Every revision and every record once, the newest first: a record belongs to the revision whose object it names as its rollout.</summary>
    /// <param name="revisions">What the cluster keeps of an app.</param>
    /// <param name="records">What GitHub keeps.</param>
    public static IReadOnlyList<HistoryEntry> Of(IReadOnlyList<Revision> revisions, IReadOnlyList<RecordedDeployment> records)
    {
        var byRollout = records.Where(record => record.Payload?.Rollout is not null && record.Deployment.Task != RecordRules.DestroyTask).ToLookup(record => record.Payload!.Rollout!);
        var entries = revisions.Select(revision => new HistoryEntry(revision, RecordOf(revision, byRollout))).ToList();
        var joined = entries.Select(entry => entry.Record).OfType<RecordedDeployment>().ToHashSet(ReferenceEqualityComparer.Instance);
        // Old revisions may know nothing of their cluster.
        var cluster = entries.Select(entry => entry.Line.Cluster).FirstOrDefault(uid => uid is not null);
        return
        [
            .. entries.Select(entry => entry with { Cluster = cluster })
                .Concat(records.Where(record => !joined.Contains(record)).Select(record => new HistoryEntry(null, record)))
                .OrderByDescending(entry => entry.StartedAt).ThenByDescending(entry => entry.Number).ThenByDescending(entry => entry.Deployment),
        ];
    }
    // One that a lost answer made twice stays in the list by itself.
    private static RecordedDeployment? RecordOf(Revision revision, ILookup<string, RecordedDeployment> byRollout) => revision.Rollout is not { } rollout ? null
        : byRollout[rollout].FirstOrDefault(record => record.Deployment.Id == revision.Record?.Id) ?? byRollout[rollout].MaxBy(record => record.Deployment.Id);
}
