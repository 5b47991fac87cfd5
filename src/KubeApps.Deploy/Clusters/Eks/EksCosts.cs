using System.Globalization;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What a cluster costs in an hour, as far as the table knows it. Pure.</summary>
internal static class EksCosts
{
    public static ClusterCost Of(ClusterSpecification specification, EksObserved observed, EksPrices prices, string version)
    {
        var region = RegionOf(observed, prices);
        var isOld = observed.Offer.Versions.Any(item => item.ClusterVersion == version && item.VersionStatus == VersionStatus.ExtendedSupport);
        List<ClusterCostItem> items = [new(isOld ? "control plane (extended support)" : "control plane", isOld ? region.ControlPlaneInExtendedSupport : region.ControlPlane)];
        foreach (var pool in specification.Pools.Where(pool => pool.Desired > 0))
        {
            // What a spot machine costs changes by the hour: on demand is the most.
            if (region.Machine(pool.InstanceTypes[0]) is { } price)
                items.Add(new($"{pool.Desired} × {pool.InstanceTypes[0]}{(pool.IsSpot ? " (spot, at most)" : "")}", pool.Desired * price));
            items.Add(new(string.Create(CultureInfo.InvariantCulture, $"{pool.Desired} × {EksNodegroup.Disk} GiB gp3"), pool.Desired * EksNodegroup.Disk * region.DiskGib));
        }

        if (!observed.Network.IsShared)
        {
            items.Add(new("NAT gateway of the owner's network", region.NatGateway, IsShared: true));
            items.Add(new("public address of the NAT gateway", region.PublicAddress, IsShared: true));
        }

        return new ClusterCost(prices.Currency, prices.Date, items);
    }

    public static IEnumerable<Diagnostic> Findings(ClusterSpecification specification, EksObserved observed, EksPrices prices)
    {
        if (!prices.Regions.ContainsKey(observed.Identity.Region))
            yield return DiagnosticDescriptors.ClusterPriceUnknown.Because($"The table of prices has none of {observed.Identity.Region}: those of {EksPrices.Reference} are shown, and others apply.");
        var region = RegionOf(observed, prices);
        if (prices.Regions.ContainsKey(observed.Identity.Region) && region.Doubt is { } doubt)
            yield return DiagnosticDescriptors.ClusterPriceUnknown.Because($"The prices of {observed.Identity.Region} are less sure: {doubt}");
        foreach (var type in specification.Pools.Select(pool => pool.InstanceTypes[0]).Where(type => region.Machine(type) is null).Distinct())
            yield return DiagnosticDescriptors.ClusterPriceUnknown.Because($"The table of prices has no machine of the type {type}: it is not in the sum.");
        if (specification.Fargate.Count > 0)
            yield return DiagnosticDescriptors.ClusterPriceUnknown.Because("Pods on Fargate cost by what they ask for while they run: they are not in the sum.");
        if (specification.HasLoadBalancers)
            yield return DiagnosticDescriptors.ClusterPriceUnknown.Because("Load balancers of the app's services and ingresses cost by the hour and by what goes through them: they are not in the sum.");
    }

    private static EksRegionPrices RegionOf(EksObserved observed, EksPrices prices) => prices.Regions.GetValueOrDefault(observed.Identity.Region) ?? prices.Regions[EksPrices.Reference];
}
