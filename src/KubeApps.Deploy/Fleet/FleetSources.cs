using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Fleet;

/// <summary>Clusters of the fleet that nobody named one by one: those of a provider.</summary>
internal static class FleetSources
{
    /// <summary>
    /// All clusters of a provider, by name. One that is not ready is told as such when its turn comes. An account or a region that cannot be read is as one
    /// cluster that cannot be: the others are looked at all the same.
    /// </summary>
    public static async Task<IReadOnlyList<FleetCluster>> OfProviderAsync(IClusterProvider provider, CancellationToken cancellationToken)
    {
        try
        {
            var clusters = await provider.ListAsync(null, cancellationToken);
            // Of none nobody would let go of it.
            if (clusters.Count == 0)
                provider.Dispose();
            return [.. clusters.OrderBy(cluster => cluster.Name, StringComparer.Ordinal).Select(cluster => Of(new FleetHome(provider, cluster)))];
        }
        catch (DiagnosticException failure)
        {
            provider.Dispose();
            return [new FleetCluster(provider.Description, (_, _) => throw failure, (_, _) => throw failure) { Unreadable = failure }];
        }
    }

    private static FleetCluster Of(FleetHome home)
    {
        var arn = EksArn.Of(home.Cluster.Identity);
        return new FleetCluster(
            home.Cluster.Name, (sink, token) => home.Provider.ConnectAsync(home.RequireReady(), sink, token), (sink, token) => home.Provider.KubeconfigAsync(home.Cluster, sink, token))
        {
            Account = arn?.Account,
            Region = arn?.Region,
            Home = home,
        };
    }
}
