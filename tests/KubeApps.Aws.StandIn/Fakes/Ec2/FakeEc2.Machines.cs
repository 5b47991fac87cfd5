using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

internal sealed partial class FakeEc2
{
    private int _hosts;

    private void Machines()
    {
        OnDescribe("DescribeNetworkInterfaces", Ec2Kind.NetworkInterface, "NetworkInterfaces", "NetworkInterfaceIds");
        OnDescribe("DescribeVolumes", Ec2Kind.Volume, "Volumes", "VolumeIds");
        On("DeleteNetworkInterface", input =>
        {
            var face = Get(Ec2Kind.NetworkInterface, input["NetworkInterfaceId"]);
            if ((string)face.Content["Status"]! == "in-use")
                throw new Refusal("InvalidParameterValue", $"Network interface '{face.Key}' is currently in use.");
            Ledger.Remove(face);
            return Done();
        });
        On("DeleteVolume", input =>
        {
            var volume = Get(Ec2Kind.Volume, input["VolumeId"]);
            if (volume.Status == "in-use")
                throw new Refusal("VolumeInUse", $"Volume {volume.Key} is currently attached to an instance");
            Ledger.Remove(volume);
            return Done();
        });
        On("DescribeInstances", input => Paged(
            Ledger.Listed(Ec2Kind.Instance.Kind, Region).Where(item => input["InstanceIds"] is not JsonArray ids || ids.Any(id => (string)id! == item.Key)).Where(item => Ec2Kind.Instance.Fits(item, input["Filters"]))
                .Select(item => new JsonObject { ["OwnerId"] = Account.Id, ["ReservationId"] = $"r-{item.Key[2..]}", ["Instances"] = new JsonArray(item.Content.DeepClone()) }), input, "Reservations"));
        On("DescribeAvailabilityZones", _ => new JsonObject
        {
            ["AvailabilityZones"] = new JsonArray([.. Zones.Select((zone, index) => new JsonObject
            {
                ["State"] = "available", ["OptInStatus"] = "opt-in-not-required", ["RegionName"] = Region, ["ZoneName"] = zone, ["ZoneId"] = Account.ZoneIds.GetValueOrDefault(zone) ?? string.Create(CultureInfo.InvariantCulture, $"az{index + 1}"), ["ZoneType"] = "availability-zone",
            })]),
        });
        On("DescribeInstanceTypes", input => Paged(
            input["InstanceTypes"] is JsonArray wanted
                ? wanted.Select(name => InstanceTypes.Describe((string)name!) ?? throw new Refusal("InvalidInstanceType", $"The following supplied instance types do not exist: [{name}]"))
                : InstanceTypes.Names.Select(name => InstanceTypes.Describe(name)!), input, "InstanceTypes"));
        On("DescribeInstanceTypeOfferings", input => Paged(
            InstanceTypes.Names.SelectMany(name => ((string?)input["LocationType"] == "availability-zone" ? Zones : [Region]).Select(place => new JsonObject
            {
                ["InstanceType"] = name,
                ["LocationType"] = (string?)input["LocationType"] ?? "region",
                ["Location"] = place,
            }))
                .Where(offer => (input["Filters"] as JsonArray ?? []).All(filter => filter!["Values"]!.AsArray().Any(value => (string)value! == (string)offer[(string)filter["Name"]! == "location" ? "Location" : "InstanceType"]!))),
            input, "InstanceTypeOfferings"));
        LaunchTemplates();
    }

