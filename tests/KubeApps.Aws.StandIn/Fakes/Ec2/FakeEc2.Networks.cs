using System.Net;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

internal sealed partial class FakeEc2
{
    private void Networks()
    {
        OnDescribe("DescribeVpcs", Ec2Kind.Vpc, "Vpcs", "VpcIds");
        OnDescribe("DescribeSubnets", Ec2Kind.Subnet, "Subnets", "SubnetIds");
        OnDescribe("DescribeInternetGateways", Ec2Kind.InternetGateway, "InternetGateways", "InternetGatewayIds");
        On("CreateVpc", input => new JsonObject { ["Vpc"] = CreateVpc((string?)input["CidrBlock"] ?? throw new Refusal("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."), input["TagSpecifications"]).Content.DeepClone() });
        On("ModifyVpcAttribute", input =>
        {
            var vpc = Get(Ec2Kind.Vpc, input["VpcId"]);
            if (input["EnableDnsHostnames"] is not null && input["EnableDnsSupport"] is not null)
                throw new Refusal("InvalidParameterCombination", "Fields for multiple attribute types specified");
            foreach (var name in new[] { "EnableDnsHostnames", "EnableDnsSupport" })
            {
                if (input[name]?["Value"] is { } value)
                    vpc.Hidden[name] = (bool)value;
            }

            return Done();
        });
        On("DescribeVpcAttribute", input =>
        {
            var (vpc, attribute) = (Get(Ec2Kind.Vpc, input["VpcId"]), (string)input["Attribute"]!);
            var name = $"{char.ToUpperInvariant(attribute[0])}{attribute[1..]}";
            return new JsonObject { ["VpcId"] = vpc.Key, [name] = new JsonObject { ["Value"] = (bool?)vpc.Hidden[name] ?? (name == "EnableDnsSupport") } };
        });
        On("DeleteVpc", input =>
        {
            var vpc = Get(Ec2Kind.Vpc, input["VpcId"]);
            var holders = new[] { Ec2Kind.Subnet, Ec2Kind.NetworkInterface }.SelectMany(kind => InVpc(kind, vpc.Key))
                .Concat(InVpc(Ec2Kind.SecurityGroup, vpc.Key).Where(group => (string)group.Content["GroupName"]! != "default"))
                .Concat(InVpc(Ec2Kind.RouteTable, vpc.Key).Where(table => !IsMain(table)))
                .Concat(Of(Ec2Kind.InternetGateway).Where(gateway => AttachedTo(gateway) == vpc.Key));
            if (holders.Any())
                throw Depends($"The vpc '{vpc.Key}' has dependencies and cannot be deleted.");
            foreach (var own in InVpc(Ec2Kind.SecurityGroup, vpc.Key).Concat(InVpc(Ec2Kind.RouteTable, vpc.Key)).ToList())
                Ledger.Remove(own);
            Ledger.Remove(vpc);
            return Done();
        });
        On("CreateSubnet", input =>
        {
            var zone = (string?)input["AvailabilityZone"] ?? $"{Region}a";
            if (!Zones.Contains(zone))
                throw new Refusal("InvalidParameterValue", $"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {string.Join(", ", Zones)}.");
            return new JsonObject { ["Subnet"] = CreateSubnet(Get(Ec2Kind.Vpc, input["VpcId"]), (string)input["CidrBlock"]!, zone, input["TagSpecifications"]).Content.DeepClone() };
        });
        On("ModifySubnetAttribute", input =>
        {
            var subnet = Get(Ec2Kind.Subnet, input["SubnetId"]);
            if (input["MapPublicIpOnLaunch"]?["Value"] is { } value)
                subnet.Content["MapPublicIpOnLaunch"] = (bool)value;
            return Done();
        });
        On("DeleteSubnet", input =>
        {
            var subnet = Get(Ec2Kind.Subnet, input["SubnetId"]);
            if (Of(Ec2Kind.NetworkInterface).Any(item => (string?)item.Content["SubnetId"] == subnet.Key))
                throw Depends($"The subnet '{subnet.Key}' has dependencies and cannot be deleted.");
            foreach (var associations in Of(Ec2Kind.RouteTable).Select(table => table.Content["Associations"]!.AsArray()))
            {
                foreach (var association in associations.Where(item => (string?)item!["SubnetId"] == subnet.Key).ToList())
                    associations.Remove(association);
            }

            Ledger.Remove(subnet);
            return Done();
        });
        On("CreateInternetGateway", input => new JsonObject
        {
            ["InternetGateway"] = Add(Ec2Kind.InternetGateway, new JsonObject { ["Attachments"] = new JsonArray(), ["OwnerId"] = Account.Id }, input["TagSpecifications"]).Content.DeepClone(),
        });
        On("AttachInternetGateway", input =>
        {
            Attach(Get(Ec2Kind.InternetGateway, input["InternetGatewayId"]), Get(Ec2Kind.Vpc, input["VpcId"]));
            return Done();
        });
        On("DetachInternetGateway", input =>
        {
            var (gateway, vpc) = (Get(Ec2Kind.InternetGateway, input["InternetGatewayId"]), Get(Ec2Kind.Vpc, input["VpcId"]));
            if (AttachedTo(gateway) != vpc.Key)
                throw new Refusal("Gateway.NotAttached", $"resource {gateway.Key} is not attached to network {vpc.Key}");
            if (InVpc(Ec2Kind.NetworkInterface, vpc.Key).Any(item => item.Content["Association"] is not null))
                throw Depends($"Network {vpc.Key} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.");
            gateway.Content["Attachments"] = new JsonArray();
            return Done();
        });
        On("DeleteInternetGateway", input =>
        {
            var gateway = Get(Ec2Kind.InternetGateway, input["InternetGatewayId"]);
            if (AttachedTo(gateway) is not null)
                throw Depends($"The internetGateway '{gateway.Key}' has dependencies and cannot be deleted.");
            Ledger.Remove(gateway);
            return Done();
        });
    }

