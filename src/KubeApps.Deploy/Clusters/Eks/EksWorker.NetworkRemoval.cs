using Amazon.EC2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// The end of the owner's own network.
internal sealed partial class EksWorker
{
    private async Task<string> DeleteNatGatewayAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var gateways = (await NatGatewaysAsync(null, cancellationToken)).Where(item => item.State != NatGatewayState.Deleted);
        await DeleteNatGatewaysAsync(progress, [.. gateways], cancellationToken);
        foreach (var address in await AddressesAsync(cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => ReleaseAsync(address.AllocationId, cancellationToken), cancellationToken));
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
        foreach (var subnet in await SubnetsAsync(null, null, cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteSubnetAsync(new Ec2.DeleteSubnetRequest { SubnetId = subnet.SubnetId }, cancellationToken), cancellationToken));
        foreach (var table in await RouteTablesAsync(null, null, cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteRouteTableAsync(new Ec2.DeleteRouteTableRequest { RouteTableId = table.RouteTableId }, cancellationToken), cancellationToken));
        foreach (var gateway in await InternetGatewaysAsync(cancellationToken))
        {
            foreach (var attachment in gateway.Attachments ?? [])
                await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DetachInternetGatewayAsync(
                    new Ec2.DetachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = attachment.VpcId }, cancellationToken), cancellationToken));
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteInternetGatewayAsync(
                new Ec2.DeleteInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId }, cancellationToken), cancellationToken));
        }

        await UntilAsync(async () =>
        {
            // A run that was cut may have left a second one.
            if ((await finder.OwnVpcsAsync(cancellationToken)) is not [.., var vpc])
                return "gone";
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteVpcAsync(new Ec2.DeleteVpcRequest { VpcId = vpc }, cancellationToken), cancellationToken));
            return null;
        }, cancellationToken);
        return "gone";
    }
}
