using System.Threading.Channels;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Keys to look at: each at most once in the queue, and again if it changes while it is being looked at.</summary>
internal sealed class WorkQueue(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Channel<ObjectKey> _ready = Channel.CreateUnbounded<ObjectKey>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<ObjectKey> _waiting = [];
    private readonly Dictionary<ObjectKey, (DateTimeOffset Due, ITimer Timer)> _later = [];
    private readonly Dictionary<ObjectKey, int> _failures = [];
    private bool _disposed;

    public void Add(ObjectKey key)
    {
        lock (_gate)
        {
            if (_waiting.Add(key))
                _ready.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds it when the delay is over; of several delays the shortest counts.</summary>
    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        var due = clock.GetUtcNow() + delay;
        lock (_gate)
        {
            if (_disposed)
                return;
            if (_later.TryGetValue(key, out var planned))
            {
                if (planned.Due <= due)
                    return;
                planned.Timer.Dispose();
            }

            _later[key] = (due, clock.CreateTimer(_ => Fire(key, due), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Adds it with a delay that doubles with each failure in a row.</summary>
    public void Retry(ObjectKey key)
    {
        int failures;
        lock (_gate)
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        AddAfter(key, TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 16))));
    }

    public void Succeeded(ObjectKey key)
    {
        lock (_gate)
            _failures.Remove(key);
    }

    public async ValueTask<ObjectKey> TakeAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_gate)
            _waiting.Remove(key);
        return key;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var (_, timer) in _later.Values)
                timer.Dispose();
            _later.Clear();
        }
    }

    private void Fire(ObjectKey key, DateTimeOffset due)
    {
        lock (_gate)
        {
            if (_later.TryGetValue(key, out var planned) && planned.Due == due)
            {
                planned.Timer.Dispose();
                _later.Remove(key);
            }
        }

        Add(key);
    }
}
