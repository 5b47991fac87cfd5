using KubeApps.Deploy.Records;

namespace KubeApps.Deploy.History;

/// <summary>From when to when each deploy served. Pure.</summary>
internal static class Liveness
{
    /// <summary>
    /// The entries, in their order, with the end of each: the next one of its line that succeeded, what its record says, or the app's end. Of a line
    /// whose app stands in the cluster, what runs now is what its inventory says.
    /// </summary>
    /// <param name="entries">All that is known; what is missing between them may let one end too late.</param>
    /// <param name="standing">The revision that stands in the cluster, where a cluster was asked.</param>
    public static IReadOnlyList<HistoryEntry> Of(IReadOnlyList<HistoryEntry> entries, int? standing)
    {
        var ends = new Dictionary<HistoryEntry, DateTimeOffset?>(ReferenceEqualityComparer.Instance);
        var clusters = entries.Where(entry => entry.Revision is not null).Select(entry => entry.Line).ToHashSet();
        foreach (var line in entries.GroupBy(entry => entry.Line))
        {
            DateTimeOffset? next = null;
            foreach (var entry in line.Reverse().OrderBy(ServesAt).Reverse())
            {
                ends[entry] = Earlier(next, entry.Record?.RetiredAt is { } retired && retired >= entry.LiveFrom ? retired : null);
                next = entry.LiveFrom ?? (IsEnd(entry) ? entry.EndedAt ?? entry.StartedAt : next);
            }
        }

        return
        [
            .. entries.Select(entry => entry with
            {
                LiveTo = entry.LiveFrom is null ? null : ends[entry],
                IsCurrent = clusters.Contains(entry.Line) ? entry.Revision is not null && entry.Number == standing : entry.LiveFrom is not null && ends[entry] is null,
            }),
        ];
    }

    /// <summary>Whether an entry says that its app was taken away.</summary>
    public static bool IsEnd(HistoryEntry entry) => entry is { Task: RecordRules.DestroyTask, State: HistoryState.Success };

    private static DateTimeOffset ServesAt(HistoryEntry entry) => entry.LiveFrom ?? entry.StartedAt;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null ? other : other is null || one < other ? one : other;
}
