using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

internal sealed partial class FakeEc2
{
    private void SecurityGroups()
    {
        OnDescribe("DescribeSecurityGroups", Ec2Kind.SecurityGroup, "SecurityGroups", "GroupIds");
        On("CreateSecurityGroup", input =>
        {
            var (vpc, name) = (Get(Ec2Kind.Vpc, input["VpcId"]).Key, (string)input["GroupName"]!);
            if (InVpc(Ec2Kind.SecurityGroup, vpc).Any(group => (string)group.Content["GroupName"]! == name))
                throw new Refusal("InvalidGroup.Duplicate", $"The security group '{name}' already exists for VPC '{vpc}'");
            return Copy(AddGroup(vpc, name, (string)input["Description"]!, input["TagSpecifications"]).Content, "GroupId", "Tags");
        });
        On("DeleteSecurityGroup", input =>
        {
            var group = Get(Ec2Kind.SecurityGroup, input["GroupId"]);
            if ((string)group.Content["GroupName"]! == "default")
                throw new Refusal("CannotDelete", "the specified group: \"" + group.Key + "\" name: \"default\" cannot be deleted by a user");
            if (IsHeld(group))
                throw Depends($"resource {group.Key} has a dependent object");
            Ledger.Remove(group);
            return Done();
        });
        On("AuthorizeSecurityGroupIngress", input => Authorize(input, "IpPermissions"));
        On("AuthorizeSecurityGroupEgress", input => Authorize(input, "IpPermissionsEgress"));
        On("RevokeSecurityGroupIngress", input => Revoke(input, "IpPermissions"));
        On("RevokeSecurityGroupEgress", input => Revoke(input, "IpPermissionsEgress"));
    }

    internal Resource AddGroup(string vpc, string name, string description, JsonNode? tags) => Add(Ec2Kind.SecurityGroup, new JsonObject
    {
        ["GroupName"] = name,
        ["Description"] = description,
        ["VpcId"] = vpc,
        ["OwnerId"] = Account.Id,
        ["IpPermissions"] = new JsonArray(),
        ["IpPermissionsEgress"] = new JsonArray(new JsonObject { ["IpProtocol"] = "-1", ["IpRanges"] = new JsonArray(new JsonObject { ["CidrIp"] = "0.0.0.0/0" }) }),
    }, tags);

    /// <summary>Whether an interface has it, or another group's rules name it.</summary>
    internal bool IsHeld(Resource group) => Of(Ec2Kind.NetworkInterface).Any(item => item.Content["Groups"]!.AsArray().Any(entry => (string)entry!["GroupId"]! == group.Key))
        || Of(Ec2Kind.SecurityGroup).Any(other => other != group && other.Content["IpPermissions"]!.AsArray().Concat(other.Content["IpPermissionsEgress"]!.AsArray())
            .Any(permission => (permission!["UserIdGroupPairs"] as JsonArray ?? []).Any(pair => (string?)pair!["GroupId"] == group.Key)));

    private JsonObject Authorize(JsonObject input, string direction)
    {
        var group = Get(Ec2Kind.SecurityGroup, input["GroupId"]);
        var known = group.Content[direction]!.AsArray();
        foreach (var permission in input["IpPermissions"]!.AsArray())
        {
            if (known.Any(item => JsonNode.DeepEquals(item, permission)))
                throw new Refusal("InvalidPermission.Duplicate", "the specified rule already exists");
            foreach (var pair in permission!["UserIdGroupPairs"] as JsonArray ?? [])
                Get(Ec2Kind.SecurityGroup, pair!["GroupId"]);
            known.Add(permission.DeepClone());
        }

        return Yes();
    }

    private JsonObject Revoke(JsonObject input, string direction)
    {
        var known = Get(Ec2Kind.SecurityGroup, input["GroupId"]).Content[direction]!.AsArray();
        foreach (var permission in input["IpPermissions"]!.AsArray())
            known.Remove(known.FirstOrDefault(item => JsonNode.DeepEquals(item, permission)) ?? throw new Refusal("InvalidPermission.NotFound", "The specified rule does not exist in this security group."));
        return Yes();
    }
}
