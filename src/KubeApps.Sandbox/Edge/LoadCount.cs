namespace KubeApps.Sandbox.Edge;

/// <summary>How many requests ended, second by second, for the last hour. Not for several threads at once.</summary>
internal sealed class LoadCount
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly (long Second, long Requests, long Errors)[] _seconds = new (long, long, long)[(int)Longest.TotalSeconds];

    /// <param name="at">The time since the count began.</param>
    /// <param name="failed">Whether it failed.</param>
    public void Add(TimeSpan at, bool failed)
    {
        ref var slot = ref _seconds[(long)at.TotalSeconds % _seconds.Length];
        if (slot.Second != (long)at.TotalSeconds)
            slot = ((long)at.TotalSeconds, 0, 0);
        slot.Requests++;
        if (failed)
            slot.Errors++;
    }

    /// <summary>What ended in the window up to now; the second in which it begins counts whole.</summary>
    public (long Requests, long Errors) Within(TimeSpan window, TimeSpan now)
    {
        var first = (long)Math.Max(0, Math.Floor((now - window).TotalSeconds));
        var (requests, errors) = (0L, 0L);
        foreach (var slot in _seconds)
            if (slot.Second >= first)
                (requests, errors) = (requests + slot.Requests, errors + slot.Errors);
        return (requests, errors);
    }
}
