using KubeApps.Deploy.Records;

namespace KubeApps.Deploy.History;

/// <summary>A time in which a commit was live somewhere.</summary>
/// <param name="Line">Where.</param>
/// <param name="From">When it went live.</param>
/// <param name="To">When it ceased to be; null while it is.</param>
/// <param name="First">The deploy that brought it.</param>
/// <param name="Last">The deploy that took it away; null while it is live, and where none did.</param>
internal sealed record LiveSpan(HistoryLine Line, DateTimeOffset From, DateTimeOffset? To, HistoryEntry First, HistoryEntry? Last);

/// <summary>When a commit was live.</summary>
internal static class CommitLife
{
    /// <summary>
    /// The times in which a commit was live, the newest first. Most deploys of a line change nothing of that (all that follow contain it): only where
    /// the answer would change is asked how a deploy ended. So ten thousand of them cost a handful of requests.
    /// </summary>
    /// <param name="entries">All deploys, of any lines, in any order.</param>
    /// <param name="contains">Whether a deploy's commit contains it.</param>
    /// <param name="complete">The same entry with its states.</param>
    public static async Task<IReadOnlyList<LiveSpan>> FindAsync(
        IEnumerable<HistoryEntry> entries, Func<HistoryEntry, bool> contains, Func<HistoryEntry, Task<HistoryEntry>> complete)
    {
        var spans = new List<LiveSpan>();
        foreach (var line in entries.GroupBy(entry => entry.Line))
        {
            var ordered = line.OrderBy(entry => entry.StartedAt).ThenBy(entry => entry.Number).ToList();
            (HistoryEntry Entry, int Index)? live = null;
            foreach (var (index, candidate) in ordered.Index())
            {
                var brings = candidate.Task != RecordRules.DestroyTask && contains(candidate);
                if (brings == live is not null)
                    continue;
                var entry = await complete(candidate);
                if (brings && entry.LiveFrom is not null)
                {
                    live = (entry, index);
                }
                else if (!brings && (entry.LiveFrom ?? (Liveness.IsEnd(entry) ? entry.EndedAt ?? entry.StartedAt : null)) is { } end)
                {
                    spans.Add(new LiveSpan(line.Key, live!.Value.Entry.LiveFrom!.Value, end, live.Value.Entry, entry));
                    live = null;
                }
            }

            if (live is { } open)
                spans.Add(new LiveSpan(line.Key, open.Entry.LiveFrom!.Value, await RetiredAsync(ordered, open.Index, contains, complete), open.Entry, null));
        }

        return [.. spans.OrderByDescending(span => span.From)];
    }

    // What serves last may have been taken away with no deploy in its place.
    private static async Task<DateTimeOffset?> RetiredAsync(
        List<HistoryEntry> ordered, int first, Func<HistoryEntry, bool> contains, Func<HistoryEntry, Task<HistoryEntry>> complete)
    {
        for (var index = ordered.Count - 1; index >= first; index--)
            if (contains(ordered[index]) && await complete(ordered[index]) is { LiveFrom: not null } last)
                return last.Record?.RetiredAt is { } retired && retired >= last.LiveFrom && last.Revision is null ? retired : null;
        return null;
    }
}
