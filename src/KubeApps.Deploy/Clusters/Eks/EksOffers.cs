using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Asks AWS what it has to give: versions, add-ons, zones, machines, and how much of them the account may have.</summary>
internal sealed class EksOffers(AwsAccess access)
{
    // https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: no control plane can be there.
    private static readonly IReadOnlyList<string> ClosedZones = ["use1-az3", "usw1-az2", "cac1-az3"];

    public async Task<EksOffer> ReadAsync(ClusterSpecification specification, EksObserved observed, CancellationToken cancellationToken)
    {
        var versions = await AwsPages.AllAsync(
            token => access.Eks.DescribeClusterVersionsAsync(new DescribeClusterVersionsRequest { NextToken = token }, cancellationToken), page => (page.ClusterVersions, page.NextToken));
        var version = EksVersion.Wanted(specification, observed with { Offer = new EksOffer { Versions = versions } });
        var addons = AddonsAsync(version, cancellationToken);
        var zones = access.Ec2.DescribeAvailabilityZonesAsync(new Ec2.DescribeAvailabilityZonesRequest { Filters = [new("zone-type", ["availability-zone"]), new("state", ["available"])] }, cancellationToken);
        var processors = ProcessorsAsync(specification, cancellationToken);
        var isUpgrade = observed.Cluster is { Version: { } current, Status: ClusterStatus.Active } && EksVersion.IsOlder(current, version);
        var obstacles = isUpgrade ? ObstaclesAsync(observed.Cluster!.Name, cancellationToken) : Task.FromResult<IReadOnlyList<InsightSummary>>([]);
        var quotas = new EksQuotaReader(access).ReadAsync(cancellationToken);
        return new EksOffer
        {
            Versions = versions,
            Addons = await addons,
            Zones = [.. ((await zones).AvailabilityZones ?? []).Where(zone => !ClosedZones.Contains(zone.ZoneId)).Select(zone => zone.ZoneName)],
            Processors = await processors,
            Obstacles = await obstacles,
            Quotas = await quotas,
        };
    }

    /// <summary>The version of each add-on that AWS takes by itself for a version of Kubernetes.</summary>
    private async Task<IReadOnlyDictionary<string, string>> AddonsAsync(string version, CancellationToken cancellationToken)
    {
        var addons = await Task.WhenAll(EksPlanner.Addons.Select(name => AwsPages.AllAsync(
            token => access.Eks.DescribeAddonVersionsAsync(new DescribeAddonVersionsRequest { AddonName = name, KubernetesVersion = version, NextToken = token }, cancellationToken),
            page => (page.Addons, page.NextToken))));
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var addon in addons.SelectMany(item => item))
            if (addon.AddonVersions.FirstOrDefault(item => item.Compatibilities?.Any(fit => fit.ClusterVersion == version && fit.DefaultVersion) == true) is { } fitting)
                found[addon.AddonName] = fitting.AddonVersion;
        return found;
    }

    private async Task<IReadOnlyDictionary<string, int>> ProcessorsAsync(ClusterSpecification specification, CancellationToken cancellationToken)
    {
        List<string> types = [.. specification.Pools.SelectMany(pool => pool.InstanceTypes).Distinct()];
        if (types.Count == 0)
            return new Dictionary<string, int>();
        var found = await AwsPages.AllAsync(
            token => access.Ec2.DescribeInstanceTypesAsync(new Ec2.DescribeInstanceTypesRequest { NextToken = token, Filters = [new("instance-type", types)] }, cancellationToken),
            page => (page.InstanceTypes, page.NextToken));
        return found.ToDictionary(item => item.InstanceType.Value, item => item.VCpuInfo?.DefaultVCpus ?? 0);
    }

    private async Task<IReadOnlyList<InsightSummary>> ObstaclesAsync(string cluster, CancellationToken cancellationToken) => await AwsPages.AllAsync(
        token => access.Eks.ListInsightsAsync(
            new(cluster) { NextToken = token, Filter = new InsightsFilter { Categories = [Category.UpgradeReadiness], Statuses = [InsightStatusValue.Error] } }, cancellationToken),
        page => (page.Insights, page.NextToken));
}
