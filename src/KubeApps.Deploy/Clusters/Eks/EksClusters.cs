using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Clusters of EKS that are ours, found by their tags: what their names say is for people.</summary>
internal static class EksClusters
{
    // AWS throttles those who ask for more at a time.
    private const int AskedAtOnce = 8;

    /// <summary>The clusters of an owner in the account and region, or all of ours.</summary>
    public static async Task<IReadOnlyList<Cluster>> ListAsync(AmazonEKSClient eks, ClusterOwner? owner, CancellationToken cancellationToken)
    {
        var names = await AwsPages.AllAsync<ListClustersResponse, string>(
            token => eks.ListClustersAsync(new ListClustersRequest { NextToken = token }, cancellationToken), page => (page.Clusters, page.NextToken));
        var found = new Cluster?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, names.Count, options, async (index, token) => found[index] = await FindAsync(eks, names[index], token));
        return [.. found.OfType<Cluster>().Where(cluster => EksTags.OwnerOf(cluster.Tags) is { } its && (owner is null || its == owner))];
    }

    /// <summary>A cluster by its name, whosever it is; null where there is none.</summary>
    public static async Task<Cluster?> FindAsync(AmazonEKSClient eks, string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await eks.DescribeClusterAsync(new DescribeClusterRequest(name), cancellationToken)).Cluster;
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return null;
        }
    }

    /// <summary>The one that an owner's app is on. Pure.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="place">For people: where was looked.</param>
    /// <param name="clusters">The owner's clusters.</param>
    /// <exception cref="DiagnosticException">There is none, it is not ready, or there are several.</exception>
    public static Cluster Choose(ClusterOwner owner, string place, IReadOnlyList<Cluster> clusters)
    {
        var (app, names) = ($"{owner.App} ({owner.Environment})", string.Join(", ", clusters.Select(cluster => cluster.Name).Order(StringComparer.Ordinal)));
        return clusters.Where(cluster => cluster.Status is ClusterStatus.Active or ClusterStatus.Updating && cluster.Endpoint is not null).ToList() switch
        {
            [var only] => only,
            [] when clusters.Count == 0 => throw new DiagnosticException(DiagnosticDescriptors.ClusterMissing.Because($"In {place} no cluster has the tags of {app}.")),
            [] => throw new DiagnosticException(DiagnosticDescriptors.ClusterNotReady.Because(
                $"{app} has {names} in {place}: {string.Join(", ", clusters.Select(cluster => cluster.Status).Distinct().Order(StringComparer.Ordinal))}.")),
            _ => throw new DiagnosticException(DiagnosticDescriptors.ClusterAmbiguous.Because($"{app} has several clusters in {place}: {names}.")),
        };
    }

    /// <summary>A cluster as all providers tell of theirs. Pure.</summary>
    public static AppCluster Describe(Cluster cluster, ClusterOwner owner) => new(cluster.Name, owner, cluster.Status switch
    {
        ClusterStatus.Active => ClusterState.Ready,
        ClusterStatus.Updating => ClusterState.Updating,
        ClusterStatus.Deleting => ClusterState.Deleting,
        ClusterStatus.Failed => ClusterState.Failed,
        _ => ClusterState.Creating,
    })
    {
        Identity = cluster.Arn,
        Version = cluster.Version,
        CreatedAt = cluster.CreatedAt,
        Problem = cluster.Health?.Issues is [var issue, ..] ? AwsRefusal.Words($"{issue.Message ?? "EKS does not say what"} ({issue.Code})") : null,
    };
}
