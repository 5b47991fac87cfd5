using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

internal sealed partial class FakeEc2
{
    private int _addresses;

    private void Routes()
    {
        OnDescribe("DescribeRouteTables", Ec2Kind.RouteTable, "RouteTables", "RouteTableIds");
        OnDescribe("DescribeNatGateways", Ec2Kind.NatGateway, "NatGateways", "NatGatewayIds", "Filter");
        OnDescribe("DescribeAddresses", Ec2Kind.Address, "Addresses", "AllocationIds");
        On("CreateRouteTable", input => new JsonObject { ["RouteTable"] = AddTable(Get(Ec2Kind.Vpc, input["VpcId"]), isMain: false, input["TagSpecifications"]).Content.DeepClone() });
        On("DeleteRouteTable", input =>
        {
            var table = Get(Ec2Kind.RouteTable, input["RouteTableId"]);
            if (table.Content["Associations"]!.AsArray().Count > 0)
                throw Depends($"The routeTable '{table.Key}' has dependencies and cannot be deleted.");
            Ledger.Remove(table);
            return Done();
        });
        On("AssociateRouteTable", input => Associate(Get(Ec2Kind.RouteTable, input["RouteTableId"]), Get(Ec2Kind.Subnet, input["SubnetId"])));
        On("DisassociateRouteTable", input =>
        {
            var id = (string)input["AssociationId"]!;
            var associations = Of(Ec2Kind.RouteTable).Select(table => table.Content["Associations"]!.AsArray()).FirstOrDefault(items => items.Any(item => (string)item!["RouteTableAssociationId"]! == id))
                ?? throw new Refusal("InvalidAssociationID.NotFound", $"The association ID '{id}' does not exist");
            associations.Remove(associations.First(item => (string)item!["RouteTableAssociationId"]! == id));
            return Done();
        });
        On("CreateRoute", input =>
        {
            AddRoute(Get(Ec2Kind.RouteTable, input["RouteTableId"]), input);
            return Yes();
        });
        On("DeleteRoute", input =>
        {
            var routes = Get(Ec2Kind.RouteTable, input["RouteTableId"]).Content["Routes"]!.AsArray();
            routes.Remove(RouteTo(routes, input) ?? throw new Refusal("InvalidRoute.NotFound", $"no route with destination-cidr-block {input["DestinationCidrBlock"]} in route table {input["RouteTableId"]}"));
            return Done();
        });
        On("AllocateAddress", input =>
        {
            if (Of(Ec2Kind.Address).Count() >= Quota("L-0263D0A3"))
                throw new Refusal("AddressLimitExceeded", "The maximum number of addresses has been reached.");
            var address = Add(Ec2Kind.Address, new JsonObject { ["PublicIp"] = string.Create(CultureInfo.InvariantCulture, $"203.0.113.{++_addresses}"), ["Domain"] = "vpc" }, input["TagSpecifications"]);
            return Copy(address.Content, "PublicIp", "AllocationId", "Domain");
        });
        On("ReleaseAddress", input =>
        {
            var address = Get(Ec2Kind.Address, input["AllocationId"]);
            if (address.Content["AssociationId"] is not null)
                throw new Refusal("InvalidIPAddress.InUse", $"Address {address.Content["PublicIp"]} is in use.");
            Ledger.Remove(address);
            return Done();
        });
        On("CreateNatGateway", CreateNatGateway);
        On("DeleteNatGateway", input =>
        {
            var gateway = Get(Ec2Kind.NatGateway, input["NatGatewayId"]);
            if (gateway.Status is "deleted" or "deleting")
                return Copy(gateway.Content, "NatGatewayId");
            gateway.Content["State"] = "deleting";
            Account.After(Account.Delays.NatGateway, () =>
            {
                gateway.Content["State"] = "deleted";
                foreach (var address in gateway.Content["NatGatewayAddresses"]!.AsArray())
                {
                    Remove(Find(Ec2Kind.NetworkInterface, (string)address!["NetworkInterfaceId"]!));
                    if (Find(Ec2Kind.Address, (string)address["AllocationId"]!) is { } held)
                    {
                        held.Content.Remove("AssociationId");
                        held.Content.Remove("NetworkInterfaceId");
                    }
                }

                // One that is deleted is shown for another hour.
                Account.After(TimeSpan.FromHours(1), () => Ledger.Remove(gateway));
            });
            return Copy(gateway.Content, "NatGatewayId");
        });
    }

    internal Resource AddTable(Resource vpc, bool isMain, JsonNode? tags)
    {
        var table = Add(Ec2Kind.RouteTable, new JsonObject
        {
            ["Associations"] = new JsonArray(),
            ["PropagatingVgws"] = new JsonArray(),
            ["Routes"] = new JsonArray(new JsonObject { ["DestinationCidrBlock"] = (string)vpc.Content["CidrBlock"]!, ["GatewayId"] = "local", ["Origin"] = "CreateRouteTable", ["State"] = "active" }),
            ["VpcId"] = vpc.Key,
            ["OwnerId"] = Account.Id,
        }, tags);
        if (isMain)
            table.Content["Associations"]!.AsArray().Add(new JsonObject { ["Main"] = true, ["RouteTableAssociationId"] = $"rtbassoc-{table.Key[4..]}", ["RouteTableId"] = table.Key, ["AssociationState"] = new JsonObject { ["State"] = "associated" } });
        return table;
    }

