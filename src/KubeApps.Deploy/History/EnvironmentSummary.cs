namespace KubeApps.Deploy.History;

/// <summary>What stands in an environment.</summary>
/// <param name="Line">Where, and of which app.</param>
/// <param name="Current">What runs; null where nothing does, as far as is known.</param>
/// <param name="Latest">The last deploy.</param>
internal sealed record EnvironmentSummary(HistoryLine Line, HistoryEntry? Current, HistoryEntry Latest)
{
    /// <summary>How the last deploy ended, or goes: what runs may be of one before it.</summary>
    public HistoryState State => Latest.State;

    /// <summary>
    /// One for each line, those that changed last first. Asked is for the last deploy of each, and on from there until one is found that succeeded.
    /// </summary>
    /// <param name="entries">The newest first.</param>
    /// <param name="standing">The revision that stands in the cluster, where a cluster was asked.</param>
    /// <param name="complete">An entry with its states.</param>
    public static async Task<IReadOnlyList<EnvironmentSummary>> FindAsync(
        IReadOnlyList<HistoryEntry> entries, int? standing, Func<HistoryEntry, Task<HistoryEntry>> complete)
    {
        var summaries = new List<EnvironmentSummary>();
        foreach (var line in entries.GroupBy(entry => entry.Line))
        {
            HistoryEntry? latest = null, current = null;
            var isOver = false;
            foreach (var candidate in line)
            {
                var entry = await complete(candidate);
                latest ??= entry;
                isOver = Liveness.IsEnd(entry);
                // In a cluster, what stands is what its inventory says, and it may be a failed one.
                current = entry.Revision is not null ? (entry.Number == standing ? entry : null) : entry is { LiveFrom: not null, Record.RetiredAt: null } ? entry : null;
                if (isOver || current is not null || (entry.Revision is null && entry.LiveFrom is not null))
                    break;
            }

            if (!isOver)
                summaries.Add(new EnvironmentSummary(line.Key, current is null ? null : current with { IsCurrent = true }, latest!));
        }

        return summaries;
    }
}
