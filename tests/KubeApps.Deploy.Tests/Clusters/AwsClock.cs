namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Who waits for AWS has waited at once, and it is later by that; time limits are not waited for.</summary>
internal sealed class AwsClock : TimeProvider
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private TimeSpan _ahead;

    /// <summary>It is later by so much.</summary>
    public void Pass(TimeSpan time)
    {
        lock (_lock)
            _ahead += time;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return base.GetUtcNow() + _ahead;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime > Longest)
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        lock (_lock)
            _ahead += dueTime;
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
