using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes.Ec2;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

internal sealed partial class FakeEks
{
    private void NodeGroups()
    {
        On("CreateNodegroup", CreateNodeGroup);
        On("DescribeNodegroup", input => new JsonObject { ["nodegroup"] = NodeGroup(input).Content.DeepClone() });
        On("ListNodegroups", input => Page(Names("eks:nodegroup", Cluster(input).Key), input, "nodegroups"));
        On("DeleteNodegroup", DeleteNodeGroup);
        On("UpdateNodegroupConfig", UpdateNodeGroupConfig);
        On("UpdateNodegroupVersion", UpdateNodeGroupVersion);
    }

    private Resource NodeGroup(JsonObject input) => Of("eks:nodegroup", input, "clusterName", "nodegroupName", "node group");

    private JsonObject CreateNodeGroup(JsonObject input)
    {
        var (cluster, name) = (Cluster(input), (string)input["nodegroupName"]!);
        var key = $"{cluster.Key}/{name}";
        if (Repeated("eks:nodegroup", key, input) is { } there)
            return new JsonObject { ["nodegroup"] = there.Content.DeepClone() };
        if (cluster.Status != "ACTIVE")
            throw BadRequest($"Cluster '{cluster.Key}' is not in ACTIVE status");
        if (Ledger.Find("eks:nodegroup", Region, key) is not null)
            throw InUse($"NodeGroup already exists with name {name} and cluster name {cluster.Key}");
        if (input["subnets"] is not JsonArray { Count: > 0 })
            throw Invalid("Subnets cannot be empty");
        Subnets(input["subnets"]);
        CheckRole((string)input["nodeRole"]!, "ec2.amazonaws.com");
        if (Of("eks:nodegroup", cluster.Key).Count() >= Account.Quotas["L-6D54EA21"])
            throw new Refusal("ResourceLimitExceededException", "Nodegroup limit exceeded");
        if (input["launchTemplate"] is { } template)
        {
            if ((template["id"] is null) == (template["name"] is null))
                throw Invalid("Either id or name must be specified for a launch template, and not both");
            if (Ec2.Template((string?)template["id"], (string?)template["name"]) is null)
                throw Invalid($"Launch template {template["id"] ?? template["name"]} does not exist");
            if (input["diskSize"] is not null)
                throw Invalid("Disk size must be specified within the launch template.");
            if (input["remoteAccess"] is not null)
                throw Invalid("Remote access configuration cannot be specified with a launch template.");
        }

        CheckScaling(input["scalingConfig"]);
        var version = (string?)input["version"] ?? (string)cluster.Content["version"]!;
        var group = Ledger.Add("eks:nodegroup", Region, key, new JsonObject
        {
            ["nodegroupName"] = name,
            ["nodegroupArn"] = Arn($"nodegroup/{key}/{Guid.NewGuid()}"),
            ["clusterName"] = cluster.Key,
            ["version"] = version,
            ["releaseVersion"] = (string?)input["releaseVersion"] ?? $"{version}.0-20241024",
            ["createdAt"] = Now,
            ["modifiedAt"] = Now,
            ["status"] = "CREATING",
            ["capacityType"] = (string?)input["capacityType"] ?? "ON_DEMAND",
            ["scalingConfig"] = input["scalingConfig"]?.DeepClone() ?? new JsonObject { ["minSize"] = 1, ["maxSize"] = 2, ["desiredSize"] = 2 },
            ["instanceTypes"] = input["instanceTypes"]?.DeepClone() ?? new JsonArray("t3.medium"),
            ["subnets"] = input["subnets"]!.DeepClone(),
            ["amiType"] = (string?)input["amiType"] ?? "AL2023_x86_64_STANDARD",
            ["nodeRole"] = (string)input["nodeRole"]!,
            ["labels"] = input["labels"]?.DeepClone() ?? new JsonObject(),
            ["taints"] = input["taints"]?.DeepClone() ?? new JsonArray(),
            ["health"] = new JsonObject { ["issues"] = new JsonArray() },
            ["updateConfig"] = input["updateConfig"]?.DeepClone() ?? new JsonObject { ["maxUnavailable"] = 1 },
            ["tags"] = input["tags"]?.DeepClone() ?? new JsonObject(),
        });
        foreach (var (member, value) in Copy(input, "launchTemplate", "diskSize", "remoteAccess").ToList())
            group.Content[member] = value!.DeepClone();
        Remember(group, input);
        Account.After(Account.Delays.NodeGroup, () => Launch(cluster, group));
        return new JsonObject { ["nodegroup"] = group.Content.DeepClone() };
    }

