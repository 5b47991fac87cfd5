using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster that is deleted leaves nothing in the account, whatever comes between.</summary>
public sealed class EksRemovalTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Remove_Made_LeavesNothing()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        AssertNothingThere(account);
        Assert.Empty(await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        Assert.True((await eks.PlanRemovalAsync()).IsNoOp, EksCase.Text(await eks.PlanRemovalAsync()));
    }

    // They hold security groups and subnets, are busy a while longer than their machines, and have none of our tags.
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Remove_NodesLeftInterfaces_WaitsForThemAndLeavesNothing(bool sayWhose, bool isShared)
    {
        var account = await aws.NewAccountAsync(_clock);
        if (isShared)
            account.PlantNetwork(new Dictionary<string, string> { ["kubeapps.dev/network"] = "shared" });
        var before = account.Ledger.There.Select(item => item.Key).Order().ToList();
        await using var made = await EksMadeCluster.InAsync(account, _clock);
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(EksStandIn.Small));
        (account.LeavesInterfaces, account.TagsInterfacesWithCluster) = (true, sayWhose);

        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync());

        Assert.Equal(2, account.Requests.Count(request => request.Action == "ec2:DeleteNetworkInterface" && request.Refusal is null));
        Assert.Empty(await made.Eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Equal(before, account.Ledger.There.Select(item => item.Key).Order());
    }

    [Fact]
    public async Task Remove_SharedNetworkHasComeSince_StaysInItsOwnAndTakesThatAlong()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        var own = account.Ledger.There.Select(item => item.Key).ToHashSet();
        var shared = account.PlantNetwork(new Dictionary<string, string> { ["kubeapps.dev/network"] = "shared" });

        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp, EksCase.Text(await eks.PlanAsync(EksStandIn.Small)));
        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.DoesNotContain(account.Ledger.There, item => own.Contains(item.Key));
        Assert.Contains(account.Ledger.There, item => item.Key == shared.VpcId);
    }

    [Fact]
    public async Task Remove_CutAnywhere_GoesOnAndLeavesNothing()
    {
        for (var cut = 2; cut < 50; cut += 12)
        {
            await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
            var (account, eks) = (made.Account, made.Eks);
            var plan = await eks.PlanRemovalAsync();
            try
            {
                await eks.ExecuteAsync(plan, new EksStandIn.Listener(cut));
            }
            catch (OperationCanceledException)
            {
                // Killed.
            }

            await eks.ExecuteAsync(await eks.PlanRemovalAsync());

            AssertNothingThere(account);
        }
    }

    // Nobody may enter such a cluster: nothing can be asked of it, and nobody has put anything into it.
    [Fact]
    public async Task Remove_CreationFailedBeforeItsMakerWasLetIn_TakesTheClusterWithoutEnteringIt()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        account.Next(1000, Fault.Refused("InvalidRequestException", "This principal cannot be given an entry.", 400), request => request.Action == "eks:CreateAccessEntry");
        var creation = await eks.PlanAsync(EksStandIn.Small);
        await Assert.ThrowsAsync<DiagnosticException>(() => eks.ExecuteAsync(creation));
        account.ForgetFaults();

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        AssertNothingThere(account);
    }

    // What the pods of a cluster have made in the account is not in anybody's plan: balancers whose controller is gone, with their groups and interfaces.
    [Fact]
    public async Task Remove_ControllersLeftBalancers_TakesThemAndLeavesVolumesAlone()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        account.PlantLoadBalancer("k8s-shop", NetworkOf(account), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = EksStandIn.Name });
        var volume = account.PlantVolume(new Dictionary<string, string> { [$"kubernetes.io/cluster/{EksStandIn.Name}"] = "owned" });

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Equal(volume, Assert.Single(account.Ledger.There).Key);
        var left = Assert.Single(await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        Assert.Equal(("Volume", volume, EksStandIn.Name, true), (left.Kind, left.Id, left.Cluster, left.Reason is not null));
    }

    // Finalizers hold services and ingresses until a controller has taken their balancers down: where none runs, for ever.
    [Theory]
    [InlineData(false, 2, "Service shop/web, Ingress shop/api stay, for no controller of balancers runs in the cluster; balancers that have its tags are deleted after it")]
    [InlineData(true, 8, "Service shop/web, Ingress shop/api stay; balancers that have its tags are deleted after it")]
    public async Task Remove_NobodyTakesBalancersDown_GoesOnAfterAWhileAndLeavesNothing(bool hasController, int minutes, string summary)
    {
        var api = new RememberedCluster();
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, region: hasController ? "eu-west-2" : "eu-west-3", api: api);
        api.Held.AddRange([Held("v1", "Service", "web"), Held("networking.k8s.io/v1", "Ingress", "api")]);
        if (hasController)
            api.Held.Add(Held("v1", "Pod", "aws-load-balancer-controller-1"));
        made.Account.PlantLoadBalancer("k8s-shop", NetworkOf(made.Account), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = EksStandIn.Name });
        var heard = new EksStandIn.Listener();

        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync(), heard);

        AssertNothingThere(made.Account);
        var finished = Assert.Single(heard.Events.OfType<DeployEvent.StepFinished>(), step => step.StepId == "load-balancers");
        Assert.Equal(summary, finished.Summary);
        Assert.InRange(finished.Elapsed, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes + 2));
    }

    // Its API is down, or who deletes it was never let in.
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ap-south-1")]
    [InlineData(HttpStatusCode.Forbidden, "ap-south-2")]
    [InlineData(HttpStatusCode.Unauthorized, "ap-southeast-3")]
    public async Task Remove_ClusterDoesNotAnswer_SaysSoAndLeavesNothing(HttpStatusCode answer, string region)
    {
        var api = new RememberedCluster();
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, region: region, api: api);
        api.Refuses = answer;
        made.Account.PlantLoadBalancer("k8s-shop", NetworkOf(made.Account), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = EksStandIn.Name });
        var heard = new EksStandIn.Listener();

        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync(), heard);

        AssertNothingThere(made.Account);
        var finished = Assert.Single(heard.Events.OfType<DeployEvent.StepFinished>(), step => step.StepId == "load-balancers");
        Assert.StartsWith("its services and ingresses stay: ", finished.Summary, StringComparison.Ordinal);
        Assert.EndsWith("; balancers that have its tags are deleted after it", finished.Summary, StringComparison.Ordinal);
        Assert.InRange(finished.Elapsed, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(6));
    }

    [Fact]
    public async Task Collect_ClusterIsGone_DeletesWhatItLeftAndNothingOfOthers()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var network = account.PlantNetwork();
        account.PlantLoadBalancer("k8s-shop", network, new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = EksStandIn.Name });
        account.PlantLoadBalancer("k8s-other", network, new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = "other-prod-1" });
        account.PlantLoadBalancer("nobodys", network, new Dictionary<string, string> { ["team"] = "payments" });
        var others = account.Ledger.There.Count(item => item.Kind.StartsWith("elasticloadbalancing:", StringComparison.Ordinal)) * 2 / 3;

        var rest = await eks.Provider.CollectAsync(
            await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken), new EksStandIn.Listener(), TestContext.Current.CancellationToken);

        Assert.Empty(rest);
        var there = account.Ledger.There.Where(item => item.Kind.StartsWith("elasticloadbalancing:", StringComparison.Ordinal)).ToList();
        Assert.Equal(others, there.Count);
        Assert.DoesNotContain(there, item => item.Key.Contains("k8s-shop", StringComparison.Ordinal));
    }

    // Only its owner's tags say whose a network is; what is left of a deletion that was cut late costs money, and no cluster names it any more.
    [Fact]
    public async Task Collect_DeletionWasCutBeforeItsEnd_TakesTheNetworkOfWhoHasNoClusterAndNoOthers()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        Assert.Empty(await eks.Provider.AuditAsync(null, TestContext.Current.CancellationToken));
        var plan = await eks.PlanRemovalAsync();

        await eks.ExecuteAsync(plan with { Steps = [.. plan.Steps.Where(step => !step.Id.StartsWith("network/", StringComparison.Ordinal))] });

        Assert.Empty(await eks.Provider.AuditAsync(new ClusterOwner("other", "prod"), TestContext.Current.CancellationToken));
        var left = await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken);
        Assert.Equal(("Network", "shop-prod", EksStandIn.Owner), (Assert.Single(left).Kind, left[0].Cluster, left[0].Owner));
        Assert.Empty(await eks.Provider.CollectAsync(left, new EksStandIn.Listener(), TestContext.Current.CancellationToken));
        AssertNothingThere(account);
    }

    private static JsonObject Held(string apiVersion, string kind, string name) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "shop", ["uid"] = $"uid-{name}", ["finalizers"] = new JsonArray("service.k8s.aws/resources") },
        ["spec"] = new JsonObject { ["type"] = "LoadBalancer" },
        ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) },
    };

    private static StandInNetwork NetworkOf(StandInAccount account)
    {
        var vpc = account.Ledger.ThereOf("ec2:vpc").Single(item => item.Tags.ContainsKey("kubeapps.dev/part"));
        var subnets = account.Ledger.ThereOf("ec2:subnet").Where(item => (string)item.Content["VpcId"]! == vpc.Key).Select(item => item.Key).ToList();
        return new StandInNetwork(vpc.Key, subnets, subnets);
    }

    private void AssertNothingThere(StandInAccount account)
    {
        // A gateway that is deleted is still shown for an hour.
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
    }
}
