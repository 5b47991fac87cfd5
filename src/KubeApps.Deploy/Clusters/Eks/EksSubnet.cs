using System.Net;
using Amazon.EC2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>A subnet of the network that a cluster is in.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Zone">Where it is.</param>
/// <param name="IsPublic">Whether it leads to the internet without anything between: a place for balancers, not for nodes.</param>
internal sealed record EksSubnet(string Id, string Zone, bool IsPublic)
{
    /// <summary>What whoever keeps a network puts on the subnets in which clusters may have what is reached from inside alone.</summary>
    /// <seealso href="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"/>
    public const string InternalTag = "kubernetes.io/role/internal-elb";

    private const string Everywhere = "0.0.0.0/0";

    private static readonly IReadOnlyList<IPNetwork> Private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10")];

    /// <summary>Whether it carries <see cref="InternalTag"/>; not asked of the owner's own network.</summary>
    public bool IsMarked { get; init; }

    /// <summary>Whether it leads out of its network at all. One for databases usually does not, and machines in it would never join.</summary>
    public bool HasWayOut { get; init; } = true;

    /// <summary>A subnet of a network that others keep: what it is, its routes say.</summary>
    /// <param name="subnet">The subnet.</param>
    /// <param name="tables">All route tables of its network.</param>
    public static EksSubnet Of(Ec2.Subnet subnet, IReadOnlyList<Ec2.RouteTable> tables)
    {
        var table = tables.FirstOrDefault(item => item.Associations?.Any(association => association.SubnetId == subnet.SubnetId) == true)
            // What is associated with none has that of the network.
            ?? tables.FirstOrDefault(item => item.Associations?.Any(association => association.Main == true) == true);
        var routes = (table?.Routes ?? []).FindAll(route => route.State is null || route.State == RouteState.Active);
        var ways = routes.FindAll(route => route.DestinationCidrBlock == Everywhere);
        return new EksSubnet(subnet.SubnetId, subnet.AvailabilityZone, ways.Exists(route => route.GatewayId?.StartsWith("igw-", StringComparison.Ordinal) == true))
        {
            IsMarked = EksFinder.Value(subnet.Tags, InternalTag) is not null,
            HasWayOut = ways.Count > 0 || routes.Exists(LeadsOut),
        };
    }

    // Hubs are led to by prefix lists, or in halves of everything. What leads to other private networks alone is no way out.
    private static bool LeadsOut(Ec2.Route route) =>
        (route.NatGatewayId ?? route.TransitGatewayId ?? route.NetworkInterfaceId ?? route.InstanceId) is not null
        && (route.DestinationPrefixListId is not null
            || (IPNetwork.TryParse(route.DestinationCidrBlock, out var range) && !Private.Any(network => network.PrefixLength <= range.PrefixLength && network.Contains(range.BaseAddress))));
}
