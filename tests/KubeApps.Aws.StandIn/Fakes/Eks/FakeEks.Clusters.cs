using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Aws.StandIn.Fakes.Ec2;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

internal sealed partial class FakeEks
{
    private const string NotAuthority = "-----BEGIN CERTIFICATE-----\nMIIBszCCARygAwIBAgIE\n-----END CERTIFICATE-----\n";

    private static readonly string[] Versions = ["1.29", "1.30", "1.31", "1.32", "1.33", "1.34"];

    private void Clusters()
    {
        On("CreateCluster", CreateCluster);
        On("DescribeCluster", input => new JsonObject { ["cluster"] = Cluster(input, "name").Content.DeepClone() });
        On("ListClusters", input => Page(Ledger.Listed("eks:cluster", Region).Select(cluster => JsonValue.Create(cluster.Key)), input, "clusters"));
        On("DeleteCluster", DeleteCluster);
        On("UpdateClusterVersion", UpdateClusterVersion);
        On("UpdateClusterConfig", UpdateClusterConfig);
        On("AssociateEncryptionConfig", input =>
        {
            var cluster = ActiveCluster(input);
            if (cluster.Status == "UPDATING")
                throw InUse($"Cannot associate encryption config because cluster {cluster.Key} currently has an update in progress");
            if (cluster.Content["encryptionConfig"] is JsonArray { Count: > 0 })
                throw Invalid($"Encryption config is already associated with cluster {cluster.Key}");
            return Update(cluster, "AssociateEncryptionConfig", Account.Delays.ClusterVersion, [], () => cluster.Content["encryptionConfig"] = input["encryptionConfig"]!.DeepClone());
        });
        On("DescribeClusterVersions", input => Page(
            Versions.Where(version => input["clusterVersions"] is not JsonArray wanted || wanted.Any(item => (string)item! == version)).Where(version => (bool?)input["defaultOnly"] != true || version == Versions[^2]).Reverse()
                .Select(version =>
                {
                    var isOld = Array.IndexOf(Versions, version) < Versions.Length - 4;
                    return new JsonObject
                    {
                        ["clusterVersion"] = version,
                        ["clusterType"] = "eks",
                        ["defaultPlatformVersion"] = "eks.1",
                        ["defaultVersion"] = version == Versions[^2],
                        ["endOfStandardSupportDate"] = Wire.Scalars.Time(Account.Now.AddDays(isOld ? -30 : 200)),
                        ["endOfExtendedSupportDate"] = Wire.Scalars.Time(Account.Now.AddDays(isOld ? 335 : 565)),
                        ["status"] = isOld ? "extended-support" : "standard-support",
                        ["versionStatus"] = isOld ? "EXTENDED_SUPPORT" : "STANDARD_SUPPORT",
                        ["kubernetesPatchVersion"] = $"{version}.4",
                    };
                }), input, "clusterVersions"));
        On("ListUpdates", input =>
        {
            var target = UpdateTarget(input);
            return Page(Names("eks:update", target.Key).Where(id => !((string)id!).Contains('/', StringComparison.Ordinal)), input, "updateIds");
        });
        On("DescribeUpdate", input =>
        {
            var (target, id) = (UpdateTarget(input), (string)input["updateId"]!);
            var update = Ledger.Find("eks:update", Region, $"{target.Key}/{id}") ?? throw NotFound($"No update found for ID: {id}");
            return new JsonObject { ["update"] = update.Content.DeepClone() };
        });
    }

