using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Full updates on EKS: the cluster, its balancer, DNS and metrics are the stand-in's.</summary>
/// <seealso cref="KilledEksUpdateTests"/>
public sealed class EksFullUpdateTests(AwsStandIn aws)
{
    private const string Old = "shop-prod-1:1 | shop-prod-1=100";
    private const string New = "shop-prod-2:2 | shop-prod-2=100";

    [Fact]
    public async Task Deploy_OfNextVersion_MovesLoadByDnsAndLeavesNothingOfTheOldCluster()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);

        var result = await shop.DeployAsync();

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(New, shop.Text());
        Assert.Empty(shop.LeftOf("shop-prod-1"));
        Assert.Equal(
            ["UPSERT 95, UPSERT 5", "UPSERT 50, UPSERT 50", "UPSERT 100, UPSERT 0", "DELETE 0"],
            shop.Account.Requests.Where(request => request.Action == "route53:ChangeResourceRecordSets").Skip(1).Select(request =>
                string.Join(", ", request.Input["ChangeBatch"]!["Changes"]!.AsArray().Select(change => $"{change!["Action"]} {change["ResourceRecordSet"]!["Weight"]}"))));
    }

    [Fact]
    public async Task Deploy_OfANameThatLeadsElsewhere_IsToldInThePlanAndMakesNoCluster()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Account.PlantRecord(shop.Zone, new JsonObject
        {
            ["Name"] = "shop.example.org.",
            ["Type"] = "AAAA",
            ["TTL"] = 300L,
            ["ResourceRecords"] = new JsonArray(new JsonObject { ["Value"] = "2001:db8::1" }),
        });

        var plan = await shop.PlanAsync();
        var result = await shop.DeployAsync();

        Assert.Equal((ExitCodes.Failed, ExitCodes.Failed), (plan.ExitCode, result.ExitCode));
        Assert.Equal(["KUBEAPP7213", "KUBEAPP7213"], plan.Diagnostics.Concat(result.Diagnostics).Select(item => item.Code));
        Assert.Equal(Old, shop.Text());
        Assert.Single(shop.Account.Requests, request => request.Action == "eks:CreateCluster");
    }

    // Names are anybody's, in an account and a region.
    [Fact]
    public async Task Deploy_SomebodyElseHasTheNextName_TakesTheOneAfterIt()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.Account.NewClusterAsync("shop-prod-2", null);

        var result = await shop.DeployAsync();

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(["shop-prod-2", "shop-prod-3"], shop.Account.Ledger.ThereOf("eks:cluster").Select(cluster => cluster.Key));
    }

    // It was written down as the new one, and somebody else was quicker.
    [Theory]
    [InlineData("Preparing", true)]
    [InlineData("Aborting", true)]
    [InlineData("Preparing", false)]
    [InlineData("Aborting", false)]
    public async Task Go_SomebodyElseHasTheNameOfTheNewCluster_EndsWithoutTouchingThat(string phase, bool aborts)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        var old = Assert.Single(await shop.Provider.ListAsync(EksClustersOfShop.Shop, TestContext.Current.CancellationToken));
        await shop.WriteAsync(old, new FullUpdate(old.Name, "shop-prod-2", Enum.Parse<UpdatePhase>(phase), shop.Now, shop.Terms), TestContext.Current.CancellationToken);
        await shop.Account.NewClusterAsync("shop-prod-2", new ClusterOwner("shop-prod", "2"));

        var result = aborts ? await shop.RunAsync(new UpdateOrder.Abort()) : await shop.DeployAsync();

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Contains("shop-prod-2", shop.Account.Ledger.ThereOf("eks:cluster").Select(cluster => cluster.Key));
        Assert.Equal(aborts ? ["shop-prod-1"] : ["shop-prod-3"], (await shop.Provider.ListAsync(EksClustersOfShop.Shop, TestContext.Current.CancellationToken)).Select(cluster => cluster.Name));
        Assert.EndsWith(aborts ? "| shop-prod-1=100" : "| shop-prod-3=100", shop.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(phase, shop.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_ThatCrashesUnderLoad_GivesLoadBackByDns()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.CrashesAt = 50;

        var result = await shop.DeployAsync();

        Assert.Equal(ExitCodes.RolledBack, result.ExitCode);
        Assert.Equal("shop-prod-1:1:Preparing shop-prod-2:2:Preparing | shop-prod-1=100 shop-prod-2=0", shop.Text());
        Assert.Equal(DeployOutcome.Aborted, (await shop.RunAsync(new UpdateOrder.Abort())).Outcome);
        Assert.Equal(Old, shop.Text());
        Assert.Empty(shop.LeftOf("shop-prod-2"));
    }

    [Fact]
    public async Task Abort_OfAVersionThatNeverHadAShare_DoesNotAskWhatArrives()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));

        var result = await shop.RunAsync(new UpdateOrder.Abort());

        Assert.True(result.Outcome == DeployOutcome.Aborted, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(Old, shop.Text());
        Assert.DoesNotContain("drain", result.Steps.Select(step => step.Id));
        Assert.Empty(shop.LeftOf("shop-prod-2"));
    }

    [Theory]
    [InlineData("NewFlowCount")]
    [InlineData("ActiveFlowCount")]
    public async Task Deploy_WhileTheOldBalancerStillGetsLoad_DeletesTheOldClusterAfterTheMeasuredSilence(string metric)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Clinging = (TimeSpan.FromMinutes(12), metric);
        var log = new EventLog();

        var result = await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: false, Soaks: true), log);

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(New, shop.Text());
        var gone = Assert.Single(shop.Account.Ledger.EverOf("eks:cluster"), cluster => cluster.Key == "shop-prod-1");
        Assert.True(gone.DeletedAt - shop.Account.Delays.ClusterDeletion > shop.LastFlow + shop.Terms.Silence, $"{gone.DeletedAt} {shop.LastFlow}");
        Assert.Contains(log.Events, item => item is DeployEvent.StepSaid { StepId: "drain" } said && said.Line.Contains(metric == "NewFlowCount" ? "2 requests" : "1 open connection", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NewFlowCount", "2 requests within 60 s")]
    [InlineData("ActiveFlowCount", "0 requests within 60 s and 1 open connection")]
    public async Task Deploy_WhileTheOldBalancerGetsLoadForEver_SaysWhatArrivesAndLeavesBothClusters(string metric, string arriving)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Clinging = (TimeSpan.FromHours(3), metric);

        var result = await shop.DeployAsync();

        Assert.Equal((DeployOutcome.TimedOut, ExitCodes.TimedOut), (result.Outcome, result.ExitCode));
        var told = Assert.Single(result.Diagnostics);
        Assert.Equal(DiagnosticDescriptors.StillArriving.Code, told.Code);
        Assert.Contains($"shop-prod-1 had {arriving}", told.Cause, StringComparison.Ordinal);
        Assert.Equal("shop-prod-1:1:Draining shop-prod-2:2:Preparing | shop-prod-1=0 shop-prod-2=100", shop.Text());

        shop.PassTime(TimeSpan.FromHours(3));
        shop.Clinging = default;
        var promoted = await shop.RunAsync(new UpdateOrder.Promote(Holds: false, Soaks: true));

        Assert.True(promoted.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, promoted.Diagnostics));
        Assert.Equal(New, shop.Text());
    }

    [Fact]
    public async Task Deploy_WhoseMeasurementsAreNeverWhole_NeverDeletesTheOldCluster()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Account.Next(1000, Fault.Answered(answer => answer["MetricDataResults"]![0]!["StatusCode"] = "InternalError"), request => request.Action == "cloudwatch:GetMetricData");

        var result = await shop.DeployAsync();

        Assert.Equal(ExitCodes.TimedOut, result.ExitCode);
        Assert.Contains("nobody could say what arrived at shop-prod-1", Assert.Single(result.Diagnostics).Cause, StringComparison.Ordinal);
        Assert.Equal("shop-prod-1:1:Draining shop-prod-2:2:Preparing | shop-prod-1=0 shop-prod-2=100", shop.Text());
    }

    [Fact]
    public async Task Deploy_WhoseNewBalancerIsGoneWhileItIsWatched_GivesLoadBack()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        var isGone = false;
        var log = new EventLog { OnEvent = told => isGone = told is DeployEvent.StepStarted { StepId: "watch-5" } || (isGone && told is not DeployEvent.StepStarted) };
        shop.Account.Next(1000, Fault.Answered(answer => answer["LoadBalancers"] = new JsonArray()), request => isGone && request.Action == "elasticloadbalancing:DescribeLoadBalancers");

        var result = await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: false, Soaks: true), log);

        Assert.Equal((ExitCodes.RolledBack, DiagnosticDescriptors.LoadNotMeasured.Code), (result.ExitCode, Assert.Single(result.Diagnostics).Code));
        Assert.Equal("shop-prod-1:1:Preparing shop-prod-2:2:Preparing | shop-prod-1=100 shop-prod-2=0", shop.Text());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(40)]
    public async Task Deploy_ListsLate_MakesAllOfItOnceAndTellsOfNothingThatIsLeft(int seconds)
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(seconds) };

        var result = await shop.DeployAsync();

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics.Select(item => item.ToString()).Concat(result.Leftovers.Select(item => item.ToString()))));
        Assert.Empty(result.Leftovers);
        Assert.Equal(New, shop.Text());
        Assert.Empty(shop.LeftOf("shop-prod-1"));
        Assert.Equal(2, shop.Account.Ledger.EverOf("eks:cluster").Count());
    }

    [Fact]
    public async Task Abort_ListsLate_TakesAllOfTheNewClusterAway()
    {
        await using var shop = await EksClustersOfShop.StartAsync(aws);
        shop.Account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(40) };
        await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, Holds: true, Soaks: true));

        var result = await shop.RunAsync(new UpdateOrder.Abort());

        Assert.True(result is { Outcome: DeployOutcome.Aborted, ExitCode: ExitCodes.Done }, string.Join(Environment.NewLine, result.Diagnostics.Select(item => item.ToString()).Concat(result.Leftovers.Select(item => item.ToString()))));
        Assert.Equal(Old, shop.Text());
        Assert.Empty(shop.LeftOf("shop-prod-2"));
    }
}