    internal JsonObject Associate(Resource table, Resource subnet)
    {
        if (Of(Ec2Kind.RouteTable).Any(other => other.Content["Associations"]!.AsArray().Any(item => (string?)item!["SubnetId"] == subnet.Key)))
            throw new Refusal("Resource.AlreadyAssociated", $"the specified association for route table {table.Key} conflicts with an existing association");
        var id = $"rtbassoc-{subnet.Key[7..]}";
        table.Content["Associations"]!.AsArray().Add(new JsonObject { ["Main"] = false, ["RouteTableAssociationId"] = id, ["RouteTableId"] = table.Key, ["SubnetId"] = subnet.Key, ["AssociationState"] = new JsonObject { ["State"] = "associated" } });
        return new JsonObject { ["AssociationId"] = id, ["AssociationState"] = new JsonObject { ["State"] = "associated" } };
    }

    internal void AddRoute(Resource table, JsonObject input)
    {
        var routes = table.Content["Routes"]!.AsArray();
        if (RouteTo(routes, input) is { } known)
        {
            // The very same one is taken for done.
            if ((string?)known["GatewayId"] == (string?)input["GatewayId"] && (string?)known["NatGatewayId"] == (string?)input["NatGatewayId"])
                return;
            throw new Refusal("RouteAlreadyExists", $"The route identified by {input["DestinationCidrBlock"]} already exists.");
        }

        if (input["NatGatewayId"] is { } nat && Get(Ec2Kind.NatGateway, nat).Status != "available")
            throw new Refusal("InvalidNatGatewayID.NotFound", $"The natGateway ID '{nat}' does not exist");
        if (input["GatewayId"] is { } gateway)
            Get(Ec2Kind.InternetGateway, gateway);
        var route = Copy(input, "DestinationCidrBlock", "DestinationIpv6CidrBlock", "GatewayId", "NatGatewayId");
        (route["Origin"], route["State"]) = ("CreateRoute", "active");
        routes.Add(route);
    }

    /// <summary>Whether what is in the subnet can be reached from outside.</summary>
    internal bool IsPublic(Resource subnet)
    {
        var tables = InVpc(Ec2Kind.RouteTable, (string)subnet.Content["VpcId"]!).ToList();
        var table = tables.Find(item => item.Content["Associations"]!.AsArray().Any(entry => (string?)entry!["SubnetId"] == subnet.Key)) ?? tables.Find(IsMain)!;
        return table.Content["Routes"]!.AsArray().Any(route => ((string?)route!["GatewayId"])?.StartsWith("igw-", StringComparison.Ordinal) == true);
    }

    private JsonObject CreateNatGateway(JsonObject input)
    {
        if (input["ClientToken"] is { } token && Of(Ec2Kind.NatGateway).FirstOrDefault(item => (string?)item.Hidden["ClientToken"] == (string)token!) is { } there)
            return new JsonObject { ["NatGateway"] = there.Content.DeepClone() };
        var (subnet, address) = (Get(Ec2Kind.Subnet, input["SubnetId"]), Get(Ec2Kind.Address, input["AllocationId"]));
        if (address.Content["AssociationId"] is not null)
            throw new Refusal("Resource.AlreadyAssociated", $"Elastic IP address [{address.Key}] is already associated");
        var vpc = (string)subnet.Content["VpcId"]!;
        var gateway = Add(Ec2Kind.NatGateway, new JsonObject { ["CreateTime"] = Now, ["State"] = "pending", ["SubnetId"] = subnet.Key, ["VpcId"] = vpc, ["ConnectivityType"] = "public" }, input["TagSpecifications"]);
        gateway.Hidden["ClientToken"] = (string?)input["ClientToken"];
        var face = AddInterface(subnet, $"Interface for NAT Gateway {gateway.Key}", [], "natGateway");
        var association = $"eipassoc-{address.Key[9..]}";
        face.Content["Association"] = new JsonObject { ["AllocationId"] = address.Key, ["AssociationId"] = association, ["PublicIp"] = (string)address.Content["PublicIp"]! };
        (address.Content["AssociationId"], address.Content["NetworkInterfaceId"]) = (association, face.Key);
        gateway.Content["NatGatewayAddresses"] = new JsonArray(new JsonObject { ["AllocationId"] = address.Key, ["NetworkInterfaceId"] = face.Key, ["PublicIp"] = (string)address.Content["PublicIp"]! });
        Account.After(Account.Delays.NatGateway, () =>
        {
            var hasWay = Of(Ec2Kind.InternetGateway).Any(item => AttachedTo(item) == vpc);
            gateway.Content["State"] = hasWay ? "available" : "failed";
            if (!hasWay)
                (gateway.Content["FailureCode"], gateway.Content["FailureMessage"]) = ("Gateway.NotAttached", $"Network {vpc} has no Internet gateway attached");
        });
        return new JsonObject { ["NatGateway"] = gateway.Content.DeepClone() };
    }

    private static JsonNode? RouteTo(JsonArray routes, JsonObject input) => routes.FirstOrDefault(route =>
        (string?)route!["DestinationCidrBlock"] == (string?)input["DestinationCidrBlock"] && (string?)route["DestinationIpv6CidrBlock"] == (string?)input["DestinationIpv6CidrBlock"]);

    private static bool IsMain(Resource table) => table.Content["Associations"]!.AsArray().Any(item => (bool)item!["Main"]!);

    private void Remove(Resource? resource)
    {
        if (resource is not null)
            Ledger.Remove(resource);
    }
}
