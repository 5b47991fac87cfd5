using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Asks AWS what it has to give: versions, add-ons, zones, machines, and how much of them the account may have.</summary>
internal sealed class EksOffers(AwsAccess access, EksMemory memory)
{
    /// <summary>For a cluster that shall be as it is specified.</summary>
    public async Task<EksOffer> ReadAsync(ClusterSpecification specification, EksObserved observed, CancellationToken cancellationToken)
    {
        var offer = UpgradesAsync(specification, observed, cancellationToken);
        var processors = ProcessorsAsync(specification, cancellationToken);
        var zone = EksNetworkPlan.Zones(observed.Network, await ZonesAsync(cancellationToken)).FirstOrDefault();
        var quotas = new EksQuotaReader(access, zone).ReadAsync(specification, cancellationToken);
        return await offer with { Processors = await processors, Quotas = await quotas };
    }

    /// <summary>For one that shall have another version and no more machines.</summary>
    public async Task<EksOffer> UpgradesAsync(ClusterSpecification specification, EksObserved observed, CancellationToken cancellationToken)
    {
        var versions = await memory.OnceAsync("versions", () => AwsPages.AllAsync(
            token => access.Eks.DescribeClusterVersionsAsync(new DescribeClusterVersionsRequest { NextToken = token }, cancellationToken), page => (page.ClusterVersions, page.NextToken)), cancellationToken);
        var version = EksVersion.Wanted(specification, observed with { Offer = new EksOffer { Versions = versions } });
        var addons = memory.OnceAsync($"add-ons of {version}", () => AddonsAsync(version, cancellationToken), cancellationToken);
        var zones = ZonesAsync(cancellationToken);
        var isUpgrade = observed.Cluster is { Version: { } current, Status: ClusterStatus.Active } && EksVersion.IsOlder(current, version);
        var obstacles = isUpgrade ? ObstaclesAsync(observed.Cluster!.Name, cancellationToken) : Task.FromResult<IReadOnlyList<InsightSummary>>([]);
        return new EksOffer { Versions = versions, Addons = await addons, Zones = await zones, Obstacles = await obstacles };
    }

    private Task<IReadOnlyList<string>> ZonesAsync(CancellationToken cancellationToken) =>
        memory.OnceAsync("zones", () => EksAvailability.ZonesAsync(access.Ec2, cancellationToken), cancellationToken);

    private async Task<IReadOnlyDictionary<string, EksAddonOffer>> AddonsAsync(string version, CancellationToken cancellationToken)
    {
        var addons = await Task.WhenAll(EksPlanner.Addons.Select(name => AwsPages.AllAsync(
            token => access.Eks.DescribeAddonVersionsAsync(new DescribeAddonVersionsRequest { AddonName = name, KubernetesVersion = version, NextToken = token }, cancellationToken),
            page => (page.Addons, page.NextToken))));
        var found = new Dictionary<string, EksAddonOffer>(StringComparer.Ordinal);
        foreach (var addon in addons.SelectMany(item => item))
        {
            var fitting = addon.AddonVersions.Select(item => (item.AddonVersion, Fit: item.Compatibilities?.FirstOrDefault(fit => fit.ClusterVersion == version))).Where(item => item.Fit is not null).ToList();
            if (fitting.Find(item => item.Fit!.DefaultVersion).AddonVersion is { } usual)
                found[addon.AddonName] = new EksAddonOffer(usual, [.. fitting.Select(item => item.AddonVersion)]);
        }

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
