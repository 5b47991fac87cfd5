using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>Full updates on EKS: the cluster, its balancer, DNS and metrics are the stand-in's.</summary>
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_CutAfterAnyStep_FinishesOrReturns(bool aborts)
    {
        for (var cut = 1; ; cut++)
        {
            await using var shop = await EksClustersOfShop.StartAsync(aws);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var sink = new Cutter(cut, end);
            var result = await shop.RunAsync(new UpdateOrder.Deploy(shop.Terms, false, true), sink, end.Token);
            if (sink.Left > 0)
            {
                Assert.True(cut > 15, "It has fewer steps than it must.");
                return;
            }

            var standing = shop.Text();
            var isPastReturn = standing.Contains("shop-prod-2:2:Retiring", StringComparison.Ordinal) || standing == New;
            if (aborts && !isPastReturn)
                await shop.RunAsync(new UpdateOrder.Abort());
            else if (standing != New)
                result = await shop.DeployAsync();

            Assert.True(shop.Text() == (aborts && !isPastReturn ? Old : New), $"Cut after step {cut} ({sink.Last}), where there was\n{standing}\nthere is\n{shop.Text()}\n{string.Join('\n', result.Diagnostics)}");
            Assert.Empty(shop.LeftOf(aborts && !isPastReturn ? "shop-prod-2" : "shop-prod-1"));
            Assert.Equal(standing.Contains("shop-prod-2", StringComparison.Ordinal) || !aborts ? 2 : 1, shop.Account.Requests.Count(request => request is { Action: "eks:CreateCluster", Refusal: null }));
        }
    }

    /// <summary>Ends the run after so many steps of the update; those of its clusters are not counted.</summary>
    private sealed class Cutter(int after, CancellationTokenSource end) : IEventSink
    {
        private readonly HashSet<string> _steps = [];

        public int Left { get; private set; } = after;

        public string Last { get; private set; } = "";

        public void Publish(DeployEvent deployEvent)
        {
            switch (deployEvent)
            {
                case DeployEvent.PlanReady plan when _steps.Count == 0:
                    _steps.UnionWith(plan.Steps.Select(step => step.Id));
                    break;
                case DeployEvent.StepFinished { StepId: var id } when _steps.Contains(id) && Left > 0:
                    Last = id;
                    if (--Left == 0)
                        end.Cancel();
                    break;
            }
        }
    }
}
