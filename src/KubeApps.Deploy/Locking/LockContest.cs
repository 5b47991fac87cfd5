namespace KubeApps.Deploy.Locking;

/// <summary>What one who wants the lock does next.</summary>
internal abstract record LockMove
{
    private LockMove()
    {
    }

    /// <summary>Write the lock: nobody holds it, or who did is dead (<paramref name="Over"/>).</summary>
    internal sealed record Take(LockLease? Over) : LockMove;

    /// <summary>Look again when the lock changes, or after <paramref name="AtMost"/>.</summary>
    internal sealed record Wait(TimeSpan AtMost) : LockMove;

    /// <summary>Another run is alive and holds it.</summary>
    internal sealed record GiveUp(LockLease Lease) : LockMove;
}

/// <summary>
/// A run that wants the lock, and what it has seen of it so far. Pure: times are those that went by on this machine, since clocks of two
/// machines differ. A holder is dead when it gave no sign of life for as long as its lock lasts, counted from when we saw the last sign.
/// </summary>
/// <param name="Patience">How long to wait for a living holder. Null: only until it is known whether it lives.</param>
internal sealed record LockContest(TimeSpan? Patience)
{
    private LockLease? Lease { get; init; }

    /// <summary>When the last sign of life came.</summary>
    private TimeSpan SeenAt { get; init; }

    /// <summary>Whether any holder gave one while we looked.</summary>
    private bool SawLife { get; init; }

    /// <summary>With what stands in the cluster at <paramref name="now"/>, the time since the contest began.</summary>
    public LockContest Saw(LockLease? lease, TimeSpan now) =>
        lease is null || lease == Lease
            ? this with { Lease = lease }
            : this with { Lease = lease, SeenAt = now, SawLife = SawLife || Lease is not null };

    public LockMove Next(TimeSpan now)
    {
        if (Lease is not { } lease)
            return new LockMove.Take(null);
        var expiry = SeenAt + lease.Duration;
        if (now >= expiry)
            return new LockMove.Take(lease);
        if (Patience is { } patience ? now >= patience : SawLife)
            return new LockMove.GiveUp(lease);
        return new LockMove.Wait((Patience is { } limit && limit < expiry ? limit : expiry) - now);
    }
}
