using System.Net;
using KubeApps.Sandbox.Network;

namespace KubeApps.Sandbox.Edge;

/// <summary>
/// Gives each cluster its share of an app's new connections, as weighted DNS records do it, but exactly: in any hundred of them each has as many as its
/// share says, evenly mixed. A connection stays with its cluster until one side ends it, also when the shares change. Counts what arrives where.
/// </summary>
internal sealed class ClusterShares(TimeProvider clock) : IBackends
{
    private readonly Lock _gate = new();
    private readonly long _began = clock.GetTimestamp();
    private readonly Dictionary<string, Count> _counts = [];
    private IReadOnlyList<Member> _members = [];

    /// <summary>From now on these, all at once. One that is not named any more gets no further request: what clients have open to it moves.</summary>
    public void Replace(IReadOnlyList<EdgeTarget> targets)
    {
        lock (_gate)
            _members = [.. targets.Where(target => target.Port is not null).Select(target => new Member(new Backend(target.Cluster, new IPEndPoint(IPAddress.Loopback, target.Port!.Value)), target.Share))];
    }

    /// <summary>What arrived at a cluster in the window up to now.</summary>
    public EdgeLoad Measure(string cluster, TimeSpan window)
    {
        lock (_gate)
        {
            var now = clock.GetElapsedTime(_began);
            var looked = TimeSpan.FromTicks(Math.Min(window.Ticks, Math.Min(now.Ticks, LoadCount.Longest.Ticks)));
            if (!_counts.TryGetValue(cluster, out var count))
                return new EdgeLoad((long)looked.TotalMilliseconds, 0, 0, 0);
            var (requests, errors) = count.Ended.Within(looked, now);
            return new EdgeLoad((long)looked.TotalMilliseconds, requests, errors, count.UnderWay);
        }
    }

    /// <summary>Smoothly: whoever is owed most has the turn, and pays all the others for it.</summary>
    public Backend? Next(IReadOnlyCollection<Backend> tried)
    {
        lock (_gate)
        {
            Member? chosen = null;
            var all = 0;
            foreach (var member in _members.Where(member => member.Share > 0 && !tried.Contains(member.Backend)))
            {
                all += member.Share;
                member.Owed += member.Share;
                if (chosen is null || member.Owed > chosen.Owed)
                    chosen = member;
            }

            if (chosen is not null)
                chosen.Owed -= all;
            return chosen?.Backend;
        }
    }

    public bool TryBegin(Backend backend)
    {
        lock (_gate)
        {
            if (_members.All(member => member.Backend != backend))
                return false;
            Of(backend).UnderWay++;
            return true;
        }
    }

    public void End(Backend backend, RequestEnd how)
    {
        lock (_gate)
        {
            Of(backend).UnderWay--;
            if (how != RequestEnd.Withdrawn)
                Add(backend, how == RequestEnd.Failed);
        }
    }

    public void Refused(Backend backend)
    {
        lock (_gate)
            Add(backend, failed: true);
    }

    public void Opened(Backend backend)
    {
        lock (_gate)
        {
            Of(backend).UnderWay++;
            Add(backend, failed: false);
        }
    }

    public void Closed(Backend backend)
    {
        lock (_gate)
            Of(backend).UnderWay--;
    }

    private void Add(Backend backend, bool failed) => Of(backend).Ended.Add(clock.GetElapsedTime(_began), failed);

    private Count Of(Backend backend) => _counts.TryGetValue(backend.Pod, out var count) ? count : _counts[backend.Pod] = new Count();

    private sealed class Member(Backend backend, int share)
    {
        public Backend Backend => backend;

        public int Share => share;

        public int Owed { get; set; }
    }

    private sealed class Count
    {
        public LoadCount Ended { get; } = new();

        public long UnderWay { get; set; }
    }
}
