using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>What arrives at a cluster of EKS is what its balancers told CloudWatch, once it is known.</summary>
public sealed class EksMeterTests(AwsStandIn aws)
{
    private const string Old = "shop-prod-1";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Requests_AtABalancerOfHttp_AreCountedWithTheirErrors()
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "RequestCount", 40);
        load.Tell(Old, "HTTPCode_Target_5XX_Count", 3);
        load.Tell(Old, "HTTPCode_ELB_5XX_Count", 1);
        await load.PassAsync(load.Sharing.Delay);

        var arriving = await load.MeasureAsync(Old, Minute);

        Assert.Equal(new ArrivingLoad(arriving.Window, 40, 4), arriving);
        Assert.True(arriving.Window >= Minute);
        await load.PassAsync(Minute * 2);
        Assert.Equal(0, (await load.MeasureAsync(Old, Minute)).Requests);
    }

    // A websocket is one request, at its beginning; what goes through it later is counted in bytes alone.
    [Fact]
    public async Task Drain_OfABalancerOfHttp_WaitsForWhatStillGoesThroughIt()
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old, "shop-prod-2");
        await load.WriteAsync((Old, 100));
        await load.WriteAsync((Old, 0), ("shop-prod-2", 100));
        var dimensions = new Dictionary<string, string> { ["LoadBalancer"] = load.BalancerOf(Old).Split(":loadbalancer/")[1] };
        var (began, streams) = (load.Clock.GetUtcNow(), TimeSpan.FromMinutes(20));
        for (var later = TimeSpan.Zero; later < streams; later += Minute / 2)
            load.Account.Measure("AWS/ApplicationELB", "ProcessedBytes", dimensions, 120, later);
        var log = new EventLog();

        var ended = await new LoadDrain(load.Sharing, log, load.Clock).RunAsync(
            EksLoad.Cluster(Old), new UpdateStep.Drain(Old, Minute, TimeSpan.FromHours(1), Insists: true), TestContext.Current.CancellationToken);

        Assert.Equal("nothing for 60 s", ended);
        Assert.True(load.Clock.GetUtcNow() - began > streams, $"{load.Clock.GetUtcNow() - began}");
        Assert.Contains(log.Events.OfType<DeployEvent.StepSaid>(), said => said.Line.Contains("over connections that are open", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_AtABalancerOfTcp_AreCountedAndThoseThatAreOpenAreUnderWay()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "NewFlowCount", 7);
        load.Tell(Old, "ActiveFlowCount", 2);
        await load.PassAsync(load.Sharing.Delay);

        var arriving = await load.MeasureAsync(Old, Minute * 2);

        Assert.Equal((7, 0, 2, false), (arriving.Requests, arriving.Errors, arriving.UnderWay, arriving.CountsErrors));
    }

    [Fact]
    public async Task Errors_OfWhichHalfIsTold_AreNotKnown()
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old);
        await load.WriteAsync((Old, 100));
        await load.PassAsync(load.Sharing.Delay);
        load.Account.Next("cloudwatch:GetMetricData", Fault.Answered(answer => answer["MetricDataResults"]![1]!["StatusCode"] = "InternalError"));

        var arriving = await load.MeasureAsync(Old, Minute * 2);

        Assert.Equal((false, true), (arriving.IsKnown, arriving.CountsErrors));
    }

    [Fact]
    public async Task Connection_IsHeardByWhoeverAsksForLongEnough()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "NewFlowCount", 1);
        var heard = 0L;

        for (var passed = TimeSpan.Zero; passed <= load.Sharing.Delay + Minute; passed += Minute / 2)
        {
            heard += (await load.MeasureAsync(Old, Minute)).Requests;
            await load.PassAsync(Minute / 2);
        }

        Assert.True(heard > 0);
    }

    [Fact]
    public async Task CloudWatch_IsAskedOnceAMinute()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));

        for (var asked = 0; asked < 12; asked++)
        {
            await load.MeasureAsync(Old, Minute);
            await Task.Delay(TimeSpan.FromSeconds(5), load.Clock, TestContext.Current.CancellationToken);
        }

        Assert.InRange(load.Account.Requests.Count(request => request.Action == "cloudwatch:GetMetricData"), 1, 2);
    }

    [Fact]
    public async Task Cluster_ThatNoNameEverLedTo_IsSilent()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);

        var arriving = await load.MeasureAsync(Old, Minute);

        Assert.Equal((0, 0, true), (arriving.Requests, arriving.UnderWay, arriving.Window >= Minute));
    }

    // Balancers tell a minute up to two minutes after its end.
    [Fact]
    public async Task Connection_ThatIsToldLate_IsHeardByWhoeverAsksForLongEnough()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Account.Delays = load.Account.Delays with { Metrics = TimeSpan.FromMinutes(2) };
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "NewFlowCount", 1);
        var heard = 0L;

        for (var passed = TimeSpan.Zero; passed <= load.Sharing.Delay + Minute; passed += Minute / 4)
        {
            heard += (await load.MeasureAsync(Old, Minute)).Requests;
            await Task.Delay(Minute / 4, load.Clock, TestContext.Current.CancellationToken);
        }

        Assert.True(heard > 0);
    }

    [Fact]
    public async Task Answer_OfSeveralPages_IsReadToItsEnd()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.Account.MetricValuesAtOnce = 1;
        await load.WriteAsync((Old, 100));
        for (var minute = 0; minute < 3; minute++)
        {
            load.Tell(Old, "NewFlowCount", 2);
            await load.PassAsync(Minute);
        }

        load.Tell(Old, "ActiveFlowCount", 1);
        await load.PassAsync(load.Sharing.Delay);

        var arriving = await load.MeasureAsync(Old, Minute * 5);

        Assert.Equal((6, 1), (arriving.Requests, arriving.UnderWay));
        Assert.Equal(3, load.Account.Requests.Count(request => request.Action == "cloudwatch:GetMetricData"));
    }

    public static TheoryData<string> Halves => ["PartialData", "InternalError", "Forbidden", "missing", "none", "message"];

    [Theory]
    [MemberData(nameof(Halves))]
    public async Task Answer_ThatIsNotWhole_IsNoSilenceAndIsAskedForAgain(string half)
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "NewFlowCount", 7);
        await load.PassAsync(load.Sharing.Delay);
        load.Account.Next("cloudwatch:GetMetricData", Fault.Answered(answer =>
        {
            var results = answer["MetricDataResults"]!.AsArray();
            foreach (var result in results)
                (result!["Timestamps"], result["Values"]) = (new JsonArray(), new JsonArray());
            switch (half)
            {
                case "missing":
                    results.RemoveAt(0);
                    break;
                case "none":
                    answer.Remove("MetricDataResults");
                    break;
                case "message":
                    answer["Messages"] = new JsonArray(new JsonObject { ["Code"] = "MaxMetricsExceeded", ["Value"] = "Maximum number of allowed metrics exceeded" });
                    break;
                default:
                    results[0]!["StatusCode"] = half;
                    break;
            }
        }));

        Assert.Equal(TimeSpan.Zero, (await load.MeasureAsync(Old, Minute * 2)).Window);
        Assert.Equal(7, (await load.MeasureAsync(Old, Minute * 2)).Requests);
    }

    // Its users are led nowhere else, and would be cut off with the cluster.
    [Fact]
    public async Task Connection_AtABalancerToWhichNoNameLeads_IsHeard()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.AddUnnamed(Old);
        await load.WriteAsync((Old, 100));
        load.TellUnnamed(Old, "NewFlowCount", 7);
        await load.PassAsync(load.Sharing.Delay);

        Assert.Equal(7, (await load.MeasureAsync(Old, Minute * 2)).Requests);
    }

    [Fact]
    public async Task Cluster_ThatCannotBeAsked_IsHeardByItsNamesUntilItCan()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old);
        load.AddUnnamed(Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "NewFlowCount", 3);
        load.TellUnnamed(Old, "NewFlowCount", 7);
        await load.PassAsync(load.Sharing.Delay);
        load.Silent.Add(Old);

        Assert.Equal(3, (await load.MeasureAsync(Old, Minute * 4)).Requests);
        load.Silent.Clear();
        await load.PassAsync(Minute);

        Assert.Equal(10, (await load.MeasureAsync(Old, Minute * 5)).Requests);
    }

    // Nothing arrives at what is not there; but whoever is led there gets no answer.
    [Fact]
    public async Task Cluster_WhoseBalancerIsNotFound_IsSilentButNotKnownAndIsLookedForAgain()
    {
        using var load = await EksLoad.StartAsync(aws, "application", Old);
        await load.WriteAsync((Old, 100));
        load.Tell(Old, "RequestCount", 7);
        await load.PassAsync(load.Sharing.Delay);
        load.Account.Next("elasticloadbalancing:DescribeLoadBalancers", Fault.Answered(answer => answer["LoadBalancers"] = new JsonArray()));

        var arriving = await load.MeasureAsync(Old, Minute * 2);

        Assert.Equal((0, true, false), (arriving.Requests, arriving.Window >= Minute, arriving.IsKnown));
        arriving = await load.MeasureAsync(Old, Minute * 2);
        Assert.Equal((7, true), (arriving.Requests, arriving.IsKnown));
    }

    [Fact]
    public async Task Cluster_WithoutAShareAnyMore_IsHeardByTheRecordThatItKeeps()
    {
        using var load = await EksLoad.StartAsync(aws, "network", Old, "shop-prod-2");
        await load.WriteAsync((Old, 100));
        await load.WriteAsync((Old, 0), ("shop-prod-2", 100));
        load.Tell(Old, "NewFlowCount", 7);
        await load.PassAsync(load.Sharing.Delay);

        Assert.Equal((7, 0), ((await load.MeasureAsync(Old, Minute * 2)).Requests, (await load.MeasureAsync("shop-prod-2", Minute * 2)).Requests));
    }
}
