using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes.Ec2;

namespace KubeApps.Aws.StandIn.Fakes.LoadBalancing;

/// <summary>Elastic Load Balancing: what a cluster's controller made, and leaves where it is ended before its balancers.</summary>
internal sealed class FakeLoadBalancing : Fake
{
    private const string Balancer = "elasticloadbalancing:loadbalancer";
    private const string Group = "elasticloadbalancing:targetgroup";

    public FakeLoadBalancing(StandInAccount account, string region)
        : base(account, region)
    {
        On("DescribeLoadBalancers", input => Described(input, Balancer, "LoadBalancers", "LoadBalancerArns", "LoadBalancerName", "LoadBalancerNotFound"));
        On("DescribeTargetGroups", input =>
        {
            var answer = Described(input, Group, "TargetGroups", "TargetGroupArns", "TargetGroupName", "TargetGroupNotFound");
            if (input["LoadBalancerArn"] is { } balancer)
                answer["TargetGroups"] = new JsonArray([.. answer["TargetGroups"]!.AsArray().Where(group => group!["LoadBalancerArns"]!.AsArray().Any(arn => (string)arn! == (string)balancer!)).Select(group => group!.DeepClone())]);
            return answer;
        });
        On("DescribeTags", input =>
        {
            if (input["ResourceArns"]!.AsArray().Count > 20)
                throw new Refusal("ValidationError", "Up to 20 resources can be described at a time");
            return new JsonObject
            {
                ["TagDescriptions"] = new JsonArray([.. input["ResourceArns"]!.AsArray().Select(arn => new JsonObject
                {
                    ["ResourceArn"] = (string)arn!,
                    ["Tags"] = (Ledger.Find(Balancer, Region, (string)arn!) ?? Ledger.Find(Group, Region, (string)arn!) ?? throw new Refusal("LoadBalancerNotFound", $"One or more load balancers not found: {arn}")).Hidden["tags"]!.DeepClone(),
                })]),
            };
        });
        On("DescribeTargetHealth", input =>
        {
            var group = Ledger.Find(Group, Region, (string)input["TargetGroupArn"]!) ?? throw new Refusal("TargetGroupNotFound", "One or more target groups not found");
            return new JsonObject { ["TargetHealthDescriptions"] = group.Hidden["targets"]!.DeepClone() };
        });
        On("DeleteLoadBalancer", input =>
        {
            // One that is not there is taken for deleted.
            if (Ledger.Find(Balancer, Region, (string)input["LoadBalancerArn"]!) is { } balancer)
            {
                Ledger.Remove(balancer);
                foreach (var group in Ledger.Of(Group, Region))
                {
                    var users = group.Content["LoadBalancerArns"]!.AsArray();
                    foreach (var user in users.Where(arn => (string)arn! == balancer.Key).ToList())
                        users.Remove(user);
                }

                // Its interfaces go some time after it.
                Account.After(Account.Delays.Network, () =>
                {
                    foreach (var face in Account.Ec2(Region).Of(Ec2Kind.NetworkInterface).Where(face => (string)face.Content["Description"]! == Description(balancer)).ToList())
                        Ledger.Remove(face);
                });
            }

            return [];
        });
        On("DeleteTargetGroup", input =>
        {
            if (Ledger.Find(Group, Region, (string)input["TargetGroupArn"]!) is { } group)
            {
                if (group.Content["LoadBalancerArns"]!.AsArray().Count > 0)
                    throw new Refusal("ResourceInUse", $"Target group '{group.Key}' is currently in use by a listener or a rule");
                Ledger.Remove(group);
            }

            return [];
        });
    }

    internal Resource Add(string name, StandInNetwork network, JsonArray tags, string type)
    {
        var ec2 = Account.Ec2(Region);
        var group = ec2.AddGroup(network.VpcId, $"k8s-{name}", "[k8s] Managed SecurityGroup for LoadBalancer", null);
        FakeEc2.Tag(group, tags.Select(tag => ((string)tag!["Key"]!, (string)tag["Value"]!)));
        var id = $"{Account.Id}{Random.Shared.Next(1000, 9999)}";
        var balancer = Ledger.Add(Balancer, Region, $"arn:aws:elasticloadbalancing:{Region}:{Account.Id}:loadbalancer/{(type == "network" ? "net" : "app")}/{name}/{id}", new JsonObject
        {
            ["DNSName"] = type == "network" ? $"{name}-{id}.elb.{Region}.amazonaws.com" : $"{name}-{id}.{Region}.elb.amazonaws.com",
            ["CanonicalHostedZoneId"] = "Z215JYRZR1TBD5",
            ["CreatedTime"] = Now,
            ["LoadBalancerName"] = name,
            ["Scheme"] = "internet-facing",
            ["VpcId"] = network.VpcId,
            ["State"] = new JsonObject { ["Code"] = "active" },
            ["Type"] = type,
            ["SecurityGroups"] = new JsonArray(group.Key),
            ["IpAddressType"] = "ipv4",
        });
        balancer.Content["LoadBalancerArn"] = balancer.Key;
        balancer.Hidden["tags"] = tags.DeepClone();
        foreach (var subnet in network.PublicSubnets)
            ec2.AddInterface(ec2.Get(Ec2Kind.Subnet, subnet), Description(balancer), [group.Key]);
        var targets = Ledger.Add(Group, Region, $"arn:aws:elasticloadbalancing:{Region}:{Account.Id}:targetgroup/{name}/{id}", new JsonObject
        {
            ["TargetGroupName"] = name,
            ["Protocol"] = "HTTP",
            ["Port"] = 80,
            ["VpcId"] = network.VpcId,
            ["TargetType"] = "ip",
            ["LoadBalancerArns"] = new JsonArray(balancer.Key),
        });
        targets.Content["TargetGroupArn"] = targets.Key;
        targets.Hidden["tags"] = tags.DeepClone();
        targets.Hidden["targets"] = new JsonArray(new JsonObject { ["Target"] = new JsonObject { ["Id"] = "10.0.0.9", ["Port"] = 8080 }, ["TargetHealth"] = new JsonObject { ["State"] = "healthy" } });
        return balancer;
    }

    private static string Description(Resource balancer) => $"ELB {balancer.Key.Split(":loadbalancer/")[1]}";

    private JsonObject Described(JsonObject input, string kind, string list, string arns, string name, string missing)
    {
        var found = Ledger.Listed(kind, Region)
            .Where(item => input[arns] is not JsonArray wanted || wanted.Any(arn => (string)arn! == item.Key))
            .Where(item => input["Names"] is not JsonArray wanted || wanted.Any(given => (string)given! == (string)item.Content[name]!)).ToList();
        if (found.Count < Math.Max((input[arns] as JsonArray)?.Count ?? 0, (input["Names"] as JsonArray)?.Count ?? 0))
            throw new Refusal(missing, $"One or more of what was asked for is not found: {(input[arns] ?? input["Names"])!.ToJsonString()}");
        return Page(found.Select(item => item.Content), input, list, "PageSize", "Marker", 400, "NextMarker");
    }
}