    private JsonObject CreateCluster(JsonObject input, StandInPrincipal? principal)
    {
        var name = (string)input["name"]!;
        if (Repeated("eks:cluster", name, input) is { } there)
            return new JsonObject { ["cluster"] = there.Content.DeepClone() };
        if (!ClusterName().IsMatch(name))
            throw Invalid("The cluster name should be unique within the given region and match ^[0-9A-Za-z][A-Za-z0-9\\-_]*, with 100 characters at most.");
        if (Ledger.Find("eks:cluster", Region, name) is not null)
            throw InUse($"Cluster already exists with name: {name}");
        var version = (string?)input["version"] ?? Versions[^1];
        if (!Versions.Contains(version))
            throw Invalid($"unsupported Kubernetes version {version}");
        var network = input["resourcesVpcConfig"]!.AsObject();
        var subnets = Subnets(network["subnetIds"]);
        if (subnets.Select(subnet => (string)subnet.Content["AvailabilityZone"]!).Distinct().Count() < 2)
            throw Invalid("Subnets specified must be in at least two different AZs");
        if (subnets.Select(subnet => (string)subnet.Content["AvailabilityZone"]!).FirstOrDefault(zone => Account.FullZones.Contains(zone) || !Ec2.Zones.Contains(zone)) is { } full)
            throw new Refusal(
                "UnsupportedAvailabilityZoneException",
                $"Cannot create cluster '{name}' because {full}, the targeted availability zone, does not currently have sufficient capacity to support the cluster. Retry and choose from these availability zones: {string.Join(", ", Ec2.Zones.Except(Account.FullZones))}");
        if (subnets.Select(subnet => (string)subnet.Content["VpcId"]!).Distinct().Count() > 1)
            throw Invalid("Subnets must belong to the same VPC");
        CheckRole((string)input["roleArn"]!, "eks.amazonaws.com");
        if (Ledger.Of("eks:cluster", Region).Count() >= Account.Quotas["L-1194D53C"])
            throw new Refusal("ResourceLimitExceededException", "Cluster limit exceeded");
        if (network["endpointPublicAccess"]?.GetValue<bool>() == false && network["endpointPrivateAccess"]?.GetValue<bool>() != true)
            throw Invalid("Private and public endpoint access cannot be false");
        var vpc = (string)subnets[0].Content["VpcId"]!;
        var mode = (string?)input["accessConfig"]?["authenticationMode"] ?? "CONFIG_MAP";
        var makesAdmin = input["accessConfig"]?["bootstrapClusterCreatorAdminPermissions"]?.GetValue<bool>() ?? true;
        var cluster = Ledger.Add("eks:cluster", Region, name, new JsonObject
        {
            ["name"] = name,
            ["arn"] = Arn($"cluster/{name}"),
            ["createdAt"] = Now,
            ["version"] = version,
            ["roleArn"] = (string)input["roleArn"]!,
            ["resourcesVpcConfig"] = new JsonObject
            {
                ["subnetIds"] = network["subnetIds"]!.DeepClone(),
                ["securityGroupIds"] = network["securityGroupIds"]?.DeepClone() ?? new JsonArray(),
                ["vpcId"] = vpc,
                ["endpointPublicAccess"] = network["endpointPublicAccess"]?.GetValue<bool>() ?? true,
                ["endpointPrivateAccess"] = network["endpointPrivateAccess"]?.GetValue<bool>() ?? false,
                ["publicAccessCidrs"] = network["publicAccessCidrs"]?.DeepClone() ?? new JsonArray("0.0.0.0/0"),
            },
            ["kubernetesNetworkConfig"] = new JsonObject { ["serviceIpv4Cidr"] = (string?)input["kubernetesNetworkConfig"]?["serviceIpv4Cidr"] ?? "172.20.0.0/16", ["ipFamily"] = "ipv4" },
            ["logging"] = input["logging"]?.DeepClone() ?? Logging(),
            ["status"] = "CREATING",
            ["certificateAuthority"] = new JsonObject(),
            ["platformVersion"] = "eks.1",
            ["tags"] = input["tags"]?.DeepClone() ?? new JsonObject(),
            ["health"] = new JsonObject { ["issues"] = new JsonArray() },
            ["accessConfig"] = new JsonObject { ["authenticationMode"] = mode, ["bootstrapClusterCreatorAdminPermissions"] = makesAdmin },
            ["upgradePolicy"] = input["upgradePolicy"]?.DeepClone() ?? new JsonObject { ["supportType"] = "EXTENDED" },
        });
        if (input["encryptionConfig"] is { } encryption)
            cluster.Content["encryptionConfig"] = encryption.DeepClone();
        Remember(cluster, input);
        if (makesAdmin && mode != "CONFIG_MAP")
            AddEntry(cluster.Key, principal!.Arn, new JsonObject { ["policies"] = new JsonArray(AdministratorPolicy) });
        Account.After(Account.Delays.Cluster, () => Activate(cluster));
        return new JsonObject { ["cluster"] = cluster.Content.DeepClone() };
    }

