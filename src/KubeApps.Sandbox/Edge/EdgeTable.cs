using System.Text.Json;
using KubeApps.Sandbox.Hosting;
using KubeApps.Sandbox.Network;

namespace KubeApps.Sandbox.Edge;

/// <summary>The routes that stand, on disk and in life. What was written holds from the next connection on, and after a restart, too.</summary>
internal sealed class EdgeTable : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string App, string Environment), LiveRoute> _live = [];
    private readonly string _file;
    private readonly TimeProvider _clock;

    public EdgeTable(string file, TimeProvider clock)
    {
        (_file, _clock) = (file, clock);
        foreach (var route in EdgeRoutes.Read(file).Routes)
            _live[(route.App, route.Environment)] = Open(route);
    }

    public EdgeRoutes Routes
    {
        get
        {
            lock (_gate)
                return new([.. _live.Values.Select(live => live.Route).OrderBy(route => route.App, StringComparer.Ordinal).ThenBy(route => route.Environment, StringComparer.Ordinal)]);
        }
    }

    /// <summary>All shares of a route hold from now on, or none of them, if it throws.</summary>
    public void Put(string app, string environment, WantedRoute wanted)
    {
        lock (_gate)
        {
            var port = _live.GetValueOrDefault((app, environment))?.Route.Port ?? 0;
            if (_live.TryGetValue((app, environment), out var before) && before.Route.IsHttp != wanted.IsHttp)
            {
                Delete(app, environment);
                before = null;
            }

            var live = before ?? Open(new EdgeRoute(app, environment, port, wanted.IsHttp, []));
            _live[(app, environment)] = live with { Route = live.Route with { Targets = wanted.Targets } };
            try
            {
                Write();
            }
            catch
            {
                if (before is not null)
                    _live[(app, environment)] = before;
                else if (_live.Remove((app, environment)))
                    live.Proxy.Dispose();
                throw;
            }

            live.Shares.Replace(wanted.Targets);
        }
    }

    /// <summary>Nobody listens there any more.</summary>
    public void Delete(string app, string environment)
    {
        lock (_gate)
        {
            if (!_live.Remove((app, environment), out var live))
                return;
            Write();
            live.Proxy.Dispose();
        }
    }

    public EdgeLoad? Measure(string app, string environment, string cluster, TimeSpan window)
    {
        lock (_gate)
            return _live.TryGetValue((app, environment), out var live) ? live.Shares.Measure(cluster, window) : null;
    }

    public void Dispose()
    {
        foreach (var live in _live.Values)
            live.Proxy.Dispose();
    }

    private void Write() => AtomicFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(Routes, EdgeJson.Default.EdgeRoutes));

    private LiveRoute Open(EdgeRoute route)
    {
        var shares = new ClusterShares(_clock);
        shares.Replace(route.Targets);
        var name = $"{route.App} ({route.Environment})";
        var port = new ServicePort(name, route.IsHttp) { Nobody = $"No cluster answers for {name}." };
        var taken = _live.Values.Select(live => live.Route.Port).ToHashSet();
        foreach (var candidate in LoopbackPorts.Candidates($"edge/{route.App}/{route.Environment}", route.Port == 0 ? null : route.Port, taken.Contains))
            if (PortProxy.TryStart(candidate, port, shares) is { } proxy)
                return new LiveRoute(route with { Port = proxy.Port }, shares, proxy);
        throw new InvalidOperationException($"No port of 127.0.0.1 is free for {name}.");
    }

    private sealed record LiveRoute(EdgeRoute Route, ClusterShares Shares, PortProxy Proxy);
}
