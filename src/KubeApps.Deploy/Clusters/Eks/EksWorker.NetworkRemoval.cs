using Amazon.EC2;
using KubeApps.Deploy.Aws;
using KubeApps.Diagnostics;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// The end of the owner's own network: only when nobody is in it. A plan is older by the quarter of an hour in which the cluster went, so it is looked again.
internal sealed partial class EksWorker
{
    /// <summary>Who stands in the owner's network, in words; null: nobody does.</summary>
    /// <exception cref="DiagnosticException">No cluster does, but something that none of the owner's clusters has left, and that may need the way out.</exception>
    public async Task<string?> NetworkUsersAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        if (await finder.AllOwnVpcsAsync(cancellationToken) is not { Count: > 0 } vpcs)
            return null;
        var clusters = (await EksClusters.AllAsync(_access.Eks, cancellationToken)).Select(EksNeighbor.Of).Where(cluster => vpcs.Exists(cluster.MayStandIn)).Select(cluster => cluster.Told).ToList();
        if (clusters.Count > 0)
            return $"{string.Join(", ", clusters)} {(clusters.Count == 1 ? "stands" : "stand")} in it";
        // Those of balancers and machines stay a while longer than these.
        var since = clock.GetTimestamp();
        await UntilAsync(async () =>
        {
            if (await ForeignInterfacesAsync(vpcs, cancellationToken) is not { Count: > 0 } foreign)
                return "none";
            if (clock.GetElapsedTime(since) > InterfacePatience)
                throw new DiagnosticException(DiagnosticDescriptors.ClusterNetworkInUse.Because(
                    $"In {string.Join(", ", vpcs)}, the network of {finder.Owner.App} ({finder.Owner.Environment}), there are interfaces that are not of its clusters: {string.Join(", ", foreign.Select(Told))}."));
            progress.Say($"{foreign.Count} interfaces are in the network still");
            return null;
        }, cancellationToken);
        return null;

        static string Told(Ec2.NetworkInterface face) => string.IsNullOrEmpty(face.Description) ? face.NetworkInterfaceId : $"{face.NetworkInterfaceId} ({Events.Printable.Line(face.Description, 100)})";
    }

    private async Task<string> UnlessUsedAsync(Func<Task<string>> delete, StepProgress progress, CancellationToken cancellationToken) =>
        await NetworkUsersAsync(progress, cancellationToken) is { } users ? $"the network stays: {users}" : await delete();

    private async Task<List<Ec2.NetworkInterface>> ForeignInterfacesAsync(List<string> vpcs, CancellationToken cancellationToken)
    {
        var own = (await NatGatewaysAsync(null, cancellationToken)).SelectMany(gateway => gateway.NatGatewayAddresses ?? []).Select(address => address.NetworkInterfaceId).ToHashSet(StringComparer.Ordinal);
        var faces = await AwsPages.AllAsync(
            token => Ec2Client.DescribeNetworkInterfacesAsync(new Ec2.DescribeNetworkInterfacesRequest { NextToken = token, Filters = [new("vpc-id", vpcs)] }, cancellationToken),
            page => (page.NetworkInterfaces, page.NextToken));
        return [.. faces.Where(face => !own.Contains(face.NetworkInterfaceId))];
    }

    private async Task<string> DeleteNatGatewayAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        await UntilGoneAsync(progress, async () =>
        {
            var gateways = (await NatGatewaysAsync(null, cancellationToken)).Where(item => item.State != NatGatewayState.Deleted);
            await DeleteNatGatewaysAsync(progress, [.. gateways], cancellationToken);
            foreach (var address in await AddressesAsync(cancellationToken))
                await IsGoneAsync(ReleaseAsync(address.AllocationId, cancellationToken));
            return true;
        }, cancellationToken);
        return "gone";
    }

    private async Task DeleteNatGatewaysAsync(StepProgress progress, List<Ec2.NatGateway> gateways, CancellationToken cancellationToken)
    {
        foreach (var gateway in gateways.Where(item => item.State != NatGatewayState.Deleting))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteNatGatewayAsync(new Ec2.DeleteNatGatewayRequest { NatGatewayId = gateway.NatGatewayId }, cancellationToken), cancellationToken));
        await UntilAsync(async () =>
        {
            var rest = (await NatGatewaysAsync(null, cancellationToken)).Where(item => gateways.Exists(gateway => gateway.NatGatewayId == item.NatGatewayId) && item.State != NatGatewayState.Deleted).ToList();
            if (rest is [var first, ..])
                progress.Say(first.State.Value);
            return rest.Count == 0 ? "gone" : null;
        }, cancellationToken);
    }

    private async Task<string> DeleteVpcAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        await UntilGoneAsync(progress, async () =>
        {
            await EmptyVpcAsync(progress, cancellationToken);
            // A run that was cut may have left a second one.
            if ((await finder.OwnVpcsAsync(cancellationToken)) is not [.., var vpc])
                return true;
            await IsGoneAsync(Ec2Client.DeleteVpcAsync(new Ec2.DeleteVpcRequest { VpcId = vpc }, cancellationToken));
            return false;
        }, cancellationToken);
        return "gone";
    }

    private async Task EmptyVpcAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        await DeleteNatGatewayAsync(progress, cancellationToken);
        foreach (var subnet in await SubnetsAsync(null, null, cancellationToken))
            await IsGoneAsync(Ec2Client.DeleteSubnetAsync(new Ec2.DeleteSubnetRequest { SubnetId = subnet.SubnetId }, cancellationToken));
        foreach (var table in await RouteTablesAsync(null, null, cancellationToken))
            await IsGoneAsync(Ec2Client.DeleteRouteTableAsync(new Ec2.DeleteRouteTableRequest { RouteTableId = table.RouteTableId }, cancellationToken));
        foreach (var gateway in await InternetGatewaysAsync(cancellationToken))
        {
            foreach (var attachment in gateway.Attachments ?? [])
                await IsGoneAsync(Ec2Client.DetachInternetGatewayAsync(new Ec2.DetachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = attachment.VpcId }, cancellationToken));
            await IsGoneAsync(Ec2Client.DeleteInternetGatewayAsync(new Ec2.DeleteInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId }, cancellationToken));
        }
    }
}
