namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>Whoever waits has waited at once, and the time is later by that.</summary>
internal sealed class HurriedClock : TimeProvider
{
    private readonly Lock _lock = new();
    private TimeSpan _ahead;

    /// <summary>How long was waited.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return base.GetUtcNow() + _ahead;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
            return base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            Waits.Add(dueTime);
            _ahead += dueTime;
        }

        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