    private void Activate(Resource cluster)
    {
        var id = Hex(32).ToUpperInvariant();
        var network = cluster.Content["resourcesVpcConfig"]!;
        var group = Ec2.AddGroup(
            (string)network["vpcId"]!, $"eks-cluster-sg-{cluster.Key}-{id[..8]}", "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as any managed workloads.", null);
        FakeEc2.Tag(group, ("Name", $"eks-cluster-sg-{cluster.Key}-{id[..8]}"), ($"kubernetes.io/cluster/{cluster.Key}", "owned"), ("aws:eks:cluster-name", cluster.Key));
        network["clusterSecurityGroupId"] = group.Key;
        foreach (var subnet in Subnets(network["subnetIds"]).Take(2))
            Ec2.AddInterface(subnet, $"Amazon EKS {cluster.Key}", [group.Key, .. network["securityGroupIds"]!.AsArray().Select(item => (string)item!)]);
        var endpoint = Account.Endpoints?.Invoke(cluster.Key);
        cluster.Content["endpoint"] = endpoint?.Url.ToString().TrimEnd('/') ?? $"https://{id}.gr7.{Region}.eks.amazonaws.com";
        cluster.Content["certificateAuthority"] = new JsonObject { ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(endpoint?.CertificateAuthority ?? NotAuthority)) };
        cluster.Content["identity"] = new JsonObject { ["oidc"] = new JsonObject { ["issuer"] = $"https://oidc.eks.{Region}.amazonaws.com/id/{id}" } };
        if (cluster.Content["logging"]!["clusterLogging"]!.AsArray().Any(setup => (bool?)setup!["enabled"] == true))
            ((Watching.FakeLogs)Account.FakeOf("logs", Region)!).Write($"/aws/eks/{cluster.Key}/cluster");
        Become(cluster, "ACTIVE");
    }

    private JsonObject DeleteCluster(JsonObject input)
    {
        var cluster = Cluster(input, "name");
        if (cluster.Status is "CREATING" or "UPDATING" or "DELETING")
            throw InUse($"Cluster {cluster.Key} is in the state {cluster.Status}");
        if (Of("eks:nodegroup", cluster.Key).Any())
            throw InUse("Cluster has nodegroups attached");
        if (Of("eks:fargateprofile", cluster.Key).Any())
            throw InUse("Cluster has Fargate profiles attached");
        Become(cluster, "DELETING");
        Account.After(Account.Delays.ClusterDeletion, () =>
        {
            foreach (var kind in new[] { "eks:addon", "eks:accessentry", "eks:podidentity", "eks:update" })
            {
                foreach (var resource in Of(kind, cluster.Key).ToList())
                    Ledger.Remove(resource);
            }

            foreach (var face in Ec2.Of(Ec2Kind.NetworkInterface).Where(face => (string)face.Content["Description"]! == $"Amazon EKS {cluster.Key}").ToList())
                Ledger.Remove(face);
            // What its machines left behind holds the group.
            if (Ec2.Find(Ec2Kind.SecurityGroup, (string)cluster.Content["resourcesVpcConfig"]!["clusterSecurityGroupId"]!) is { } group && !Ec2.IsHeld(group))
                Ledger.Remove(group);
            Ledger.Remove(cluster);
        });
        return new JsonObject { ["cluster"] = cluster.Content.DeepClone() };
    }

    private JsonObject UpdateClusterVersion(JsonObject input)
    {
        var (cluster, version) = (ActiveCluster(input, "name"), (string)input["version"]!);
        if (cluster.Status == "UPDATING")
            throw InUse($"Cannot update because cluster {cluster.Key} currently has an update in progress");
        var (from, to) = (Array.IndexOf(Versions, (string)cluster.Content["version"]!), Array.IndexOf(Versions, version));
        if (to < 0)
            throw Invalid($"unsupported Kubernetes version {version}");
        if (to == from)
            throw Invalid($"Cluster is already at the desired configuration with version {version}");
        if (to != from + 1)
            throw Invalid($"Unsupported Kubernetes minor version update from {Versions[from]} to {version}");
        // Nodes may be behind by three minor versions, and no more.
        if (Of("eks:nodegroup", cluster.Key).FirstOrDefault(group => to - Array.IndexOf(Versions, (string)group.Content["version"]!) > 3) is { } behind)
            throw Invalid($"Nodegroups {behind.Key.Split('/')[1]} must be updated to match cluster version {Versions[from]} before updating cluster version");
        return Update(cluster, "VersionUpdate", Account.Delays.ClusterVersion, new JsonObject { ["Version"] = version, ["PlatformVersion"] = "eks.1" }, () => cluster.Content["version"] = version);
    }

    private JsonObject UpdateClusterConfig(JsonObject input)
    {
        var cluster = ActiveCluster(input, "name");
        if (cluster.Status == "UPDATING")
            throw InUse($"Cannot update because cluster {cluster.Key} currently has an update in progress");
        var asked = new[] { "resourcesVpcConfig", "logging", "accessConfig", "upgradePolicy" }.Where(name => input[name] is not null).ToList();
        if (asked is not [var what])
            throw Invalid($"Only one type of update can be allowed, not: {string.Join(", ", asked)}");
        var (type, parameter) = what switch
        {
            "logging" => ("LoggingUpdate", "ClusterLogging"),
            "accessConfig" => ("AccessConfigUpdate", "AuthenticationMode"),
            "upgradePolicy" => ("UpgradePolicyUpdate", "UpgradePolicy"),
            _ => ("EndpointAccessUpdate", "EndpointPublicAccess"),
        };
        return Update(cluster, type, Account.Delays.ClusterConfiguration, new JsonObject { [parameter] = input[what]!.ToJsonString() }, () =>
        {
            foreach (var (name, value) in input[what]!.AsObject())
                cluster.Content[what]!.AsObject()[name] = value!.DeepClone();
        });
    }

    // Of the cluster, or of what of it is named.
    private Resource UpdateTarget(JsonObject input) =>
        input["nodegroupName"] is not null ? Of("eks:nodegroup", input, "name", "nodegroupName", "node group")
        : input["addonName"] is not null ? Of("eks:addon", input, "name", "addonName", "addon")
        : Cluster(input, "name");

    private static JsonObject Logging() => new()
    {
        ["clusterLogging"] = new JsonArray(new JsonObject { ["types"] = new JsonArray("api", "audit", "authenticator", "controllerManager", "scheduler"), ["enabled"] = false }),
    };

    [GeneratedRegex(@"^[0-9A-Za-z][A-Za-z0-9\-_]{0,99}\z")]
    private static partial Regex ClusterName();
}
