using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Fleet;

/// <summary>Clusters of the fleet that come from providers, whatever stands in them: none was entered to find them.</summary>
/// <param name="Clusters">Those that are meant, in the order of the fleet, each once; and places that could not be read.</param>
internal sealed record FleetClusters(IReadOnlyList<FleetCluster> Clusters) : IDisposable
{
    /// <summary>Those whose owners are meant. What is being deleted is nobody's any more.</summary>
    public static FleetClusters Of(IReadOnlyList<FleetCluster> clusters, FleetSelector selector) => new(
    [
        .. clusters.Where(cluster => cluster.Home is not { Cluster: var its } || (its.State != ClusterState.Deleting && selector.Matches(cluster, its.Owner.App, its.Owner.Environment, null)))
            .DistinctBy(cluster => cluster.Home?.Cluster.Identity ?? (object)cluster),
    ]);

    /// <summary>Of nothing, all is well: that must not pass for an answer.</summary>
    /// <exception cref="DiagnosticException">No cluster is meant, though all places could be read.</exception>
    public void RequireClusters()
    {
        if (Clusters.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.FleetNotChosen.Because("No cluster there is one that is meant."));
    }

    public void Dispose() => FleetHome.Release(Clusters);
}
