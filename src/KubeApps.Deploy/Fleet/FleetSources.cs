using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Fleet;

/// <summary>Clusters of the fleet that nobody named one by one: those that carry our tags.</summary>
internal static class FleetSources
{
    /// <summary>All clusters of a provider, by name. One that is not ready is told as such when its turn comes.</summary>
    public static async Task<IReadOnlyList<FleetCluster>> OfProviderAsync(IClusterProvider provider, CancellationToken cancellationToken) =>
    [
        .. (await provider.ListAsync(null, cancellationToken)).OrderBy(cluster => cluster.Name, StringComparer.Ordinal).Select(cluster => new FleetCluster(
            cluster.Name, (sink, token) => IsReady(cluster) ? provider.ConnectAsync(cluster, sink, token) : throw NotReady(cluster),
            (sink, token) => provider.KubeconfigAsync(cluster, sink, token))),
    ];

    /// <summary>
    /// All clusters of EKS in an account and region, by name. An account or a region that cannot be read is as one cluster that cannot be: the others are
    /// looked at all the same.
    /// </summary>
    public static async Task<IReadOnlyList<FleetCluster>> OfEksAsync(AwsSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var place = $"EKS {(settings.Account is { } account ? $"{account}/" : "")}{settings.Region}{(settings.Profile is { } profile ? $" ({profile})" : "")}";
        try
        {
            using var access = await AwsAccess.OpenAsync(settings, cancellationToken);
            var clusters = await EksClusters.ListAsync(access.Eks, null, cancellationToken);
            return
            [
                .. from cluster in clusters
                   orderby cluster.Name
                   let known = EksClusters.Describe(cluster, EksTags.OwnerOf(cluster.Tags)!)
                   // The way in signs for itself: it needs no client of AWS.
                   select new FleetCluster(
                       cluster.Name, (sink, _) => Task.FromResult(IsReady(known) ? EksConnection.Open(access, cluster, sink, clock) : throw NotReady(known)),
                       (_, _) => Task.FromResult(EksConnection.Kubeconfig(access.Identity, cluster, settings.Profile))),
            ];
        }
        catch (DiagnosticException failure)
        {
            return [Unread(failure)];
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && AwsRefusal.Diagnose(failure, "eks:ListClusters") is { } diagnostic)
        {
            return [Unread(new DiagnosticException(diagnostic, failure))];
        }

        FleetCluster Unread(DiagnosticException failure) => new(place, (_, _) => throw failure, (_, _) => throw failure);
    }

    private static bool IsReady(AppCluster cluster) => cluster.State is ClusterState.Ready or ClusterState.Updating;

    private static DiagnosticException NotReady(AppCluster cluster) => new(DiagnosticDescriptors.ClusterNotReady.Because(
        $"{cluster.Name} of {cluster.Owner.App} ({cluster.Owner.Environment}) is {cluster.State.ToString().ToLowerInvariant()}{(cluster.Problem is { } problem ? $": {problem}" : ".")}"));
}
