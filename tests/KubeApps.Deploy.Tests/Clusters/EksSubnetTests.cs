using Amazon.EC2;
using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>In a network that others keep are subnets for balancers, for machines and for databases: nodes get those that are for machines.</summary>
public sealed class EksSubnetTests(AwsStandIn aws)
{
    private static readonly Dictionary<string, string> Shared = new() { ["kubeapps.dev/network"] = "shared" };

    private readonly AwsClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // What stands in a subnet without a way out never joins; what stands in a public one needs an address of its own to get out.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_NobodyHasMarkedSubnets_TakesThoseThatLeadOutByMoreThanAnInternetGateway(bool isMainTable)
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);
        var network = account.PlantNetwork(Shared, isMarked: false);
        var forNodes = network.PrivateSubnets.Take(2).ToList();
        using (var access = await AwsAccess.OpenAsync(account.Settings, Cancellation))
        {
            var (main, other) = (await MainTableAsync(access, network), await NewTableAsync(access, network));
            await LeadOutAsync(access, network, isMainTable ? main : other);
            foreach (var subnet in isMainTable ? network.PrivateSubnets.Except(forNodes) : forNodes)
                await access.Ec2.AssociateRouteTableAsync(new AssociateRouteTableRequest { RouteTableId = other, SubnetId = subnet }, Cancellation);
        }

        var plan = await eks.PlanAsync(EksStandIn.Small with { Fargate = [new("jobs", [new FargateSelector("jobs", new Dictionary<string, string>())])] });
        await eks.ExecuteAsync(plan);

        AssertIn(account, forNodes);
        var told = plan.Steps.Where(step => step.Details.Any(detail => detail.EndsWith("which lead out, and not to an internet gateway", StringComparison.Ordinal))).ToList();
        Assert.Equal(3, told.Count);
        Assert.All(told, step => Assert.All(forNodes, subnet => Assert.Contains(subnet, step.Details[^1], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Create_SomeSubnetsAreMarked_TakesThoseAlone()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);
        var network = account.PlantNetwork(Shared, isMarked: false);
        var marked = network.PrivateSubnets.Skip(1).ToList();
        using (var access = await AwsAccess.OpenAsync(account.Settings, Cancellation))
        {
            await LeadOutAsync(access, network, await MainTableAsync(access, network));
            await access.Ec2.CreateTagsAsync(new CreateTagsRequest { Resources = marked, Tags = [new("kubernetes.io/role/internal-elb", "1")] }, Cancellation);
        }

        var plan = await eks.PlanAsync(EksStandIn.Small);
        await eks.ExecuteAsync(plan);

        AssertIn(account, marked);
        Assert.Contains(plan.Steps.Single(step => step.Id == "control-plane").Details, detail => detail.EndsWith("which carry kubernetes.io/role/internal-elb", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plan_NoSubnetIsForNodes_SaysWhichWereLookedAtAndWhatToTag()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);
        var network = account.PlantNetwork(Shared, isMarked: false);
        var before = account.Ledger.There.Count();

        var plan = await eks.PlanAsync(EksStandIn.Small);

        var finding = Assert.Single(plan.Findings, item => item.Severity == DiagnosticSeverity.Error);
        Assert.Equal("KUBEAPP8116", finding.Code);
        Assert.All(network.PublicSubnets, subnet => Assert.Matches($@"{subnet} \(us-east-1.\): leads to an internet gateway", finding.Cause));
        Assert.All(network.PrivateSubnets, subnet => Assert.Matches($@"{subnet} \(us-east-1.\): has no way out", finding.Cause));
        Assert.StartsWith("Tag those that nodes shall be in with kubernetes.io/role/internal-elb=1, in two of us-east-1a", finding.NextStep, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DiagnosticException>(() => eks.ExecuteAsync(plan));
        Assert.Equal(before, account.Ledger.There.Count());
    }

    // Whole networks are led out by a hub, by prefix lists or in halves; a way to other private networks alone, or to AWS's own storage, is none.
    [Theory]
    [InlineData("0.0.0.0/0", "nat-1", true)]
    [InlineData("0.0.0.0/0", "tgw-1", true)]
    [InlineData("128.0.0.0/1", "tgw-1", true)]
    [InlineData("pl-1", "tgw-1", true)]
    [InlineData("52.94.0.0/22", "eni-1", true)]
    [InlineData("10.0.0.0/8", "tgw-1", false)]
    [InlineData("172.20.0.0/16", "tgw-1", false)]
    [InlineData("192.168.0.0/16", "eni-1", false)]
    [InlineData("100.64.0.0/10", "tgw-1", false)]
    [InlineData("pl-1", "vpce-1", false)]
    [InlineData("52.94.0.0/22", "igw-1", false)]
    public void Of_RouteOfASubnet_LeadsOutWhereItDoesNotEndInOtherPrivateNetworks(string destination, string way, bool leadsOut)
    {
        var route = new Route
        {
            State = RouteState.Active,
            DestinationCidrBlock = destination.Contains('/', StringComparison.Ordinal) ? destination : null,
            DestinationPrefixListId = destination.StartsWith("pl-", StringComparison.Ordinal) ? destination : null,
            NatGatewayId = Of("nat-"),
            TransitGatewayId = Of("tgw-"),
            NetworkInterfaceId = Of("eni-"),
            GatewayId = Of("vpce-") ?? Of("igw-"),
        };
        RouteTable Table(params List<Route> routes) => new() { Associations = [new() { Main = true }], Routes = [new() { State = RouteState.Active, DestinationCidrBlock = "10.1.0.0/16", GatewayId = "local" }, .. routes] };
        var subnet = new Subnet { SubnetId = "subnet-1", AvailabilityZone = "us-east-1a" };

        Assert.Equal((leadsOut, false), (EksSubnet.Of(subnet, [Table(route)]).HasWayOut, EksSubnet.Of(subnet, [Table(route)]).IsPublic));
        route.State = RouteState.Blackhole;
        Assert.False(EksSubnet.Of(subnet, [Table(route)]).HasWayOut);

        string? Of(string kind) => way.StartsWith(kind, StringComparison.Ordinal) ? way : null;
    }

    private static void AssertIn(StandInAccount account, IReadOnlyList<string> subnets)
    {
        foreach (var made in ((string[])["eks:cluster", "eks:nodegroup", "eks:fargateprofile"]).SelectMany(account.Ledger.ThereOf))
            Assert.Equal(
                subnets.Order(StringComparer.Ordinal),
                (made.Content["subnets"] ?? made.Content["resourcesVpcConfig"]!["subnetIds"])!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal));
    }

    private static async Task<string> MainTableAsync(AwsAccess access, StandInNetwork network) => (await access.Ec2.DescribeRouteTablesAsync(
        new DescribeRouteTablesRequest { Filters = [new("vpc-id", [network.VpcId]), new("association.main", ["true"])] }, Cancellation)).RouteTables.Single().RouteTableId;

    private static async Task<string> NewTableAsync(AwsAccess access, StandInNetwork network) =>
        (await access.Ec2.CreateRouteTableAsync(new CreateRouteTableRequest { VpcId = network.VpcId }, Cancellation)).RouteTable.RouteTableId;

    private async Task LeadOutAsync(AwsAccess access, StandInNetwork network, string table)
    {
        var address = (await access.Ec2.AllocateAddressAsync(new AllocateAddressRequest { Domain = DomainType.Vpc }, Cancellation)).AllocationId;
        var gateway = (await access.Ec2.CreateNatGatewayAsync(
            new CreateNatGatewayRequest { SubnetId = network.PublicSubnets[0], AllocationId = address, ClientToken = "way" }, Cancellation)).NatGateway.NatGatewayId;
        _clock.Pass(TimeSpan.FromMinutes(5));
        await access.Ec2.CreateRouteAsync(new CreateRouteRequest { RouteTableId = table, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = gateway }, Cancellation);
    }
}
