using Amazon.EC2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// The owner's own network. Its parts carry no cluster's tag: they serve all of the owner's.
internal sealed partial class EksWorker
{
    private IAmazonEC2 Ec2Client => _access.Ec2;

    private async Task<string> EnsureVpcAsync(CancellationToken cancellationToken)
    {
        var id = await finder.OwnVpcAsync(cancellationToken) ?? (await Ec2Client.CreateVpcAsync(
            new Ec2.CreateVpcRequest { CidrBlock = EksNetworkPlan.Range, TagSpecifications = Tagged(ResourceType.Vpc, EksNetworkPlan.Vpc) }, cancellationToken)).Vpc.VpcId;
        // One at a time is what AWS takes.
        foreach (var attribute in await UntilAsync(() => EksFinder.OrNullAsync(finder.MissingAttributesAsync(id, cancellationToken)), cancellationToken))
            await Ec2Client.ModifyVpcAttributeAsync(
                attribute == VpcAttributeName.EnableDnsSupport
                    ? new Ec2.ModifyVpcAttributeRequest { VpcId = id, EnableDnsSupport = true }
                    : new Ec2.ModifyVpcAttributeRequest { VpcId = id, EnableDnsHostnames = true }, cancellationToken);
        return id;
    }

    private async Task<string> EnsureInternetGatewayAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var vpc = await VpcAsync(cancellationToken);
        var gateway = await FindAsync() ?? (await Ec2Client.CreateInternetGatewayAsync(
            new Ec2.CreateInternetGatewayRequest { TagSpecifications = Tagged(ResourceType.InternetGateway, EksNetworkPlan.InternetGateway) }, cancellationToken)).InternetGateway;
        if (gateway.Attachments?.Any(attachment => attachment.VpcId == vpc) != true)
            await WhenFreeAsync(progress, () => Ec2Client.AttachInternetGatewayAsync(
                new Ec2.AttachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = vpc }, cancellationToken), cancellationToken);
        // Who looks for it next shall find it.
        return (await UntilAsync(FindAsync, cancellationToken)).InternetGatewayId;

        async Task<Ec2.InternetGateway?> FindAsync() => ((await Ec2Client.DescribeInternetGatewaysAsync(
            new Ec2.DescribeInternetGatewaysRequest { Filters = finder.Filters(EksNetworkPlan.InternetGateway) }, cancellationToken)).InternetGateways ?? []).FirstOrDefault();
    }

    private async Task<string> EnsureSubnetAsync(EksWork.EnsureSubnet subnet, StepProgress progress, CancellationToken cancellationToken)
    {
        var part = EksNetworkPlan.Subnet(subnet.Zone, subnet.IsPublic);
        var id = (await SubnetsAsync(part, cancellationToken)).FirstOrDefault()?.SubnetId;
        if (id is null)
        {
            var vpc = await VpcAsync(cancellationToken);
            var tags = Tagged(ResourceType.Subnet, part);
            // By these the controllers of balancers find them.
            tags[0].Tags.Add(new Ec2.Tag(subnet.IsPublic ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb", "1"));
            id = (await WhenFreeAsync(progress, () => Ec2Client.CreateSubnetAsync(
                new Ec2.CreateSubnetRequest { VpcId = vpc, AvailabilityZone = subnet.Zone, CidrBlock = subnet.Range, TagSpecifications = tags }, cancellationToken), cancellationToken)).Subnet.SubnetId;
            // Routes are given to those that are listed.
            await UntilAsync(async () => (await SubnetsAsync(part, cancellationToken)).FirstOrDefault(), cancellationToken);
        }

        return id;
    }

    private async Task<string> EnsureNatGatewayAsync(string zone, StepProgress progress, CancellationToken cancellationToken)
    {
        var subnet = await UntilAsync(async () => (await SubnetsAsync(EksNetworkPlan.Subnet(zone, isPublic: true), cancellationToken)).FirstOrDefault()?.SubnetId, cancellationToken);
        var there = await NatGatewaysAsync(cancellationToken);
        var id = there.FirstOrDefault(item => item.State == NatGatewayState.Pending || item.State == NatGatewayState.Available)?.NatGatewayId;
        if (id is null)
        {
            var address = (await AddressesAsync(cancellationToken)).FirstOrDefault(item => item.AssociationId is null)?.AllocationId ?? (await Ec2Client.AllocateAddressAsync(
                new Ec2.AllocateAddressRequest { Domain = DomainType.Vpc, TagSpecifications = Tagged(ResourceType.ElasticIp, EksNetworkPlan.NatGateway) }, cancellationToken)).AllocationId;
            id = (await WhenFreeAsync(progress, () => Ec2Client.CreateNatGatewayAsync(
                new Ec2.CreateNatGatewayRequest
                {
                    SubnetId = subnet,
                    AllocationId = address,
                    // An answer that is lost makes no second one; after one that failed there has to be another.
                    ClientToken = EksTags.Hash($"{address}/{subnet}/{there.Count}"),
                    TagSpecifications = Tagged(ResourceType.Natgateway, EksNetworkPlan.NatGateway),
                }, cancellationToken), cancellationToken)).NatGateway.NatGatewayId;
        }

        return await UntilAsync(async () =>
        {
            var gateway = (await NatGatewaysAsync(cancellationToken)).FirstOrDefault(item => item.NatGatewayId == id);
            progress.Say(gateway?.State?.Value ?? "not listed yet");
            if (gateway?.State == NatGatewayState.Failed)
                throw Failed($"The NAT gateway {id}", [(gateway.FailureCode, gateway.FailureMessage)]);
            return gateway?.State == NatGatewayState.Available ? id : null;
        }, cancellationToken);
    }

    private async Task<string> EnsureRoutesAsync(bool isPublic, StepProgress progress, CancellationToken cancellationToken)
    {
        var (part, vpc) = (isPublic ? EksNetworkPlan.PublicRoutes : EksNetworkPlan.PrivateRoutes, await VpcAsync(cancellationToken));
        var table = (await RouteTablesAsync(part, cancellationToken)).FirstOrDefault() ?? (await Ec2Client.CreateRouteTableAsync(
            new Ec2.CreateRouteTableRequest { VpcId = vpc, TagSpecifications = Tagged(ResourceType.RouteTable, part) }, cancellationToken)).RouteTable;
        if (table.Routes?.Any(route => route.DestinationCidrBlock == "0.0.0.0/0" && route.State != RouteState.Blackhole) != true)
        {
            if (table.Routes?.Any(route => route.DestinationCidrBlock == "0.0.0.0/0") == true)
                await Ec2Client.DeleteRouteAsync(new Ec2.DeleteRouteRequest { RouteTableId = table.RouteTableId, DestinationCidrBlock = "0.0.0.0/0" }, cancellationToken);
            var route = new Ec2.CreateRouteRequest { RouteTableId = table.RouteTableId, DestinationCidrBlock = "0.0.0.0/0" };
            if (isPublic)
                route.GatewayId = await EnsureInternetGatewayAsync(progress, cancellationToken);
            else
                route.NatGatewayId = (await NatGatewaysAsync(cancellationToken)).First(item => item.State == NatGatewayState.Available).NatGatewayId;
            await WhenFreeAsync(progress, () => Ec2Client.CreateRouteAsync(route, cancellationToken), cancellationToken);
        }

        var subnets = (await SubnetsAsync(null, cancellationToken)).Where(subnet =>
            EksFinder.Value(subnet.Tags, EksTags.Part)?.StartsWith(isPublic ? "network/subnet/public/" : "network/subnet/private/", StringComparison.Ordinal) == true);
        foreach (var subnet in subnets.Where(subnet => table.Associations?.Any(association => association.SubnetId == subnet.SubnetId) != true))
            await WhenFreeAsync(progress, () => Ec2Client.AssociateRouteTableAsync(
                new Ec2.AssociateRouteTableRequest { RouteTableId = table.RouteTableId, SubnetId = subnet.SubnetId }, cancellationToken), cancellationToken);
        return table.RouteTableId;
    }

    private async Task<string> DeleteNatGatewayAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        foreach (var gateway in (await NatGatewaysAsync(cancellationToken)).Where(item => item.State == NatGatewayState.Available || item.State == NatGatewayState.Pending || item.State == NatGatewayState.Failed))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteNatGatewayAsync(new Ec2.DeleteNatGatewayRequest { NatGatewayId = gateway.NatGatewayId }, cancellationToken), cancellationToken));
        await UntilAsync(async () =>
        {
            var rest = (await NatGatewaysAsync(cancellationToken)).Where(item => item.State != NatGatewayState.Deleted).ToList();
            if (rest is [var first, ..])
                progress.Say(first.State.Value);
            return rest.Count == 0 ? "gone" : null;
        }, cancellationToken);
        foreach (var address in await AddressesAsync(cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.ReleaseAddressAsync(new Ec2.ReleaseAddressRequest { AllocationId = address.AllocationId }, cancellationToken), cancellationToken));
        return "gone";
    }

    private async Task<string> DeleteVpcAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        foreach (var subnet in await SubnetsAsync(null, cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteSubnetAsync(new Ec2.DeleteSubnetRequest { SubnetId = subnet.SubnetId }, cancellationToken), cancellationToken));
        foreach (var table in await RouteTablesAsync(null, cancellationToken))
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteRouteTableAsync(new Ec2.DeleteRouteTableRequest { RouteTableId = table.RouteTableId }, cancellationToken), cancellationToken));
        var gateways = (await Ec2Client.DescribeInternetGatewaysAsync(
            new Ec2.DescribeInternetGatewaysRequest { Filters = finder.Filters(EksNetworkPlan.InternetGateway) }, cancellationToken)).InternetGateways ?? [];
        foreach (var gateway in gateways)
        {
            foreach (var attachment in gateway.Attachments ?? [])
                await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DetachInternetGatewayAsync(
                    new Ec2.DetachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = attachment.VpcId }, cancellationToken), cancellationToken));
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteInternetGatewayAsync(
                new Ec2.DeleteInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId }, cancellationToken), cancellationToken));
        }

        await UntilAsync(async () =>
        {
            // A request whose answer was lost may have made a second one.
            if (await finder.OwnVpcAsync(cancellationToken) is not { } vpc)
                return "gone";
            await IsGoneAsync(WhenFreeAsync(progress, () => Ec2Client.DeleteVpcAsync(new Ec2.DeleteVpcRequest { VpcId = vpc }, cancellationToken), cancellationToken));
            return null;
        }, cancellationToken);
        return "gone";
    }

    private Task<string> VpcAsync(CancellationToken cancellationToken) => UntilAsync(() => finder.OwnVpcAsync(cancellationToken), cancellationToken);

    private async Task<List<Ec2.Subnet>> SubnetsAsync(string? part, CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeSubnetsAsync(new Ec2.DescribeSubnetsRequest { Filters = finder.Filters(part) }, cancellationToken)).Subnets ?? [];

    private async Task<List<Ec2.RouteTable>> RouteTablesAsync(string? part, CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeRouteTablesAsync(new Ec2.DescribeRouteTablesRequest { Filters = finder.Filters(part) }, cancellationToken)).RouteTables ?? [];

    private async Task<List<Ec2.NatGateway>> NatGatewaysAsync(CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeNatGatewaysAsync(new Ec2.DescribeNatGatewaysRequest { Filter = finder.Filters(EksNetworkPlan.NatGateway) }, cancellationToken)).NatGateways ?? [];

    private async Task<List<Ec2.Address>> AddressesAsync(CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeAddressesAsync(new Ec2.DescribeAddressesRequest { Filters = finder.Filters(EksNetworkPlan.NatGateway) }, cancellationToken)).Addresses ?? [];

    private List<Ec2.TagSpecification> Tagged(ResourceType type, string part) =>
    [
        new()
        {
            ResourceType = type,
            Tags = [new("Name", $"{finder.Owner.App}-{finder.Owner.Environment}"), .. EksTags.Of(finder.Owner, part: part).Select(tag => new Ec2.Tag(tag.Key, tag.Value))],
        },
    ];
}
