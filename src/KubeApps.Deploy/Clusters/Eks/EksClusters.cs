using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Clusters of EKS that are ours, found by their tags: what their names say is for people.</summary>
internal static class EksClusters
{
    // AWS throttles those who ask for more at a time.
    private const int AskedAtOnce = 8;

    /// <summary>The clusters of an owner in the account and region, or all of ours.</summary>
    public static async Task<IReadOnlyList<Cluster>> ListAsync(AmazonEKSClient eks, ClusterOwner? owner, CancellationToken cancellationToken) =>
        [.. (await AllAsync(eks, cancellationToken)).Where(cluster => EksTags.OwnerOf(cluster.Tags) is { } its && (owner is null || its == owner))];

    /// <summary>All clusters in the account and region, whoever made them.</summary>
    public static async Task<IReadOnlyList<Cluster>> AllAsync(AmazonEKSClient eks, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(eks, cancellationToken);
        var found = new Cluster?[names.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, names.Count, options, async (index, token) => found[index] = await FindAsync(eks, names[index], token));
        return [.. found.OfType<Cluster>()];
    }

    /// <summary>Their names, without a request for each.</summary>
    public static Task<IReadOnlyList<string>> NamesAsync(AmazonEKSClient eks, CancellationToken cancellationToken) => AwsPages.AllAsync<ListClustersResponse, string>(
        token => eks.ListClustersAsync(new ListClustersRequest { NextToken = token }, cancellationToken), page => (page.Clusters, page.NextToken));

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

    /// <summary>A cluster as all providers tell of theirs. Pure.</summary>
    public static AppCluster Describe(Cluster cluster, ClusterOwner owner) => new(cluster.Name, owner, cluster.Status switch
    {
        // Who made it may not enter it before the step after that: to a run that comes after one that was cut there, nobody may yet.
        ClusterStatus.Active or ClusterStatus.Updating when cluster.Tags?.ContainsKey(EksTags.Maker) == true => ClusterState.Creating,
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
