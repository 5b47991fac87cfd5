using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// The steps of the owner's own network: one VPC for all of its clusters, so that a full update needs no second one, with private subnets for nodes in
/// two or three zones, public ones for balancers, and one way out. Pure.
/// </summary>
internal static class EksNetworkPlan
{
    public const string Range = "10.0.0.0/16";
    public const string Vpc = "network/vpc";
    public const string InternetGateway = "network/internet-gateway";
    public const string NatGateway = "network/nat-gateway";

    /// <summary>What a NAT gateway will have: no part for itself.</summary>
    public const string Address = "network/address";

    public const string PublicRoutes = "network/routes/public";
    public const string PrivateRoutes = "network/routes/private";
    private const int Most = 3;

    public static string Subnet(string zone, bool isPublic) => $"network/subnet/{(isPublic ? "public" : "private")}/{zone}";

    /// <summary>The zones of an own network: those that it is in stay, whatever the region has now. The way out is in the first one.</summary>
    public static IReadOnlyList<string> Zones(EksNetwork network, IReadOnlyList<string> offered) =>
        [.. network.Subnets.Select(subnet => subnet.Zone).Concat(offered).Distinct().Order(StringComparer.Ordinal).Take(Most)];

    /// <param name="observed">What there is.</param>
    /// <param name="steps">What is to be done: where nothing is put into subnets, nobody asks which.</param>
    public static IEnumerable<Diagnostic> Findings(EksObserved observed, IEnumerable<EksStep> steps)
    {
        var network = observed.Network;
        string[] zones = [.. network.NodeSubnets.Select(subnet => subnet.Zone).Distinct().Order(StringComparer.Ordinal)];
        if (network.Rivals.Count > 0)
            yield return DiagnosticDescriptors.ClusterNetworkUnusable.Because(
                $"Several networks are shared: {string.Join(", ", network.Rivals.Prepend(network.VpcId))}.", nextStep: "Say which one with --network, or in the specification. Nothing was changed.");
        else if (network.IsShared && zones.Length == 0 && steps.Any(IsInSubnets))
            yield return DiagnosticDescriptors.ClusterNetworkUnusable.Because(
                $"No subnet of the shared VPC {network.VpcId} is for nodes: {(network.IsMarked ? $"EKS cannot be where {EksSubnet.InternalTag} is" : $"none carries {EksSubnet.InternalTag}, and none leads out other than by an internet gateway")}.{Others(network)}",
                nextStep: $"Tag those that nodes shall be in with {EksSubnet.InternalTag}=1, in two of {string.Join(", ", observed.Offer.Zones.Order(StringComparer.Ordinal))}, or name another one with --network. Nothing was changed.");
        else if (network.IsShared && zones.Length < 2 && observed.Cluster is null)
            yield return DiagnosticDescriptors.ClusterNetworkUnusable.Because(
                $"The shared VPC {network.VpcId} has subnets for nodes in {Words(zones)} in which EKS can be; it needs two.{Others(network)}",
                nextStep: $"Give it subnets in two of {string.Join(", ", observed.Offer.Zones.Order(StringComparer.Ordinal))}, tagged with {EksSubnet.InternalTag}=1, or name another one with --network. Nothing was changed.");
        else if (!network.IsShared && observed.Offer.Zones.Count < 2)
            yield return DiagnosticDescriptors.ClusterNetworkUnusable.Because($"The region {observed.Identity.Region} gives {observed.Offer.Zones.Count} zones; EKS needs two.");
    }

    /// <summary>The same steps; where they put something into subnets of a network that others keep, with which, and why these.</summary>
    public static IEnumerable<EksStep> WithSubnets(IEnumerable<EksStep> steps, EksNetwork network) => !network.IsShared || network.NodeSubnets.Count == 0 ? steps :
        steps.Select(step => !IsInSubnets(step) ? step : step with
        {
            Details = [.. step.Details, $"in {string.Join(", ", network.NodeSubnets.Select(Named))}, {(network.IsMarked ? $"which carry {EksSubnet.InternalTag}" : "which lead out, and not to an internet gateway")}"],
        });

    private static bool IsInSubnets(EksStep step) => step.Action != ClusterAction.Await && step.Work is EksWork.EnsureControlPlane or EksWork.EnsureNodegroup or EksWork.EnsureFargate;

    // The subnets that were looked at and are not taken, and why not.
    private static string Others(EksNetwork network)
    {
        List<string> others =
        [
            .. network.Subnets.Except(network.NodeSubnets).Select(subnet =>
                $"{Named(subnet)}: {(subnet.IsPublic ? "leads to an internet gateway" : !subnet.HasWayOut ? "has no way out" : $"does not carry {EksSubnet.InternalTag}")}"),
            .. network.Unfit.Select(subnet => $"{Named(subnet)}: EKS cannot be in that zone"),
        ];
        return others.Count == 0 ? "" : $" Not taken are {string.Join("; ", others)}.";
    }

    private static string Named(EksSubnet subnet) => $"{subnet.Id} ({subnet.Zone})";

    public static IEnumerable<EksStep> Steps(EksObserved observed)
    {
        var (minute, parts) = (TimeSpan.FromMinutes(1), observed.Network.Parts);
        if (observed.Network.IsShared)
            return [];
        string[] zones = [.. Zones(observed.Network, observed.Offer.Zones)];
        List<EksStep> steps =
        [
            Step(Vpc, $"Make the VPC {Range}", new EksWork.EnsureVpc(), minute),
            Step(InternetGateway, "Make the internet gateway", new EksWork.EnsureInternetGateway(), minute, Vpc),
        ];
        // Nodes and pods have an address each: 8,190 in a zone; balancers need few.
        foreach (var (index, zone) in zones.Index())
        {
            steps.Add(Step(Subnet(zone, true), $"Make the public subnet in {zone}", new EksWork.EnsureSubnet(zone, true, $"10.0.{240 + (index * 4)}.0/22"), minute, Vpc));
            steps.Add(Step(Subnet(zone, false), $"Make the private subnet in {zone}", new EksWork.EnsureSubnet(zone, false, $"10.0.{index * 32}.0/19"), minute, Vpc));
        }

        if (zones is not [var first, ..])
            return [];
        steps.Add(Step(NatGateway, $"Make the NAT gateway in {first}, with an address", new EksWork.EnsureNatGateway(first), 3 * minute, Subnet(first, true), InternetGateway));
        steps.Add(Step(PublicRoutes, "Route the public subnets to the internet gateway", new EksWork.EnsureRoutes(true), minute, [InternetGateway, .. zones.Select(zone => Subnet(zone, true))]));
        steps.Add(Step(PrivateRoutes, "Route the private subnets to the NAT gateway", new EksWork.EnsureRoutes(false), minute, [NatGateway, .. zones.Select(zone => Subnet(zone, false))]));
        return from step in steps
               let doubles = observed.Network.Doubles(step.Id)
               where doubles.Count > 0 || !parts.ContainsKey(step.Id)
               select doubles.Count == 0 ? step : step with
               {
                   Title = $"Delete what there is besides {parts[step.Id]}",
                   Action = ClusterAction.Delete,
                   Details = [.. doubles.Select(id => $"{id}, in which nothing is")],
               };
    }

    private static string Words(string[] zones) => zones switch { [] => "no zone", [var only] => $"one zone ({only})", _ => $"{zones.Length} zones" };

    private static EksStep Step(string id, string title, EksWork work, TimeSpan expected, params IReadOnlyList<string> after) =>
        EksStep.Of(id, title, ClusterAction.Create, work, expected / 4, 5 * expected, after);
}
