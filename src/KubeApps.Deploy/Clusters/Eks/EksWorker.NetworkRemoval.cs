using Amazon.EC2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// The end of the owner's own network.
internal sealed partial class EksWorker
{
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
