using Amazon.EC2;
using KubeApps.Deploy.Aws;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// The owner's own network. Its parts carry no cluster's tag: they serve all of the owner's.
internal sealed partial class EksWorker
{
    private IAmazonEC2 Ec2Client => _access.Ec2;

    // Kept in mind while this run goes on: what is in it yet, others may not see.
    private string? _vpc;

    private Task<string> EnsureVpcAsync(StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var id = await OnlyAsync(
            () => finder.OwnVpcsAsync(cancellationToken),
            async () => (await Ec2Client.CreateVpcAsync(
                new Ec2.CreateVpcRequest { CidrBlock = EksNetworkPlan.Range, TagSpecifications = Tagged(ResourceType.Vpc, EksNetworkPlan.Vpc, new Ec2.Tag(EksTags.MadeAt, Api.KubeTime.Write(clock.GetUtcNow()))) }, cancellationToken)).Vpc.VpcId,
            vpc => Ec2Client.DeleteVpcAsync(new Ec2.DeleteVpcRequest { VpcId = vpc }, cancellationToken), cancellationToken);
        // One at a time is what AWS takes.
        foreach (var attribute in await finder.MissingAttributesAsync(id, cancellationToken))
            await Ec2Client.ModifyVpcAttributeAsync(
                attribute == VpcAttributeName.EnableDnsSupport
                    ? new Ec2.ModifyVpcAttributeRequest { VpcId = id, EnableDnsSupport = true }
                    : new Ec2.ModifyVpcAttributeRequest { VpcId = id, EnableDnsHostnames = true }, cancellationToken);
        return _vpc = id;
    }, cancellationToken);

    private Task<string> EnsureInternetGatewayAsync(StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var vpc = await VpcAsync(cancellationToken);
        var gateways = await InternetGatewaysAsync(cancellationToken);
        if (Attached(gateways) is null)
        {
            var free = gateways.FirstOrDefault(gateway => gateway.Attachments is not [_, ..])?.InternetGatewayId ?? (await Ec2Client.CreateInternetGatewayAsync(
                new Ec2.CreateInternetGatewayRequest { TagSpecifications = Tagged(ResourceType.InternetGateway, EksNetworkPlan.InternetGateway) }, cancellationToken)).InternetGateway.InternetGatewayId;
            // A network has one: where another run's is attached already, this one is too many.
            await HasOneAsync(WhenFreeAsync(progress, () => Ec2Client.AttachInternetGatewayAsync(
                new Ec2.AttachInternetGatewayRequest { InternetGatewayId = free, VpcId = vpc }, cancellationToken), cancellationToken));
            // Who looks for it next shall find it.
            gateways = await UntilAsync(async () => await InternetGatewaysAsync(cancellationToken) is var now && Attached(now) is not null ? now : null, cancellationToken);
            if (Attached(gateways) != free)
                await DeleteAsync(free);
        }

        foreach (var gateway in gateways.Where(gateway => gateway.Attachments is not [_, ..]))
            await DeleteAsync(gateway.InternetGatewayId);
        return Attached(gateways)!;

        Task DeleteAsync(string id) => IsGoneByNowAsync(() => Ec2Client.DeleteInternetGatewayAsync(new Ec2.DeleteInternetGatewayRequest { InternetGatewayId = id }, cancellationToken));

        string? Attached(List<Ec2.InternetGateway> all) => all.Find(gateway => gateway.Attachments?.Any(attachment => attachment.VpcId == vpc) == true)?.InternetGatewayId;
    }, cancellationToken);

    private static async Task HasOneAsync(Task attachment)
    {
        try
        {
            await attachment;
        }
        catch (Exception refusal) when (AwsRefusal.KindOf(refusal) == AwsFailure.Exists || refusal.Message.Contains("already has an internet gateway", StringComparison.Ordinal))
        {
            // Its own way out, or another one.
        }
    }

    private Task<string> EnsureSubnetAsync(EksWork.EnsureSubnet subnet, StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var (part, vpc) = (EksNetworkPlan.Subnet(subnet.Zone, subnet.IsPublic), await VpcAsync(cancellationToken));
        return await MadeAsync(progress, async () => (await SubnetsAsync(part, vpc, cancellationToken)).FirstOrDefault()?.SubnetId, () =>
        {
            var tags = Tagged(ResourceType.Subnet, part);
            // By these the controllers of balancers find them.
            tags[0].Tags.Add(new Ec2.Tag(subnet.IsPublic ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb", "1"));
            return Ec2Client.CreateSubnetAsync(
                new Ec2.CreateSubnetRequest { VpcId = vpc, AvailabilityZone = subnet.Zone, CidrBlock = subnet.Range, TagSpecifications = tags }, cancellationToken);
        }, cancellationToken);
    }, cancellationToken);

    private Task<string> EnsureNatGatewayAsync(string zone, StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var vpc = await VpcAsync(cancellationToken);
        var subnet = await UntilAsync(async () => (await SubnetsAsync(EksNetworkPlan.Subnet(zone, isPublic: true), vpc, cancellationToken)).FirstOrDefault()?.SubnetId, cancellationToken);
        var there = await NatGatewaysAsync(vpc, cancellationToken);
        var id = EksFinder.Live(there).FirstOrDefault()?.NatGatewayId;
        if (id is null)
        {
            // What a gateway that failed holds is of no use to another.
            var lost = there.Where(item => item.State == NatGatewayState.Failed).SelectMany(item => item.NatGatewayAddresses ?? []).Select(item => item.AllocationId).ToList();
            var address = await OnlyAsync(
                async () => EksNetwork.KeptFirst((await AddressesAsync(cancellationToken)).Where(item => !lost.Contains(item.AllocationId)), item => item.AllocationId, item => item.AssociationId is not null),
                async () => (await Ec2Client.AllocateAddressAsync(
                    new Ec2.AllocateAddressRequest { Domain = DomainType.Vpc, TagSpecifications = Tagged(ResourceType.ElasticIp, EksNetworkPlan.NatGateway) }, cancellationToken)).AllocationId,
                another => ReleaseAsync(another, cancellationToken), cancellationToken);
            // Other runs keep the same address, and with it ask for the same gateway.
            id = EksFinder.Live(await NatGatewaysAsync(vpc, cancellationToken)).FirstOrDefault()?.NatGatewayId ?? (await WhenFreeAsync(progress, () => Ec2Client.CreateNatGatewayAsync(
                new Ec2.CreateNatGatewayRequest
                {
                    SubnetId = subnet,
                    AllocationId = address,
                    // An answer that is lost makes no second one; after one that failed there has to be another.
                    ClientToken = EksTags.Hash($"{address}/{subnet}/{there.Count}"),
                    TagSpecifications = Tagged(ResourceType.Natgateway, EksNetworkPlan.NatGateway),
                }, cancellationToken), cancellationToken)).NatGateway.NatGatewayId;
        }

        var live = await UntilAsync(async () =>
        {
            var all = await NatGatewaysAsync(vpc, cancellationToken);
            var (now, own) = (EksFinder.Live(all), all.Find(item => item.NatGatewayId == id));
            progress.Say((now.FirstOrDefault() ?? own)?.State?.Value ?? "not listed yet");
            if (now.Count == 0 && own?.State == NatGatewayState.Failed)
                throw Failed($"The NAT gateway {id}", [(own.FailureCode, own.FailureMessage)]);
            return now is [{ State: var state }, ..] && state == NatGatewayState.Available ? now : null;
        }, cancellationToken);
        await DeleteNatGatewaysAsync(progress, live[1..], cancellationToken);
        // What other runs had allocated for one of their own.
        foreach (var free in (await AddressesAsync(cancellationToken)).Where(item => item.AssociationId is null))
            await IsGoneByNowAsync(() => ReleaseAsync(free.AllocationId, cancellationToken));
        return live[0].NatGatewayId;
    }, cancellationToken);

    private Task<string> EnsureRoutesAsync(bool isPublic, StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var (part, vpc) = (isPublic ? EksNetworkPlan.PublicRoutes : EksNetworkPlan.PrivateRoutes, await VpcAsync(cancellationToken));
        var id = await OnlyAsync(
            async () => EksNetwork.KeptFirst(await RouteTablesAsync(part, vpc, cancellationToken), item => item.RouteTableId, item => item.Associations is [_, ..]),
            async () => (await Ec2Client.CreateRouteTableAsync(new Ec2.CreateRouteTableRequest { VpcId = vpc, TagSpecifications = Tagged(ResourceType.RouteTable, part) }, cancellationToken)).RouteTable.RouteTableId,
            table => Ec2Client.DeleteRouteTableAsync(new Ec2.DeleteRouteTableRequest { RouteTableId = table }, cancellationToken), cancellationToken);
        var table = await UntilAsync(async () => (await RouteTablesAsync(part, vpc, cancellationToken)).Find(item => item.RouteTableId == id), cancellationToken);
        if (table.Routes?.Any(route => route.DestinationCidrBlock == "0.0.0.0/0" && route.State != RouteState.Blackhole) != true)
        {
            if (table.Routes?.Any(route => route.DestinationCidrBlock == "0.0.0.0/0") == true)
                await Ec2Client.DeleteRouteAsync(new Ec2.DeleteRouteRequest { RouteTableId = id, DestinationCidrBlock = "0.0.0.0/0" }, cancellationToken);
            var route = new Ec2.CreateRouteRequest { RouteTableId = id, DestinationCidrBlock = "0.0.0.0/0" };
            if (isPublic)
                route.GatewayId = await EnsureInternetGatewayAsync(progress, cancellationToken);
            else
                route.NatGatewayId = await UntilAsync(async () => EksFinder.Live(await NatGatewaysAsync(vpc, cancellationToken)).FirstOrDefault(item => item.State == NatGatewayState.Available)?.NatGatewayId, cancellationToken);
            await WhenFreeAsync(progress, () => Ec2Client.CreateRouteAsync(route, cancellationToken), cancellationToken);
        }

        var subnets = (await SubnetsAsync(null, vpc, cancellationToken)).Where(subnet =>
            EksFinder.Value(subnet.Tags, EksTags.Part)?.StartsWith(isPublic ? "network/subnet/public/" : "network/subnet/private/", StringComparison.Ordinal) == true);
        foreach (var subnet in subnets.Where(subnet => table.Associations?.Any(association => association.SubnetId == subnet.SubnetId) != true))
            await WhenFreeAsync(progress, () => Ec2Client.AssociateRouteTableAsync(
                new Ec2.AssociateRouteTableRequest { RouteTableId = id, SubnetId = subnet.SubnetId }, cancellationToken), cancellationToken);
        return id;
    }, cancellationToken);

    private Task<string> VpcAsync(CancellationToken cancellationToken) =>
        _vpc is { } known ? Task.FromResult(known) : UntilAsync(async () => (await finder.OwnVpcsAsync(cancellationToken)).FirstOrDefault(), cancellationToken);

    private async Task<List<Ec2.InternetGateway>> InternetGatewaysAsync(CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeInternetGatewaysAsync(new Ec2.DescribeInternetGatewaysRequest { Filters = finder.Filters(EksNetworkPlan.InternetGateway) }, cancellationToken)).InternetGateways ?? [];

    private async Task<List<Ec2.Subnet>> SubnetsAsync(string? part, string? vpc, CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeSubnetsAsync(new Ec2.DescribeSubnetsRequest { Filters = finder.Filters(part, vpc) }, cancellationToken)).Subnets ?? [];

    private async Task<List<Ec2.RouteTable>> RouteTablesAsync(string? part, string? vpc, CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeRouteTablesAsync(new Ec2.DescribeRouteTablesRequest { Filters = finder.Filters(part, vpc) }, cancellationToken)).RouteTables ?? [];

    private async Task<List<Ec2.NatGateway>> NatGatewaysAsync(string? vpc, CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeNatGatewaysAsync(new Ec2.DescribeNatGatewaysRequest { Filter = finder.Filters(EksNetworkPlan.NatGateway, vpc) }, cancellationToken)).NatGateways ?? [];

    private async Task<List<Ec2.Address>> AddressesAsync(CancellationToken cancellationToken) =>
        (await Ec2Client.DescribeAddressesAsync(new Ec2.DescribeAddressesRequest { Filters = finder.Filters(EksNetworkPlan.NatGateway) }, cancellationToken)).Addresses ?? [];

    private Task<Ec2.ReleaseAddressResponse> ReleaseAsync(string address, CancellationToken cancellationToken) => Ec2Client.ReleaseAddressAsync(new Ec2.ReleaseAddressRequest { AllocationId = address }, cancellationToken);

    private List<Ec2.TagSpecification> Tagged(ResourceType type, string part, params IEnumerable<Ec2.Tag> more) =>
    [
        new()
        {
            ResourceType = type,
            Tags = [new("Name", $"{finder.Owner.App}-{finder.Owner.Environment}"), .. EksTags.Of(finder.Owner, part: part).Select(tag => new Ec2.Tag(tag.Key, tag.Value)), .. more],
        },
    ];
}
