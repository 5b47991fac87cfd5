using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Whether the account may have what a cluster needs. Pure.</summary>
internal static class EksQuotas
{
    /// <summary>What Service Quotas calls them, and in whose list they stand; of machines there is one for each family.</summary>
    public static readonly IReadOnlyDictionary<EksQuotaKind, (string Service, string Code, string Name)> Codes = new Dictionary<EksQuotaKind, (string, string, string)>
    {
        [EksQuotaKind.Clusters] = ("eks", "L-1194D53C", "clusters of EKS"),
        [EksQuotaKind.Vpcs] = ("vpc", "L-F678F1CE", "VPCs"),
        [EksQuotaKind.Addresses] = ("ec2", "L-0263D0A3", "elastic IP addresses"),
        [EksQuotaKind.NatGateways] = ("vpc", "L-FE5A380F", "NAT gateways in a zone"),
        [EksQuotaKind.InternetGateways] = ("vpc", "L-A4707A72", "internet gateways"),
        [EksQuotaKind.ApplicationBalancers] = ("elasticloadbalancing", "L-53DA6B97", "application load balancer"),
        [EksQuotaKind.NetworkBalancers] = ("elasticloadbalancing", "L-69A177A2", "network load balancer"),
    };

    public static IEnumerable<Diagnostic> Findings(ClusterSpecification specification, EksObserved observed)
    {
        var strange = specification.Pools.SelectMany(pool => pool.InstanceTypes.Where(type => EksFamily.Of(type)?.CodeOf(pool.IsSpot) is null)).Distinct().ToList();
        if (strange.Count > 0)
            yield return DiagnosticDescriptors.ClusterQuotaUnknown.Because($"Whether the account {observed.Identity} may have enough machines of {string.Join(", ", strange)} was not looked at: which quota they count against is not known.");
        foreach (var quota in observed.Offer.Quotas)
        {
            var (name, needed, most) = (NameOf(quota), Needed(quota, specification, observed), Most(quota, specification, observed));
            // A quota that was lowered below what is there holds up nobody who needs no more.
            if (needed > 0 && quota.Used + needed > quota.Limit)
                yield return DiagnosticDescriptors.ClusterQuotaInsufficient.Because(
                    $"{Number(needed)} {name} are needed and {Number(quota.Used)} are in use; the account {observed.Identity} may have {Number(quota.Limit)} ({quota.Code}).");
            // Its ingresses and services ask for them, once there is a cluster.
            else if (quota.Kind is EksQuotaKind.ApplicationBalancers or EksQuotaKind.NetworkBalancers)
            {
                if (observed.Cluster is null && quota.Used >= quota.Limit)
                    yield return DiagnosticDescriptors.ClusterQuotaTight.Because(
                        $"Not one more {name} can be made for the app: {Number(quota.Used)} are in use, and the account {observed.Identity} may have {Number(quota.Limit)} ({quota.Code}).");
            }
            else if (most > 0 && quota.Used + most > quota.Limit)
                yield return DiagnosticDescriptors.ClusterQuotaTight.Because(
                    $"The pools can grow to {Number(most)} {name}, with {Number(quota.Used)} in use; the account {observed.Identity} may have {Number(quota.Limit)} ({quota.Code}).");
        }
    }

    /// <summary>The quotas of machines that a specification's pools count against.</summary>
    public static IEnumerable<(EksQuotaKind Kind, EksFamily Family)> OfMachines(ClusterSpecification specification) =>
        specification.Pools.SelectMany(pool => pool.InstanceTypes.Select(EksFamily.Of).OfType<EksFamily>()
            .Where(family => family.CodeOf(pool.IsSpot) is not null).Select(family => (pool.IsSpot ? EksQuotaKind.SpotProcessors : EksQuotaKind.Processors, family))).Distinct();

    private static string NameOf(EksQuota quota) => EksFamily.OfQuota(quota.Code) is not (var family, var isSpot) ? Codes[quota.Kind].Name
        : isSpot ? $"vCPUs of {family.Name} spot machines" : $"vCPUs of {family.Name} machines on demand";

    private static double Needed(EksQuota quota, ClusterSpecification specification, EksObserved observed) => quota.Kind switch
    {
        EksQuotaKind.Clusters => observed.Cluster is null ? 1 : 0,
        EksQuotaKind.Processors or EksQuotaKind.SpotProcessors => Processors(quota, specification, observed, pool => pool.Desired),
        _ when observed.Network.IsShared => 0,
        EksQuotaKind.Vpcs => Missing(EksNetworkPlan.Vpc, observed),
        EksQuotaKind.InternetGateways => Missing(EksNetworkPlan.InternetGateway, observed),
        EksQuotaKind.NatGateways => Missing(EksNetworkPlan.NatGateway, observed),
        // One that a run that was cut has allocated is counted already.
        EksQuotaKind.Addresses => Math.Min(Missing(EksNetworkPlan.NatGateway, observed), Missing(EksNetworkPlan.Address, observed)),
        _ => 0,
    };

    private static double Most(EksQuota quota, ClusterSpecification specification, EksObserved observed) =>
        quota.Kind is EksQuotaKind.Processors or EksQuotaKind.SpotProcessors ? Processors(quota, specification, observed, pool => pool.Max) : 0;

    // What is there but not done yet counts as in use already.
    private static int Missing(string part, EksObserved observed) => observed.Network.Parts.ContainsKey(part) || observed.Network.Found.GetValueOrDefault(part) is { Count: > 0 } ? 0 : 1;

    // Machines that run already are counted as in use. A pool of several families may get all of its machines from either.
    private static double Processors(EksQuota quota, ClusterSpecification specification, EksObserved observed, Func<NodePoolSpecification, int> count)
    {
        if (EksFamily.OfQuota(quota.Code) is not (var family, var isSpot))
            return 0;
        return EksPoolPlan.Wanted(specification).Where(group => group.Pool.IsSpot == isSpot).Sum(group =>
        {
            var there = observed.Nodegroups.FirstOrDefault(item => item.NodegroupName == group.Name)?.ScalingConfig?.DesiredSize ?? 0;
            return group.Pool.InstanceTypes.FirstOrDefault(type => EksFamily.Of(type) == family) is { } type
                ? Math.Max(0, count(group.Pool) - there) * observed.Offer.Processors.GetValueOrDefault(type) : 0;
        });
    }

    private static string Number(double number) => number.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
}
