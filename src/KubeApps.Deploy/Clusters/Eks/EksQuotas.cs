using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Whether the account may have what a cluster needs. Pure.</summary>
internal static class EksQuotas
{
    /// <summary>What Service Quotas calls them, and in whose list they stand.</summary>
    public static readonly IReadOnlyDictionary<EksQuotaKind, (string Service, string Code, string Name)> Codes = new Dictionary<EksQuotaKind, (string, string, string)>
    {
        [EksQuotaKind.Clusters] = ("eks", "L-1194D53C", "clusters of EKS"),
        [EksQuotaKind.Processors] = ("ec2", "L-1216C47A", "vCPUs of standard machines on demand"),
        [EksQuotaKind.SpotProcessors] = ("ec2", "L-34B43A08", "vCPUs of standard spot machines"),
        [EksQuotaKind.Vpcs] = ("vpc", "L-F678F1CE", "VPCs"),
        [EksQuotaKind.Addresses] = ("ec2", "L-0263D0A3", "elastic IP addresses"),
        [EksQuotaKind.NatGateways] = ("vpc", "L-FE5A380F", "NAT gateways in a zone"),
        [EksQuotaKind.InternetGateways] = ("vpc", "L-A4707A72", "internet gateways"),
        [EksQuotaKind.ApplicationBalancers] = ("elasticloadbalancing", "L-53DA6B97", "application load balancer"),
        [EksQuotaKind.NetworkBalancers] = ("elasticloadbalancing", "L-69A177A2", "network load balancer"),
    };

    public static IEnumerable<Diagnostic> Findings(ClusterSpecification specification, EksObserved observed)
    {
        foreach (var quota in observed.Offer.Quotas)
        {
            var (name, needed, most) = (Codes[quota.Kind].Name, Needed(quota.Kind, specification, observed), Most(quota.Kind, specification, observed));
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

    private static double Needed(EksQuotaKind kind, ClusterSpecification specification, EksObserved observed) => kind switch
    {
        EksQuotaKind.Clusters => observed.Cluster is null ? 1 : 0,
        EksQuotaKind.Processors => Processors(specification, observed, isSpot: false, pool => pool.Desired),
        EksQuotaKind.SpotProcessors => Processors(specification, observed, isSpot: true, pool => pool.Desired),
        _ when observed.Network.IsShared => 0,
        EksQuotaKind.Vpcs => Missing(EksNetworkPlan.Vpc, observed),
        EksQuotaKind.InternetGateways => Missing(EksNetworkPlan.InternetGateway, observed),
        EksQuotaKind.NatGateways => Missing(EksNetworkPlan.NatGateway, observed),
        // One that a run that was cut has allocated is counted already.
        EksQuotaKind.Addresses => Math.Min(Missing(EksNetworkPlan.NatGateway, observed), Missing(EksNetworkPlan.Address, observed)),
        _ => 0,
    };

    private static double Most(EksQuotaKind kind, ClusterSpecification specification, EksObserved observed) => kind switch
    {
        EksQuotaKind.Processors => Processors(specification, observed, isSpot: false, pool => pool.Max),
        EksQuotaKind.SpotProcessors => Processors(specification, observed, isSpot: true, pool => pool.Max),
        _ => 0,
    };

    // What is there but not done yet counts as in use already.
    private static int Missing(string part, EksObserved observed) => observed.Network.Parts.ContainsKey(part) || observed.Network.Found.GetValueOrDefault(part) is { Count: > 0 } ? 0 : 1;

    // Machines that run already are counted as in use.
    private static double Processors(ClusterSpecification specification, EksObserved observed, bool isSpot, Func<NodePoolSpecification, int> count) =>
        EksPoolPlan.Wanted(specification).Where(group => group.Pool.IsSpot == isSpot && group.Pool.InstanceTypes.Any(IsStandard)).Sum(group =>
        {
            var there = observed.Nodegroups.FirstOrDefault(item => item.NodegroupName == group.Name)?.ScalingConfig?.DesiredSize ?? 0;
            return Math.Max(0, count(group.Pool) - there) * observed.Offer.Processors.GetValueOrDefault(group.Pool.InstanceTypes[0]);
        });

    // https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
    public static bool IsStandard(string type) => type[0] is 'a' or 'c' or 'd' or 'h' or 'i' or 'm' or 'r' or 't' or 'z' && !type.StartsWith("dl", StringComparison.Ordinal) && !type.StartsWith("hpc", StringComparison.Ordinal)
        && !type.StartsWith("inf", StringComparison.Ordinal) && !type.StartsWith("trn", StringComparison.Ordinal);

    private static string Number(double number) => number.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
}