    private void Launch(Resource cluster, Resource group)
    {
        if (group.Status != "CREATING")
            return;
        var scalingGroup = $"eks-{group.Key.Split('/')[1]}-{Guid.NewGuid()}";
        group.Content["resources"] = new JsonObject { ["autoScalingGroups"] = new JsonArray(new JsonObject { ["name"] = scalingGroup }) };
        if (LaunchFailure([.. group.Content["instanceTypes"]!.AsArray().Select(type => (string)type!)]) is { } failure)
        {
            group.Content["health"] = Issue("AsgInstanceLaunchFailures", $"Could not launch On-Demand Instances. {failure} Launching EC2 instance failed.", scalingGroup);
            Become(group, "CREATE_FAILED");
            return;
        }

        ScaleTo(cluster, group, (int)group.Content["scalingConfig"]!["desiredSize"]!);
        Become(group, "ACTIVE");
        SettleAddOns(cluster);
    }

    private string? LaunchFailure(IReadOnlyList<string> types) =>
        Account.LacksVcpus ? "VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket that the specified instance type belongs to."
        : types.All(Account.ExhaustedInstanceTypes.Contains) ? $"InsufficientInstanceCapacity - We currently do not have sufficient {types[0]} capacity in the Availability Zone you requested."
        : null;

    private IEnumerable<Resource> Machines(Resource group) => Ec2.Of(Ec2Kind.Instance).Where(item => item.Tags.GetValueOrDefault("eks:nodegroup-name") == group.Key.Split('/')[1] && item.Tags.GetValueOrDefault("eks:cluster-name") == group.Key.Split('/')[0]);

    private void ScaleTo(Resource cluster, Resource group, int count)
    {
        var (there, subnets) = (Machines(group).ToList(), Subnets(group.Content["subnets"]));
        foreach (var gone in there.Skip(count))
            Ec2.Terminate(gone, Account.LeavesInterfaces);
        for (var number = there.Count; number < count; number++)
        {
            Ec2.AddInstance(subnets[number % subnets.Count], (string)group.Content["instanceTypes"]![0]!, [(string)cluster.Content["resourcesVpcConfig"]!["clusterSecurityGroupId"]!], new Dictionary<string, string>
            {
                ["eks:cluster-name"] = cluster.Key,
                ["eks:nodegroup-name"] = group.Key.Split('/')[1],
                [$"kubernetes.io/cluster/{cluster.Key}"] = "owned",
                ["aws:autoscaling:groupName"] = (string)group.Content["resources"]!["autoScalingGroups"]![0]!["name"]!,
            });
        }
    }

    private JsonObject DeleteNodeGroup(JsonObject input)
    {
        var (group, cluster) = (NodeGroup(input), Cluster(input));
        if (group.Status == "DELETING")
            throw InUse($"Nodegroup {group.Key.Split('/')[1]} is being deleted already");
        Become(group, "DELETING");
        Account.After(Account.Delays.NodeGroupDeletion, () =>
        {
            ScaleTo(cluster, group, 0);
            Ledger.Remove(group);
            SettleAddOns(cluster);
        });
        return new JsonObject { ["nodegroup"] = group.Content.DeepClone() };
    }

