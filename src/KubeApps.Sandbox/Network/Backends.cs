using System.Collections.Immutable;
using System.Net;

namespace KubeApps.Sandbox.Network;

/// <summary>A pod's port, as a service sends traffic to it. <paramref name="Pod"/> is the pod's namespace and name.</summary>
internal sealed record Backend(string Pod, IPEndPoint Address);

/// <summary>Where the traffic of a service port may go now, and where requests are under way. Used by many connections at once.</summary>
internal sealed class Backends(TimeProvider clock) : IBackends
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Backend, int> _underWay = [];
    private ImmutableArray<Backend> _ready = [];
    private ImmutableArray<Backend> _all = [];
    private uint _turn;

    /// <summary>Those that are ready get the traffic; if there are none, those that still serve while they go away (as kube-proxy does).</summary>
    public void Replace(ImmutableArray<Backend> ready, ImmutableArray<Backend> leaving)
    {
        lock (_gate)
            (_ready, _all) = (ready, ready.Length > 0 ? ready : leaving);
    }

    /// <summary>The next in turn that was not tried yet; null if there is none.</summary>
    public Backend? Next(IReadOnlyCollection<Backend> tried)
    {
        lock (_gate)
        {
            _turn++;
            for (var i = 0u; i < _all.Length; i++)
                if (_all[(int)((_turn + i) % (uint)_all.Length)] is var backend && !tried.Contains(backend))
                    return backend;
            return null;
        }
    }

    /// <summary>Announces a request; false if the backend does not get any more.</summary>
    public bool TryBegin(Backend backend)
    {
        lock (_gate)
        {
            if (!_all.Contains(backend))
                return false;
            _underWay[backend] = _underWay.GetValueOrDefault(backend) + 1;
            return true;
        }
    }

    public void Refused(Backend backend)
    {
    }

    public void Opened(Backend backend)
    {
        // As in Kubernetes, nobody waits for its end.
    }

    public void Closed(Backend backend)
    {
    }

    public void End(Backend backend, RequestEnd how)
    {
        lock (_gate)
        {
            if (--_underWay[backend] == 0)
                _underWay.Remove(backend);
        }
    }

    /// <summary>
    /// Waits until a pod gets no requests any more (but as the last one) and has answered those that it got, or until the limit is over. From
    /// then on it can be stopped: those that take longer have reached it, and it answers them before it ends.
    /// </summary>
    public async Task DrainAsync(string pod, TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = clock.GetUtcNow() + limit;
        while (IsUsed(pod) && clock.GetUtcNow() < end)
            await Task.Delay(LookAgain, clock, cancellationToken);
    }

    private bool IsUsed(string pod)
    {
        lock (_gate)
            return _ready.Any(backend => backend.Pod == pod) || _underWay.Keys.Any(backend => backend.Pod == pod);
    }
}
