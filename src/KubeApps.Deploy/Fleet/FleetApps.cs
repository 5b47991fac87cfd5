using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Fleet;

/// <summary>An app that stands somewhere in the fleet.</summary>
internal sealed record FleetApp(FleetCluster Cluster, ClusterConnection Connection, Inventory Inventory)
{
    /// <summary>For people: <c>prod-eu shop (prod)</c>.</summary>
    public string Title => Printable.Of($"{Cluster.Title} {Inventory.App} ({Inventory.Environment})");
}

/// <summary>What was found in a cluster.</summary>
/// <param name="Connection">The way there, still open.</param>
/// <param name="Apps">All that stand in it.</param>
internal sealed record FleetSite(ClusterConnection Connection, IReadOnlyList<Inventory> Apps);

/// <summary>The apps that were found in all clusters that could be read. Their connections stay open: an app is worked on by the login that found it.</summary>
/// <param name="Clusters">What became of looking into each cluster.</param>
/// <param name="Apps">Those that are meant, in the order of the clusters, each once: several contexts may lead to one cluster.</param>
internal sealed record FleetApps(IReadOnlyList<FleetResult<FleetCluster, FleetSite>> Clusters, IReadOnlyList<FleetApp> Apps) : IDisposable
{
    // More names than these nobody reads.
    private const int Named = 10;

    /// <param name="clusters">Where to look.</param>
    /// <param name="ns">The only namespace to look in; null looks in all.</param>
    /// <param name="selector">Which apps are meant.</param>
    /// <param name="runner">In which order, how many at once and how long.</param>
    /// <param name="sink">Told of what logging in says.</param>
    /// <param name="cancellationToken">Ends it; what was found by then is there.</param>
    public static async Task<FleetApps> FindAsync(
        IReadOnlyList<FleetCluster> clusters, string? ns, FleetSelector selector, FleetRunner runner, IEventSink sink, CancellationToken cancellationToken)
    {
        var sites = await runner.RunAsync(clusters, (cluster, token) => LookAsync(cluster, ns, sink, token), null, cancellationToken);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var apps = from site in sites
                   let there = site.Value
                   where there is not null
                   from inventory in there.Apps
                   where selector.Matches(site.Item, inventory.App, inventory.Environment, inventory.Namespace) && (inventory.Uid is null || known.Add(inventory.Uid))
                   select new FleetApp(site.Item, there.Connection, inventory);
        return new FleetApps(sites, [.. apps]);
    }

    /// <summary>How many clusters could not be read.</summary>
    public int Unread => Clusters.Count(cluster => cluster.Outcome != FleetOutcome.Done);

    /// <summary>Whether every cluster could be read.</summary>
    public bool IsComplete => Unread == 0;

    /// <summary>Of nothing, all is well: that must not pass for an answer.</summary>
    /// <param name="which">What else it must be, in words: <c>and has a workload web</c>.</param>
    /// <exception cref="DiagnosticException">All clusters could be read, and no app that is meant stands in any.</exception>
    public void RequireApps(string? which = null)
    {
        if (IsComplete && Apps.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.AppNotFound.Because($"No app that is meant{(which is null ? "" : $" {which}")} stands in {Where}."));
    }

    private string Where => Clusters.Count > Named ? $"any of the {Clusters.Count} clusters" : string.Join(", ", Clusters.Select(cluster => Printable.Of(cluster.Item.Title)));

    public void Dispose()
    {
        foreach (var cluster in Clusters)
            cluster.Value?.Connection.Dispose();
        FleetHome.Release(Clusters.Select(cluster => cluster.Item));
    }

    private static async Task<FleetSite> LookAsync(FleetCluster cluster, string? ns, IEventSink sink, CancellationToken cancellationToken)
    {
        var connection = await cluster.ConnectAsync(sink, cancellationToken);
        try
        {
            return new FleetSite(connection, await new AppLocator(connection.Client).ListAsync(null, ns, cancellationToken));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