    private JsonObject UpdateNodeGroupConfig(JsonObject input)
    {
        var group = Unoccupied(NodeGroup(input));
        CheckScaling(input["scalingConfig"]);
        var parameters = new JsonObject();
        if (input["scalingConfig"] is JsonObject scaling)
        {
            foreach (var (name, value) in scaling)
                parameters[$"{char.ToUpperInvariant(name[0])}{name[1..]}"] = value!.ToJsonString();
        }

        var cluster = Cluster(input);
        return Update(group, "ConfigUpdate", Account.Delays.ClusterConfiguration, parameters, () =>
        {
            foreach (var part in new[] { "scalingConfig", "updateConfig" })
            {
                foreach (var (name, value) in input[part] as JsonObject ?? [])
                    group.Content[part]!.AsObject()[name] = value!.DeepClone();
            }

            ScaleTo(cluster, group, (int)group.Content["scalingConfig"]!["desiredSize"]!);
            foreach (var (name, value) in input["labels"]?["addOrUpdateLabels"] as JsonObject ?? [])
                group.Content["labels"]!.AsObject()[name] = value!.DeepClone();
            foreach (var name in input["labels"]?["removeLabels"] as JsonArray ?? [])
                group.Content["labels"]!.AsObject().Remove((string)name!);
            if (input["taints"] is { } changes)
            {
                string Name(JsonNode? taint) => $"{taint!["key"]}:{taint["effect"]}";
                var (added, removed) = (changes["addOrUpdateTaints"] as JsonArray ?? [], changes["removeTaints"] as JsonArray ?? []);
                var kept = group.Content["taints"]!.AsArray().Where(taint => !added.Concat(removed).Any(change => Name(change) == Name(taint)));
                group.Content["taints"] = new JsonArray([.. kept.Concat(added).Select(taint => taint!.DeepClone())]);
            }
        });
    }

    private JsonObject UpdateNodeGroupVersion(JsonObject input)
    {
        var (group, cluster) = (Unoccupied(NodeGroup(input)), Cluster(input));
        var version = (string?)input["version"] ?? (string)group.Content["version"]!;
        if (Array.IndexOf(Versions, version) > Array.IndexOf(Versions, (string)cluster.Content["version"]!))
            throw Invalid($"Requested Nodegroup Kubernetes version {version} is newer than that of the cluster, {cluster.Content["version"]}");
        if (input["launchTemplate"] is not null && group.Content["launchTemplate"] is null)
            throw Invalid("Cannot specify a launch template, because the nodegroup was made without one");
        return Update(group, "VersionUpdate", Account.Delays.NodeGroup, new JsonObject { ["Version"] = version }, () =>
        {
            group.Content["version"] = version;
            group.Content["releaseVersion"] = (string?)input["releaseVersion"] ?? $"{version}.0-20241024";
            if (input["launchTemplate"] is { } template)
                group.Content["launchTemplate"] = template.DeepClone();
        });
    }

    private static Resource Unoccupied(Resource group) => group.Status switch
    {
        "ACTIVE" or "DEGRADED" => group,
        _ => throw InUse($"Nodegroup cannot be updated as it is currently not in Active state: {group.Status}"),
    };

    private static void CheckScaling(JsonNode? scaling)
    {
        if (scaling is null)
            return;
        var (least, most, wanted) = ((int?)scaling["minSize"], (int?)scaling["maxSize"], (int?)scaling["desiredSize"]);
        if (most < 1)
            throw Invalid($"maxSize should be at least 1, not {most}");
        if (least > most)
            throw Invalid($"Minimum capacity {least} can't be greater than maximum size {most}");
        if (wanted < least || wanted > most)
            throw Invalid($"desired capacity {wanted} can't be less than minimum size {least} or greater than maximum size {most}");
    }

    private static JsonObject Issue(string code, string message, string resource) =>
        new() { ["issues"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message, ["resourceIds"] = new JsonArray(resource) }) };
}
