using Amazon.EC2;
using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Tests.GitHub;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>The official client and the stand-in understand one another, and what is needed cannot be deleted.</summary>
public sealed class Ec2StandInTests(AwsStandIn aws)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly HurriedClock _clock = new();

    [Fact]
    public async Task Network_MadeAndTakenApart_OnlyInTheRightOrder()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);
        var tags = new TagSpecification { ResourceType = ResourceType.Vpc, Tags = [new Tag("kubeapps.dev/app", "shop")] };
        var vpc = (await ec2.CreateVpcAsync(new CreateVpcRequest { CidrBlock = "10.1.0.0/16", TagSpecifications = [tags] }, Token)).Vpc;
        await ec2.ModifyVpcAttributeAsync(new ModifyVpcAttributeRequest { VpcId = vpc.VpcId, EnableDnsHostnames = true }, Token);
        var subnet = (await ec2.CreateSubnetAsync(new CreateSubnetRequest { VpcId = vpc.VpcId, CidrBlock = "10.1.0.0/20", AvailabilityZone = "eu-central-1a" }, Token)).Subnet;
        var gateway = (await ec2.CreateInternetGatewayAsync(new CreateInternetGatewayRequest(), Token)).InternetGateway;
        await ec2.AttachInternetGatewayAsync(new AttachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = vpc.VpcId }, Token);
        var address = await ec2.AllocateAddressAsync(new AllocateAddressRequest { Domain = DomainType.Vpc }, Token);
        var nat = (await ec2.CreateNatGatewayAsync(new CreateNatGatewayRequest { SubnetId = subnet.SubnetId, AllocationId = address.AllocationId }, Token)).NatGateway;
        var table = (await ec2.CreateRouteTableAsync(new CreateRouteTableRequest { VpcId = vpc.VpcId }, Token)).RouteTable;
        var link = await ec2.AssociateRouteTableAsync(new AssociateRouteTableRequest { RouteTableId = table.RouteTableId, SubnetId = subnet.SubnetId }, Token);
        await WaitAsync(TimeSpan.FromMinutes(3));
        await ec2.CreateRouteAsync(new CreateRouteRequest { RouteTableId = table.RouteTableId, DestinationCidrBlock = "0.0.0.0/0", NatGatewayId = nat.NatGatewayId }, Token);
        var found = await ec2.DescribeVpcsAsync(new DescribeVpcsRequest { Filters = [new Filter("tag:kubeapps.dev/app", ["shop"])] }, Token);
        var routes = await ec2.DescribeRouteTablesAsync(new DescribeRouteTablesRequest { Filters = [new Filter("association.subnet-id", [subnet.SubnetId])] }, Token);

        Assert.Equal(vpc.VpcId, Assert.Single(found.Vpcs).VpcId);
        Assert.Equal(nat.NatGatewayId, Assert.Single(routes.RouteTables).Routes[1].NatGatewayId);
        await RefusedAsync("DependencyViolation", () => ec2.DeleteVpcAsync(new DeleteVpcRequest { VpcId = vpc.VpcId }, Token));
        await RefusedAsync("DependencyViolation", () => ec2.DeleteSubnetAsync(new DeleteSubnetRequest { SubnetId = subnet.SubnetId }, Token));
        await RefusedAsync("DependencyViolation", () => ec2.DetachInternetGatewayAsync(new DetachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = vpc.VpcId }, Token));
        await RefusedAsync("InvalidIPAddress.InUse", () => ec2.ReleaseAddressAsync(new ReleaseAddressRequest { AllocationId = address.AllocationId }, Token));
        await ec2.DeleteNatGatewayAsync(new DeleteNatGatewayRequest { NatGatewayId = nat.NatGatewayId }, Token);
        await WaitAsync(TimeSpan.FromMinutes(3));
        await ec2.ReleaseAddressAsync(new ReleaseAddressRequest { AllocationId = address.AllocationId }, Token);
        await ec2.DetachInternetGatewayAsync(new DetachInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId, VpcId = vpc.VpcId }, Token);
        await ec2.DeleteInternetGatewayAsync(new DeleteInternetGatewayRequest { InternetGatewayId = gateway.InternetGatewayId }, Token);
        await RefusedAsync("DependencyViolation", () => ec2.DeleteRouteTableAsync(new DeleteRouteTableRequest { RouteTableId = table.RouteTableId }, Token));
        await ec2.DisassociateRouteTableAsync(new DisassociateRouteTableRequest { AssociationId = link.AssociationId }, Token);
        await ec2.DeleteRouteTableAsync(new DeleteRouteTableRequest { RouteTableId = table.RouteTableId }, Token);
        await ec2.DeleteSubnetAsync(new DeleteSubnetRequest { SubnetId = subnet.SubnetId }, Token);
        await ec2.DeleteVpcAsync(new DeleteVpcRequest { VpcId = vpc.VpcId }, Token);
        await WaitAsync(TimeSpan.FromHours(1));

        Assert.Empty(account.Ledger.There);
    }

    [Fact]
    public async Task SecurityGroup_ThatAnotherNames_IsHeld()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);
        var vpc = account.PlantNetwork().VpcId;
        var first = await ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { VpcId = vpc, GroupName = "first", Description = "one" }, Token);
        var second = await ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { VpcId = vpc, GroupName = "second", Description = "two" }, Token);
        var rule = new IpPermission { IpProtocol = "tcp", FromPort = 443, ToPort = 443, UserIdGroupPairs = [new UserIdGroupPair { GroupId = first.GroupId }] };
        await ec2.AuthorizeSecurityGroupIngressAsync(new AuthorizeSecurityGroupIngressRequest { GroupId = second.GroupId, IpPermissions = [rule] }, Token);

        await RefusedAsync("InvalidPermission.Duplicate", () => ec2.AuthorizeSecurityGroupIngressAsync(new AuthorizeSecurityGroupIngressRequest { GroupId = second.GroupId, IpPermissions = [rule] }, Token));
        await RefusedAsync("InvalidGroup.Duplicate", () => ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { VpcId = vpc, GroupName = "first", Description = "one" }, Token));
        await RefusedAsync("DependencyViolation", () => ec2.DeleteSecurityGroupAsync(new DeleteSecurityGroupRequest { GroupId = first.GroupId }, Token));
        await ec2.RevokeSecurityGroupIngressAsync(new RevokeSecurityGroupIngressRequest { GroupId = second.GroupId, IpPermissions = [rule] }, Token);
        await ec2.DeleteSecurityGroupAsync(new DeleteSecurityGroupRequest { GroupId = first.GroupId }, Token);
        await RefusedAsync("InvalidGroup.NotFound", () => ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupIds = [first.GroupId] }, Token));
    }

    [Fact]
    public async Task LaunchTemplate_WithVersions_SaysWhatTheyHold()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);
        var data = new RequestLaunchTemplateData { MetadataOptions = new LaunchTemplateInstanceMetadataOptionsRequest { HttpTokens = LaunchTemplateHttpTokensState.Required, HttpPutResponseHopLimit = 1 } };
        var template = (await ec2.CreateLaunchTemplateAsync(new CreateLaunchTemplateRequest { LaunchTemplateName = "web", LaunchTemplateData = data }, Token)).LaunchTemplate;
        await ec2.CreateLaunchTemplateVersionAsync(new CreateLaunchTemplateVersionRequest { LaunchTemplateId = template.LaunchTemplateId, LaunchTemplateData = data }, Token);

        var versions = await ec2.DescribeLaunchTemplateVersionsAsync(new DescribeLaunchTemplateVersionsRequest { LaunchTemplateId = template.LaunchTemplateId, Versions = ["$Latest"] }, Token);

        Assert.Equal((2L, 1), (versions.LaunchTemplateVersions.Single().VersionNumber, versions.LaunchTemplateVersions.Single().LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit));
        await RefusedAsync("InvalidLaunchTemplateName.AlreadyExistsException", () => ec2.CreateLaunchTemplateAsync(new CreateLaunchTemplateRequest { LaunchTemplateName = "web", LaunchTemplateData = data }, Token));
        await RefusedAsync("InvalidLaunchTemplateName.NotFoundException", () => ec2.DescribeLaunchTemplatesAsync(new DescribeLaunchTemplatesRequest { LaunchTemplateNames = ["other"] }, Token));
    }

    [Fact]
    public async Task Quota_UsedUp_IsRefused()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);
        account.Quotas["L-F678F1CE"] = 1;
        account.PlantNetwork();

        await RefusedAsync("VpcLimitExceeded", () => ec2.CreateVpcAsync(new CreateVpcRequest { CidrBlock = "10.1.0.0/16" }, Token));
    }

    [Fact]
    public async Task Filter_ThatIsUnknown_IsRefused()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);
        account.PlantNetwork();

        await RefusedAsync("InvalidParameterValue", () => ec2.DescribeVpcsAsync(new DescribeVpcsRequest { Filters = [new Filter("colour", ["red"])] }, Token));
    }

    [Fact]
    public async Task InstanceTypes_AndZones_AreDescribed()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var ec2 = Client(account);

        var types = await ec2.DescribeInstanceTypesAsync(new DescribeInstanceTypesRequest { InstanceTypes = ["m7g.xlarge"] }, Token);
        var zones = await ec2.DescribeAvailabilityZonesAsync(new DescribeAvailabilityZonesRequest(), Token);

        Assert.Equal((4, "arm64"), (types.InstanceTypes[0].VCpuInfo.DefaultVCpus, types.InstanceTypes[0].ProcessorInfo.SupportedArchitectures[0]));
        Assert.Equal(["eu-central-1a", "eu-central-1b", "eu-central-1c"], zones.AvailabilityZones.Select(zone => zone.ZoneName));
        await RefusedAsync("InvalidInstanceType", () => ec2.DescribeInstanceTypesAsync(new DescribeInstanceTypesRequest { InstanceTypes = ["m99.huge"] }, Token));
    }

    private static AmazonEC2Client Client(StandInAccount account) => new(
        account.User.AccessKey, account.User.SecretKey, new AmazonEC2Config { ServiceURL = account.Endpoint.ToString(), AuthenticationRegion = account.Region, MaxErrorRetry = 0 });

    private static async Task RefusedAsync(string code, Func<Task> ask) => Assert.Equal(code, (await Assert.ThrowsAsync<AmazonEC2Exception>(ask)).ErrorCode);

    private Task WaitAsync(TimeSpan time) => Task.Delay(time, _clock, Token);
}
