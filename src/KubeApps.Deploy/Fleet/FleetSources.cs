using KubeApps.Deploy.Api;
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
    /// <param name="provider">Whose clusters.</param>
    /// <param name="timeout">How long it may take to list them; null: as long as it takes.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<IReadOnlyList<FleetCluster>> OfProviderAsync(IClusterProvider provider, TimeSpan? timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new LimitedToken(timeout ?? Timeout.InfiniteTimeSpan, clock, cancellationToken);
        try
        {
            var clusters = await provider.ListAsync(null, limit.Token);
            // Of none nobody would let go of it.
            if (clusters.Count == 0)
                provider.Dispose();
            return [.. clusters.OrderBy(cluster => cluster.Name, StringComparer.Ordinal).Select(cluster => Of(new FleetHome(provider, cluster) { Siblings = [.. clusters.Where(other => other.Owner == cluster.Owner)] }))];
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            return Unreadable(new DiagnosticException(DiagnosticDescriptors.FleetTimedOut.Because($"{provider.Description} did not list its clusters within {timeout!.Value.TotalSeconds:0.###} seconds.")));
        }
        catch (DiagnosticException failure)
        {
            return Unreadable(failure);
        }

        IReadOnlyList<FleetCluster> Unreadable(DiagnosticException why)
        {
            provider.Dispose();
            return [new FleetCluster(provider.Description, (_, _) => throw why, (_, _) => throw why) { Unreadable = why }];
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
