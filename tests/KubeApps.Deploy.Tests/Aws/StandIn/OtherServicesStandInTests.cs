using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Tests.GitHub;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>The stand-in's DNS, balancers, metrics and logs do what AWS's do.</summary>
public sealed class OtherServicesStandInTests(AwsStandIn aws)
{
    private readonly HurriedClock _clock = new();

    [Fact]
    public async Task Records_Weighted_ChangeWholeOrNotAtAll()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var dns = new RawAws(ServiceModel.Of("route53"), account);
        var zone = account.PlantZone("example.org");

        var change = (string)(await dns.AskAsync("ChangeResourceRecordSets", Batch(zone, Weighted("UPSERT", "blue", 100), Weighted("UPSERT", "green", 0))))["ChangeInfo"]!["Id"]!;
        Assert.Equal("PENDING", await StatusAsync());
        await Task.Delay(TimeSpan.FromMinutes(1), _clock, TestContext.Current.CancellationToken);
        Assert.Equal("INSYNC", await StatusAsync());
        Assert.Equal("InvalidChangeBatch", await dns.RefusalOfAsync("ChangeResourceRecordSets", Batch(zone, Weighted("UPSERT", "blue", 50), Weighted("CREATE", "green", 50))));
        Assert.Equal("InvalidChangeBatch", await dns.RefusalOfAsync("ChangeResourceRecordSets", Batch(zone, Weighted("DELETE", "green", 7))));
        Assert.Equal("InvalidChangeBatch", await dns.RefusalOfAsync("ChangeResourceRecordSets", Batch(zone, Weighted("UPSERT", "blue", 50).Replace("shop.example.org", "shop.example.com", StringComparison.Ordinal))));
        Assert.Equal("NoSuchHostedZone", await dns.RefusalOfAsync("ListResourceRecordSets", """{"HostedZoneId":"Z0"}"""));

        Assert.Equal(
            [("shop.example.org.", "blue", 100L), ("shop.example.org.", "green", 0L)],
            account.Ledger.ThereOf("route53:record").Select(record => ((string)record.Content["Name"]!, (string)record.Content["SetIdentifier"]!, (long)record.Content["Weight"]!)));
        Assert.Equal("example.org.", (string)(await dns.AskAsync("ListHostedZonesByName", """{"DNSName":"example.org"}"""))["HostedZones"]![0]!["Name"]!);

        async Task<string> StatusAsync() => (string)(await dns.AskAsync("GetChange", new JsonObject { ["Id"] = change.Split('/')[^1] }))["ChangeInfo"]!["Status"]!;
    }

    [Fact]
    public async Task Balancer_LeftByACluster_HoldsItsNetworkUntilItIsGone()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var balancing = new RawAws(ServiceModel.Of("elasticloadbalancing"), account);
        var network = account.PlantNetwork();
        var arn = account.PlantLoadBalancer("shop", network, new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = "shop-1" });
        var group = (string)(await balancing.AskAsync("DescribeTargetGroups", $$"""{"LoadBalancerArn":"{{arn}}"}"""))["TargetGroups"]![0]!["TargetGroupArn"]!;

        Assert.Equal("ResourceInUse", await balancing.RefusalOfAsync("DeleteTargetGroup", $$"""{"TargetGroupArn":"{{group}}"}"""));
        Assert.Equal("shop-1", (string)(await balancing.AskAsync("DescribeTags", $$"""{"ResourceArns":["{{arn}}"] }"""))["TagDescriptions"]![0]!["Tags"]![0]!["Value"]!);
        await balancing.AskAsync("DeleteLoadBalancer", $$"""{"LoadBalancerArn":"{{arn}}"}""");
        Assert.Equal(3, account.Ledger.ThereOf("ec2:network-interface").Count);
        await Task.Delay(TimeSpan.FromMinutes(1), _clock, TestContext.Current.CancellationToken);

        Assert.Empty(account.Ledger.ThereOf("ec2:network-interface"));
        await balancing.AskAsync("DeleteTargetGroup", $$"""{"TargetGroupArn":"{{group}}"}""");
        Assert.Equal("LoadBalancerNotFound", await balancing.RefusalOfAsync("DescribeLoadBalancers", $$"""{"LoadBalancerArns":["{{arn}}"] }"""));
    }

    [Fact]
    public async Task Requests_Measured_AreSummedUpByPeriod()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var watch = new RawAws(ServiceModel.Of("monitoring"), account);
        var balancer = new Dictionary<string, string> { ["LoadBalancer"] = "app/shop/1" };
        account.Measure("AWS/ApplicationELB", "RequestCount", balancer, 3);
        account.Measure("AWS/ApplicationELB", "RequestCount", balancer, 4);
        account.Measure("AWS/ApplicationELB", "RequestCount", new Dictionary<string, string> { ["LoadBalancer"] = "app/other/1" }, 50);

        var (start, end) = (_clock.GetUtcNow().AddMinutes(-1), _clock.GetUtcNow().AddMinutes(1));
        // They are told some time after the minute in which they were counted.
        await Task.Delay(TimeSpan.FromMinutes(3), _clock, TestContext.Current.CancellationToken);
        var answer = await watch.AskAsync("GetMetricData", $$"""
            {"StartTime":"{{start:yyyy-MM-ddTHH:mm:ssZ}}","EndTime":"{{end:yyyy-MM-ddTHH:mm:ssZ}}","MetricDataQueries":[{"Id":"a","MetricStat":{"Period":3600,"Stat":"Sum","Metric":
            {"Namespace":"AWS/ApplicationELB","MetricName":"RequestCount","Dimensions":[{"Name":"LoadBalancer","Value":"app/shop/1"}] } } }] }
            """);

        Assert.Equal(7, answer["MetricDataResults"]!.AsArray().Single()!["Values"]!.AsArray().Sum(value => double.Parse((string)value!, System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static string Weighted(string action, string name, int weight) => $$"""
        {"Action":"{{action}}","ResourceRecordSet":{"Name":"shop.example.org","Type":"A","SetIdentifier":"{{name}}","Weight":{{weight}},"TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}] } }
        """;

    private static string Batch(string zone, params string[] changes) => $$"""{"HostedZoneId":"{{zone}}","ChangeBatch":{"Changes":[{{string.Join(',', changes)}}] } }""";
}
