namespace KubeApps.Deploy.History;

/// <summary>What stands in an environment.</summary>
/// <param name="Line">Where, and of which app.</param>
/// <param name="Current">What runs; null where nothing does, as far as is known.</param>
/// <param name="Latest">The last deploy.</param>
internal sealed record EnvironmentSummary(HistoryLine Line, HistoryEntry? Current, HistoryEntry Latest)
{
    /// <summary>How the last deploy ended, or goes: what runs may be of one before it.</summary>
    public HistoryState State => Latest.State;

    // Who failed so often in a row is not worth a request each.
    private const int MostAsked = 40;
    private const int AtOnce = 8;

    /// <summary>
    /// One for each line, those that changed last first. Asked is for the last deploy of each, and on from there until one is found that succeeded.
    /// </summary>
    /// <param name="entries">The newest first.</param>
    /// <param name="standing">The revision that stands in the cluster, where a cluster was asked.</param>
    /// <param name="complete">Entries with their states.</param>
    public static async Task<IReadOnlyList<EnvironmentSummary>> FindAsync(
        IReadOnlyList<HistoryEntry> entries, int? standing, Func<IReadOnlyList<HistoryEntry>, Task<IReadOnlyList<HistoryEntry>>> complete)
    {
        var lines = entries.GroupBy(entry => entry.Line).Select(line => line.ToList()).ToList();
        var last = await complete([.. lines.Select(line => line[0])]);
        var summaries = new List<EnvironmentSummary>();
        foreach (var (line, latest) in lines.Zip(last).Where(item => !Liveness.IsEnd(item.Second)))
        {
            var found = IsDecided(latest, standing) ? latest : null;
            foreach (var part in line.Skip(1).Take(MostAsked).Chunk(AtOnce).TakeWhile(_ => found is null))
                found = (await complete(part)).FirstOrDefault(entry => IsDecided(entry, standing));
            summaries.Add(new EnvironmentSummary(latest.Line, found is not null && Serves(found, standing) ? found with { IsCurrent = true } : null, latest));
        }

        return summaries;
    }

    // Nothing that is older serves.
    private static bool IsDecided(HistoryEntry entry, int? standing) =>
        Serves(entry, standing) || Liveness.IsEnd(entry) || (entry.Revision is null && entry.LiveFrom is not null);

    // In a cluster, what stands is what its inventory says, and it may be a failed one.
    private static bool Serves(HistoryEntry entry, int? standing) => entry.Revision is not null ? entry.Number == standing : entry is { LiveFrom: not null, Record.RetiredAt: null };
}