    internal Resource CreateVpc(string cidr, JsonNode? tags)
    {
        if (!IPNetwork.TryParse(cidr, out var network) || network.PrefixLength is < 16 or > 28)
            throw new Refusal("InvalidVpc.Range", $"The CIDR '{cidr}' is invalid.");
        if (Of(Ec2Kind.Vpc).Count() >= Quota("L-F678F1CE"))
            throw new Refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
        var vpc = Add(Ec2Kind.Vpc, new JsonObject { ["CidrBlock"] = cidr, ["DhcpOptionsId"] = "default", ["State"] = "available", ["OwnerId"] = Account.Id, ["InstanceTenancy"] = "default", ["IsDefault"] = false }, tags);
        AddTable(vpc, isMain: true, null);
        AddGroup(vpc.Key, "default", "default VPC security group", null);
        return vpc;
    }

    internal Resource CreateSubnet(Resource vpc, string cidr, string zone, JsonNode? tags)
    {
        var within = IPNetwork.Parse((string)vpc.Content["CidrBlock"]!);
        if (!IPNetwork.TryParse(cidr, out var network) || network.PrefixLength < within.PrefixLength || network.PrefixLength > 28 || !within.Contains(network.BaseAddress))
            throw new Refusal("InvalidSubnet.Range", $"The CIDR '{cidr}' is invalid.");
        if (InVpc(Ec2Kind.Subnet, vpc.Key).Select(other => IPNetwork.Parse((string)other.Content["CidrBlock"]!)).Any(other => other.Contains(network.BaseAddress) || network.Contains(other.BaseAddress)))
            throw new Refusal("InvalidSubnet.Conflict", $"The CIDR '{cidr}' conflicts with another subnet");
        return Add(Ec2Kind.Subnet, new JsonObject
        {
            ["AvailabilityZone"] = zone,
            ["AvailableIpAddressCount"] = (1 << (32 - network.PrefixLength)) - 5,
            ["CidrBlock"] = cidr,
            ["DefaultForAz"] = false,
            ["MapPublicIpOnLaunch"] = false,
            ["State"] = "available",
            ["VpcId"] = vpc.Key,
            ["OwnerId"] = Account.Id,
        }, tags);
    }

    internal void Attach(Resource gateway, Resource vpc)
    {
        if (AttachedTo(gateway) is { } other)
            throw new Refusal("Resource.AlreadyAssociated", $"resource {gateway.Key} is already attached to network {other}");
        if (Of(Ec2Kind.InternetGateway).Any(item => AttachedTo(item) == vpc.Key))
            throw new Refusal("InvalidParameterValue", $"Network {vpc.Key} already has an internet gateway attached");
        gateway.Content["Attachments"] = new JsonArray(new JsonObject { ["State"] = "attached", ["VpcId"] = vpc.Key });
    }

    internal IReadOnlyList<string> Zones => [$"{Region}a", $"{Region}b", $"{Region}c"];

    private static string? AttachedTo(Resource gateway) => (string?)gateway.Content["Attachments"]!.AsArray().FirstOrDefault()?["VpcId"];
}