    private void LaunchTemplates()
    {
        On("DescribeLaunchTemplates", input =>
        {
            var listed = Ledger.Listed(Ec2Kind.LaunchTemplate.Kind, Region).ToList();
            foreach (var (member, code) in new[] { ("LaunchTemplateId", "InvalidLaunchTemplateId.NotFound"), ("LaunchTemplateName", "InvalidLaunchTemplateName.NotFoundException") })
            {
                if (input[$"{member}s"] is not JsonArray wanted)
                    continue;
                if (wanted.FirstOrDefault(name => listed.TrueForAll(item => (string)item.Content[member]! != (string)name!)) is { } unknown)
                    throw new Refusal(code, $"At least one of the launch templates specified in the request does not exist: {unknown}");
                listed.RemoveAll(item => !wanted.Any(name => (string)name! == (string)item.Content[member]!));
            }

            return Paged(listed.Where(item => Ec2Kind.LaunchTemplate.Fits(item, input["Filters"])).Select(item => item.Content), input, "LaunchTemplates");
        });
        On("CreateLaunchTemplate", (input, principal) =>
        {
            var name = (string)input["LaunchTemplateName"]!;
            if (input["ClientToken"] is { } token && Of(Ec2Kind.LaunchTemplate).FirstOrDefault(item => (string?)item.Hidden["ClientToken"] == (string)token!) is { } there)
                return new JsonObject { ["LaunchTemplate"] = there.Content.DeepClone() };
            if (Of(Ec2Kind.LaunchTemplate).Any(item => (string)item.Content["LaunchTemplateName"]! == name))
                throw new Refusal("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
            var template = Add(Ec2Kind.LaunchTemplate, new JsonObject { ["LaunchTemplateName"] = name, ["CreateTime"] = Now, ["CreatedBy"] = principal!.Arn, ["DefaultVersionNumber"] = 1L, ["LatestVersionNumber"] = 0L }, input["TagSpecifications"]);
            template.Hidden["versions"] = new JsonArray();
            template.Hidden["ClientToken"] = (string?)input["ClientToken"];
            AddVersion(template, input, principal);
            return new JsonObject { ["LaunchTemplate"] = template.Content.DeepClone() };
        });
        On("CreateLaunchTemplateVersion", (input, principal) => new JsonObject { ["LaunchTemplateVersion"] = AddVersion(Template(input), input, principal!) });
        On("ModifyLaunchTemplate", input =>
        {
            var template = Template(input);
            if (input["DefaultVersion"] is { } version)
                template.Content["DefaultVersionNumber"] = long.Parse((string)version!, CultureInfo.InvariantCulture);
            return new JsonObject { ["LaunchTemplate"] = template.Content.DeepClone() };
        });
        On("DescribeLaunchTemplateVersions", input =>
        {
            var template = Template(input);
            var (latest, usual) = (template.Content["LatestVersionNumber"]!.ToString(), template.Content["DefaultVersionNumber"]!.ToString());
            var wanted = (input["Versions"] as JsonArray ?? []).Select(version => (string)version! switch { "$Latest" => latest, "$Default" => usual, var number => number }).ToList();
            var versions = template.Hidden["versions"]!.AsArray().Where(version => wanted.Count == 0 || wanted.Contains(version!["VersionNumber"]!.ToString())).ToList();
            if (versions.Count < wanted.Count)
                throw new Refusal("InvalidLaunchTemplateId.VersionNotFound", $"Could not find the specified version {string.Join(", ", wanted)} for the launch template with ID {template.Key}.");
            foreach (var version in versions)
                version!["DefaultVersion"] = version["VersionNumber"]!.ToString() == usual;
            return Paged(versions.Select(version => version!), input, "LaunchTemplateVersions");
        });
        On("DeleteLaunchTemplate", input =>
        {
            var template = Template(input);
            Ledger.Remove(template);
            return new JsonObject { ["LaunchTemplate"] = template.Content.DeepClone() };
        });
    }

    internal Resource? Template(string? id, string? name) => Of(Ec2Kind.LaunchTemplate).FirstOrDefault(item => id is not null ? item.Key == id : (string)item.Content["LaunchTemplateName"]! == name);

    internal Resource AddInterface(Resource subnet, string description, IEnumerable<string> groups, string type = "interface", string? instance = null)
    {
        var face = Add(Ec2Kind.NetworkInterface, new JsonObject
        {
            ["AvailabilityZone"] = (string)subnet.Content["AvailabilityZone"]!,
            ["Description"] = description,
            ["Groups"] = new JsonArray([.. groups.Select(group => new JsonObject { ["GroupId"] = group, ["GroupName"] = (string?)Find(Ec2Kind.SecurityGroup, group)?.Content["GroupName"] ?? group })]),
            ["InterfaceType"] = type,
            ["OwnerId"] = Account.Id,
            ["PrivateIpAddress"] = string.Create(CultureInfo.InvariantCulture, $"10.0.{_hosts / 250}.{(++_hosts % 250) + 4}"),
            ["RequesterManaged"] = instance is null,
            ["Status"] = "in-use",
            ["SubnetId"] = subnet.Key,
            ["VpcId"] = (string)subnet.Content["VpcId"]!,
        });
        face.Content["Attachment"] = new JsonObject { ["AttachmentId"] = $"eni-attach-{face.Key[4..]}", ["Status"] = "attached", ["DeleteOnTermination"] = true };
        if (instance is not null)
            face.Content["Attachment"]!["InstanceId"] = instance;
        return face;
    }

    /// <summary>A machine as an auto scaling group makes it, with its interface.</summary>
    internal Resource AddInstance(Resource subnet, string type, IReadOnlyList<string> groups, IReadOnlyDictionary<string, string> tags)
    {
        var instance = Add(Ec2Kind.Instance, new JsonObject
        {
            ["InstanceType"] = type,
            ["LaunchTime"] = Now,
            ["State"] = new JsonObject { ["Code"] = 16, ["Name"] = "running" },
            ["SubnetId"] = subnet.Key,
            ["VpcId"] = (string)subnet.Content["VpcId"]!,
            ["Placement"] = new JsonObject { ["AvailabilityZone"] = (string)subnet.Content["AvailabilityZone"]! },
        });
        Tag(instance, tags.Select(tag => (tag.Key, tag.Value)));
        AddInterface(subnet, "", groups, instance: instance.Key);
        return instance;
    }

    /// <summary>
    /// Ends a machine; its interfaces go with it, or stay and hold their security groups and subnets: those that the network plugin of its pods made, which had
    /// no time to delete them. They have its tags alone, and the machine a while longer.
    /// </summary>
    /// <seealso href="https://github.com/aws/amazon-vpc-cni-k8s/issues/608"/>
    internal void Terminate(Resource instance, bool leavesInterfaces)
    {
        Ledger.Remove(instance);
        foreach (var face in Of(Ec2Kind.NetworkInterface).Where(item => (string?)item.Content["Attachment"]?["InstanceId"] == instance.Key).ToList())
        {
            if (!leavesInterfaces)
            {
                Ledger.Remove(face);
                continue;
            }

            face.Content["Description"] = $"aws-K8S-{instance.Key}";
            Tag(face, [("node.k8s.amazonaws.com/instance_id", instance.Key), ("node.k8s.amazonaws.com/createdAt", Now)]);
            if (Account.TagsInterfacesWithCluster)
                Tag(face, [("cluster.k8s.amazonaws.com/name", instance.Tags["eks:cluster-name"])]);
            face.Content["Attachment"]!["Status"] = "detaching";
            Account.After(Account.Delays.Detachment, () =>
            {
                face.Content["Status"] = "available";
                face.Content.Remove("Attachment");
            });
        }
    }

    private Resource Template(JsonObject input) => Template((string?)input["LaunchTemplateId"], (string?)input["LaunchTemplateName"])
        ?? throw (input["LaunchTemplateId"] is { } id
            ? new Refusal("InvalidLaunchTemplateId.NotFound", $"The specified launch template, with template ID {id}, does not exist.")
            : new Refusal("InvalidLaunchTemplateName.NotFoundException", $"The specified launch template, with template name {input["LaunchTemplateName"]}, does not exist."));

    private JsonObject AddVersion(Resource template, JsonObject input, StandInPrincipal principal)
    {
        var number = (long)template.Content["LatestVersionNumber"]! + 1;
        template.Content["LatestVersionNumber"] = number;
        var version = new JsonObject
        {
            ["LaunchTemplateId"] = template.Key,
            ["LaunchTemplateName"] = (string)template.Content["LaunchTemplateName"]!,
            ["VersionNumber"] = number,
            ["CreateTime"] = Now,
            ["CreatedBy"] = principal.Arn,
            ["DefaultVersion"] = number == 1,
            ["LaunchTemplateData"] = input["LaunchTemplateData"]!.DeepClone(),
        };
        template.Hidden["versions"]!.AsArray().Add(version.DeepClone());
        return version;
    }
}
