using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The balancers that clusters have made.</summary>
internal sealed class EksBalancers(AmazonElasticLoadBalancingV2Client balancing)
{
    // Where none is healthy, a balancer takes all for healthy: who asks then gets errors.
    private const string Healthy = "healthy";

    /// <summary>Those of the region, whoever has made them.</summary>
    public static async Task<IReadOnlyList<LoadBalancer>> AllAsync(AmazonElasticLoadBalancingV2Client balancing, CancellationToken cancellationToken) =>
        await AwsPages.AllAsync(
            marker => balancing.DescribeLoadBalancersAsync(new DescribeLoadBalancersRequest { Marker = marker }, cancellationToken), page => (page.LoadBalancers, page.NextMarker));

    public async Task<IReadOnlyList<LoadBalancer>> FindAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken)
    {
        if (hosts.Count == 0)
            return [];
        return [.. (await AllAsync(balancing, cancellationToken)).Where(balancer => hosts.Any(host => EksRecords.IsSame(host, balancer.DNSName)))];
    }

    /// <summary>Why nobody should be sent to it yet; null where all is well.</summary>
    public async Task<string?> ProblemAsync(LoadBalancer balancer, CancellationToken cancellationToken)
    {
        if (balancer.State?.Code != "active")
            return $"{balancer.LoadBalancerName} is {AwsRefusal.Words(balancer.State?.Code ?? "not there")}";
        var groups = await AwsPages.AllAsync<DescribeTargetGroupsResponse, TargetGroup>(
            marker => balancing.DescribeTargetGroupsAsync(new DescribeTargetGroupsRequest { LoadBalancerArn = balancer.LoadBalancerArn, Marker = marker }, cancellationToken),
            page => (page.TargetGroups, page.NextMarker));
        var targets = await Task.WhenAll(groups.Select(async group =>
            (group, Health: (await balancing.DescribeTargetHealthAsync(new DescribeTargetHealthRequest(group.TargetGroupArn), cancellationToken)).TargetHealthDescriptions ?? [])));
        if (targets.All(item => item.Health.Count == 0))
            return $"{balancer.LoadBalancerName} has no targets";
        return targets.Where(item => item.Health.Count > 0 && item.Health.All(target => target.TargetHealth.State != Healthy)).Select(item =>
            $"{item.group.TargetGroupName} of {balancer.LoadBalancerName} has no healthy target ({Why(item.Health[0].TargetHealth)})").FirstOrDefault();
    }

    private static string Why(TargetHealth health) => AwsRefusal.Words(health.Description ?? health.Reason ?? health.State);
}
