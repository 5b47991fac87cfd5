using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

/// <summary>A kind of what EC2 has, as far as it is looked for in the same way.</summary>
/// <param name="Name">As tags call it: <c>vpc</c>.</param>
/// <param name="Prefix">What its ids begin with.</param>
/// <param name="Id">The member with its id.</param>
/// <param name="NotFound">The code for one that is not there.</param>
/// <param name="Filters">What it can be filtered by beside tags: the names, and the members they mean.</param>
internal sealed record Ec2Kind(string Name, string Prefix, string Id, string NotFound, params (string Filter, string Path)[] Filters)
{
    public static readonly Ec2Kind Vpc = new("vpc", "vpc", "VpcId", "InvalidVpcID.NotFound", ("cidr", "CidrBlock"), ("state", "State"), ("is-default", "IsDefault"), ("isDefault", "IsDefault"), ("owner-id", "OwnerId"));

    public static readonly Ec2Kind Subnet = new(
        "subnet", "subnet", "SubnetId", "InvalidSubnetID.NotFound", ("vpc-id", "VpcId"), ("availability-zone", "AvailabilityZone"), ("state", "State"), ("cidr-block", "CidrBlock"), ("map-public-ip-on-launch", "MapPublicIpOnLaunch"));

    public static readonly Ec2Kind InternetGateway = new("internet-gateway", "igw", "InternetGatewayId", "InvalidInternetGatewayID.NotFound", ("attachment.vpc-id", "Attachments.VpcId"), ("attachment.state", "Attachments.State"));

    public static readonly Ec2Kind NatGateway = new("natgateway", "nat", "NatGatewayId", "NatGatewayNotFound", ("vpc-id", "VpcId"), ("subnet-id", "SubnetId"), ("state", "State"));

    public static readonly Ec2Kind RouteTable = new(
        "route-table", "rtb", "RouteTableId", "InvalidRouteTableID.NotFound", ("vpc-id", "VpcId"), ("association.main", "Associations.Main"), ("association.subnet-id", "Associations.SubnetId"),
        ("association.route-table-association-id", "Associations.RouteTableAssociationId"), ("route.destination-cidr-block", "Routes.DestinationCidrBlock"), ("route.nat-gateway-id", "Routes.NatGatewayId"),
        ("route.gateway-id", "Routes.GatewayId"));

    public static readonly Ec2Kind Address = new(
        "elastic-ip", "eipalloc", "AllocationId", "InvalidAllocationID.NotFound", ("allocation-id", "AllocationId"), ("public-ip", "PublicIp"), ("association-id", "AssociationId"), ("domain", "Domain"), ("network-interface-id", "NetworkInterfaceId"));

    public static readonly Ec2Kind SecurityGroup = new("security-group", "sg", "GroupId", "InvalidGroup.NotFound", ("vpc-id", "VpcId"), ("group-id", "GroupId"), ("group-name", "GroupName"), ("ip-permission.group-id", "IpPermissions.UserIdGroupPairs.GroupId"));

    public static readonly Ec2Kind NetworkInterface = new(
        "network-interface", "eni", "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound", ("vpc-id", "VpcId"), ("subnet-id", "SubnetId"), ("status", "Status"), ("group-id", "Groups.GroupId"), ("description", "Description"),
        ("attachment.instance-id", "Attachment.InstanceId"), ("requester-id", "RequesterId"), ("interface-type", "InterfaceType"), ("attachment.status", "Attachment.Status"));

    public static readonly Ec2Kind Volume = new("volume", "vol", "VolumeId", "InvalidVolume.NotFound", ("status", "State"), ("availability-zone", "AvailabilityZone"), ("attachment.instance-id", "Attachments.InstanceId"));

    public static readonly Ec2Kind LaunchTemplate = new("launch-template", "lt", "LaunchTemplateId", "InvalidLaunchTemplateId.NotFound", ("launch-template-name", "LaunchTemplateName"));

    public static readonly Ec2Kind Instance = new("instance", "i", "InstanceId", "InvalidInstanceID.NotFound", ("vpc-id", "VpcId"), ("subnet-id", "SubnetId"), ("instance-state-name", "State.Name"), ("instance-type", "InstanceType"));

    public static IReadOnlyList<Ec2Kind> All { get; } = [Vpc, Subnet, InternetGateway, NatGateway, RouteTable, Address, SecurityGroup, NetworkInterface, Volume, LaunchTemplate, Instance];

    public string Kind => $"ec2:{Name}";

    /// <summary>Whether something is what all filters ask for: one of the values of each.</summary>
    public bool Fits(Resource resource, JsonNode? filters) => (filters as JsonArray ?? []).All(filter =>
    {
        var (name, values) = ((string)filter!["Name"]!, (filter["Values"] as JsonArray ?? []).Select(value => (string)value!).ToList());
        if (name.StartsWith("tag:", StringComparison.Ordinal))
            return resource.Tags.TryGetValue(name[4..], out var tag) && Any(values, tag);
        if (name == "tag-key")
            return resource.Tags.Keys.Any(key => Any(values, key));
        var path = name == Id || name == $"{Name}-id" || (name == "nat-gateway-id" && this == NatGateway) ? Id : Filters.FirstOrDefault(item => item.Filter == name).Path;
        return path is null
            ? throw new Refusal("InvalidParameterValue", $"The filter '{name}' is invalid")
            : At(resource.Content, path.Split('.')).Any(value => Any(values, value));
    });

    private static bool Any(List<string> patterns, string text) => patterns.Exists(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), text, ignoreCase: false));

    private static IEnumerable<string> At(JsonNode? node, string[] path) => (node, path) switch
    {
        (null, _) => [],
        (JsonArray items, _) => items.SelectMany(item => At(item, path)),
        (JsonObject members, [var first, .. var rest]) => At(members[first], rest),
        (JsonValue value, []) => [Wire.Scalars.Text(value)],
        _ => [],
    };
}
