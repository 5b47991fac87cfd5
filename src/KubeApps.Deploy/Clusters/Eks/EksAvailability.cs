using Amazon.EC2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The zones of a region in which a control plane can be.</summary>
internal static class EksAvailability
{
    // https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
    private static readonly IReadOnlyList<string> ClosedZones = ["use1-az3", "usw1-az2", "cac1-az3"];

    /// <summary>Their names in this account: <c>eu-central-1a</c>. Local zones and those of a carrier are none of them.</summary>
    public static async Task<IReadOnlyList<string>> ZonesAsync(IAmazonEC2 ec2, CancellationToken cancellationToken)
    {
        var request = new Ec2.DescribeAvailabilityZonesRequest { Filters = [new("zone-type", ["availability-zone"]), new("state", ["available"])] };
        return [.. ((await ec2.DescribeAvailabilityZonesAsync(request, cancellationToken)).AvailabilityZones ?? []).Where(zone => !ClosedZones.Contains(zone.ZoneId)).Select(zone => zone.ZoneName)];
    }
}
