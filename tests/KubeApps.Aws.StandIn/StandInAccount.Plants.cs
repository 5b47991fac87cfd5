using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes.Ec2;
using KubeApps.Aws.StandIn.Fakes.LoadBalancing;
using KubeApps.Aws.StandIn.Fakes.Route53;
using KubeApps.Aws.StandIn.Wire;

namespace KubeApps.Aws.StandIn;

// What a test puts there before anything is asked for.
public sealed partial class StandInAccount
{
    /// <summary>A role that was there before; it can be taken on at once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="services">Who may take it on: <c>eks.amazonaws.com</c>.</param>
    /// <returns>Its ARN.</returns>
    public string PlantRole(string name, params IReadOnlyList<string> services)
    {
        var trust = new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Statement"] = new JsonArray(new JsonObject { ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["Service"] = new JsonArray([.. services]) }, ["Action"] = new JsonArray("sts:AssumeRole", "sts:TagSession") }),
        };
        lock (Lock)
        {
            var role = Iam.AddRole(name, trust.ToJsonString(), []);
            role.Hidden["isOld"] = true;
            return (string)role.Content["Arn"]!;
        }
    }

    /// <summary>An instance profile that holds a role, without a tag, as EKS makes it for the machines of a node group.</summary>
    public void PlantInstanceProfile(string name, string role)
    {
        lock (Lock)
            Iam.AddProfile(name, role);
    }

    /// <summary>A zone of DNS that was there before.</summary>
    /// <returns>Its id.</returns>
    public string PlantZone(string name)
    {
        lock (Lock)
            return ((FakeRoute53)FakeOf("route53", "")!).AddZone(name).Key;
    }

    /// <summary>A load balancer with a target group, a security group and interfaces, as a cluster's controller makes them.</summary>
    /// <returns>Its ARN.</returns>
    public string PlantLoadBalancer(string name, StandInNetwork network, IReadOnlyDictionary<string, string> tags, string type = "application")
    {
        lock (Lock)
        {
            var list = new JsonArray([.. tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);
            return ((FakeLoadBalancing)FakeOf("elasticloadbalancing", Region)!).Add(name, network, list, type).Key;
        }
    }

    /// <summary>A record that somebody else made, as AWS has it.</summary>
    public void PlantRecord(string zone, JsonObject record)
    {
        lock (Lock)
            ((FakeRoute53)FakeOf("route53", "")!).AddRecord(zone, record);
    }

    /// <summary>The targets behind a load balancer become healthy, or anything else.</summary>
    public void TurnTargets(string balancerArn, string state)
    {
        lock (Lock)
            foreach (var group in Ledger.Of("elasticloadbalancing:targetgroup", Region).Where(group => group.Content["LoadBalancerArns"]!.AsArray().Any(arn => (string)arn! == balancerArn)))
                foreach (var target in group.Hidden["targets"]!.AsArray())
                    target!["TargetHealth"]!["State"] = state;
    }

    /// <summary>A volume that a cluster's storage driver made and left.</summary>
    /// <returns>Its id.</returns>
    public string PlantVolume(IReadOnlyDictionary<string, string> tags)
    {
        lock (Lock)
        {
            var volume = Ec2(Region).Add(Ec2Kind.Volume, new JsonObject { ["AvailabilityZone"] = $"{Region}a", ["CreateTime"] = Scalars.Time(Now), ["Size"] = 8, ["State"] = "available", ["VolumeType"] = "gp3" });
            FakeEc2.Tag(volume, tags.Select(tag => (tag.Key, tag.Value)));
            return volume.Key;
        }
    }

    /// <summary>Tells CloudWatch what was measured just now, or will be by then.</summary>
    public void Measure(string space, string metric, IReadOnlyDictionary<string, string> dimensions, double value, TimeSpan later = default)
    {
        lock (Lock)
            Measurements.Add(new(space, metric, dimensions, Now + later, value));
    }

    /// <summary>A subnet in a zone where none is usually, such as a local zone.</summary>
    /// <returns>Its id.</returns>
    public string PlantSubnet(string vpc, string cidr, string zone)
    {
        lock (Lock)
            return Ec2(Region).CreateSubnet(Ec2(Region).Find(Ec2Kind.Vpc, vpc)!, cidr, zone, null).Key;
    }

    /// <summary>A network that was there before: in each zone a public subnet with a way out and a private one, which say to Kubernetes what they are, unless they are not marked.</summary>
    public StandInNetwork PlantNetwork(IReadOnlyDictionary<string, string>? tags = null, string cidr = "10.0.0.0/16", bool isMarked = true)
    {
        lock (Lock)
        {
            var ec2 = Ec2(Region);
            JsonArray Tags(string type) => [new JsonObject { ["ResourceType"] = type, ["Tags"] = new JsonArray([.. (tags ?? new Dictionary<string, string>()).Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]) }];
            var vpc = ec2.CreateVpc(cidr, Tags("vpc"));
            var start = string.Join('.', cidr.Split('.').Take(2));
            var subnets = ec2.Zones.SelectMany((zone, index) => new[] { 0, 1 }.Select(isPublic => ec2.CreateSubnet(vpc, string.Create(CultureInfo.InvariantCulture, $"{start}.{(index * 32) + (isPublic * 16)}.0/20"), zone, Tags("subnet")))).ToList();
            var gateway = ec2.Add(Ec2Kind.InternetGateway, new JsonObject { ["Attachments"] = new JsonArray(), ["OwnerId"] = Id }, Tags("internet-gateway"));
            ec2.Attach(gateway, vpc);
            var table = ec2.AddTable(vpc, isMain: false, Tags("route-table"));
            ec2.AddRoute(table, new JsonObject { ["DestinationCidrBlock"] = "0.0.0.0/0", ["GatewayId"] = gateway.Key });
            var (open, closed) = (subnets.Where((_, index) => index % 2 == 1).ToList(), subnets.Where((_, index) => index % 2 == 0).ToList());
            foreach (var subnet in open)
                ec2.Associate(table, subnet);
            foreach (var (some, mark) in isMarked ? [(open, "elb"), (closed, "internal-elb")] : ((List<Resource>, string)[])[])
                foreach (var subnet in some)
                    FakeEc2.Tag(subnet, [($"kubernetes.io/role/{mark}", "1")]);
            return new StandInNetwork(vpc.Key, [.. open.Select(subnet => subnet.Key)], [.. closed.Select(subnet => subnet.Key)]);
        }
    }
}

/// <summary>A network in the usual region.</summary>
public sealed record StandInNetwork(string VpcId, IReadOnlyList<string> PublicSubnets, IReadOnlyList<string> PrivateSubnets);
