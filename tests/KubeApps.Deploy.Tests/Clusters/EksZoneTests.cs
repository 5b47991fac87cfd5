using Amazon.EC2;
using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Not every zone has EKS, and some of what an account may have is counted by the zone.</summary>
public sealed class EksZoneTests(AwsStandIn aws)
{
    private static readonly Dictionary<string, string> Shared = new() { ["kubeapps.dev/network"] = "shared" };

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Create_SharedNetworkReachesIntoZonesWithoutEks_StaysInTheOthers()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        var network = account.PlantNetwork(Shared);
        account.PlantSubnet(network.VpcId, "10.0.200.0/24", "us-east-1-bos-1a");
        account.ZoneIds["us-east-1c"] = "use1-az3";
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        foreach (var kind in (string[])["eks:cluster", "eks:nodegroup"])
            Assert.Equal(["us-east-1a", "us-east-1b"], ZonesOf(account, account.Ledger.ThereOf(kind).Single()).Distinct());
    }

    [Fact]
    public async Task Plan_SharedNetworkIsInOneZoneWithEks_SaysWhichSubnetsAreOfNoUse()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        var network = account.PlantNetwork(Shared);
        var local = account.PlantSubnet(network.VpcId, "10.0.200.0/24", "us-east-1-bos-1a");
        (account.ZoneIds["us-east-1b"], account.ZoneIds["us-east-1c"]) = ("use1-az3", "usw1-az2");
        using var eks = new EksStandIn(account, _clock);

        var plan = await eks.PlanAsync(EksStandIn.Small);

        var finding = Assert.Single(plan.Findings, item => item.Severity == DiagnosticSeverity.Error);
        Assert.Equal("KUBEAPP8116", finding.Code);
        Assert.Contains("one zone (us-east-1a)", finding.Cause, StringComparison.Ordinal);
        Assert.Contains($"{local} (us-east-1-bos-1a)", finding.Cause, StringComparison.Ordinal);
        Assert.StartsWith("Give it subnets in two of us-east-1a", finding.NextStep, StringComparison.Ordinal);
    }

    // Which of them is meant, nobody can say: the wrong one is a cluster that cannot be moved.
    [Fact]
    public async Task Plan_SeveralNetworksAreShared_NamesThemUnlessOneIsNamed()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        string[] networks = [account.PlantNetwork(Shared).VpcId, account.PlantNetwork(Shared).VpcId];
        using var eks = new EksStandIn(account, _clock);

        var finding = Assert.Single((await eks.PlanAsync(EksStandIn.Small)).Findings, item => item.Severity == DiagnosticSeverity.Error);
        Assert.Equal("KUBEAPP8116", finding.Code);
        Assert.All(networks, network => Assert.Contains(network, finding.Cause, StringComparison.Ordinal));

        var named = EksStandIn.Small with { Network = networks[1] };
        Assert.DoesNotContain((await eks.PlanAsync(named)).Findings, item => item.Severity == DiagnosticSeverity.Error);
        await eks.ExecuteAsync(await eks.PlanAsync(named));
        // The cluster itself says it from now on.
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
    }

    [Fact]
    public async Task Create_ZoneHasNoRoomNow_TakesThoseThatAwsNames()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        account.FullZones.Add("us-east-1b");
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.Equal(["us-east-1a", "us-east-1c"], ZonesOf(account, account.Ledger.ThereOf("eks:cluster").Single()));
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp, EksCase.Text(await eks.PlanAsync(EksStandIn.Small)));
    }

    [Fact]
    public async Task Create_AllZonesButOneHaveNoRoomNow_SaysWhichDo()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        account.FullZones.UnionWith(["us-east-1a", "us-east-1b"]);
        using var eks = new EksStandIn(account, _clock);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));

        var diagnostic = Assert.Single(failure.Diagnostics);
        Assert.Equal("KUBEAPP8116", diagnostic.Code);
        Assert.Contains("choose from these availability zones: us-east-1c", diagnostic.Cause, StringComparison.Ordinal);
        Assert.Contains("in two of the zones that AWS names", diagnostic.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Plan_NatGatewaysOfOneZoneAreUsedUp_MattersInThatZoneAlone(int zone, bool isRefused)
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        (account.Quotas["L-FE5A380F"], account.Quotas["L-0263D0A3"]) = (2, 9);
        var others = account.PlantNetwork();
        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
            foreach (var name in (string[])["one", "two"])
            {
                var address = (await access.Ec2.AllocateAddressAsync(new AllocateAddressRequest { Domain = DomainType.Vpc }, TestContext.Current.CancellationToken)).AllocationId;
                await access.Ec2.CreateNatGatewayAsync(new CreateNatGatewayRequest { SubnetId = others.PublicSubnets[zone], AllocationId = address, ClientToken = name }, TestContext.Current.CancellationToken);
            }

        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(EksStandIn.Small);

        Assert.Equal(isRefused, plan.Findings.Any(finding => finding.Code == "KUBEAPP8111" && finding.Cause.Contains("1 NAT gateways in a zone are needed and 2 are in use", StringComparison.Ordinal)));
    }

    // The last address that the account may have was allocated for this by a run that was cut.
    [Fact]
    public async Task Plan_AddressIsThereAlready_NeedsNoOther()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        account.Quotas["L-0263D0A3"] = 1;
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(EksStandIn.Small);
        await eks.ExecuteAsync(plan with { Steps = [.. plan.Steps.TakeWhile(step => step.Id != "network/nat-gateway")] });
        account.Next("ec2:CreateNatGateway", Fault.Refused("InternalError", "An internal error has occurred", 400));
        await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));
        Assert.Single(account.Ledger.ThereOf("ec2:elastic-ip"));

        plan = await eks.PlanAsync(EksStandIn.Small);

        Assert.DoesNotContain(plan.Findings, finding => finding.Code == "KUBEAPP8111");
        await eks.ExecuteAsync(plan);
        Assert.Single(account.Ledger.EverOf("ec2:elastic-ip"));
    }

    private static IEnumerable<string> ZonesOf(StandInAccount account, Resource made)
    {
        var ids = (made.Content["subnets"] ?? made.Content["resourcesVpcConfig"]!["subnetIds"])!.AsArray().Select(id => (string)id!).ToHashSet();
        return account.Ledger.ThereOf("ec2:subnet").Where(subnet => ids.Contains(subnet.Key)).Select(subnet => (string)subnet.Content["AvailabilityZone"]!).Order();
    }
}
