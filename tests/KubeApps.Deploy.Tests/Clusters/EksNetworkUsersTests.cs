using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>An app's network, and whatever else a cluster has, goes only when nobody needs it: whoever that is, and also where they have come since it was planned.</summary>
public sealed class EksNetworkUsersTests(AwsStandIn aws)
{
    private static readonly ClusterOwner Other = new("cart", "prod");

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Remove_ClusterOfAnotherOwnerStandsInTheNetwork_LeavesItUntilThatIsGone()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        await account.NewClusterAsync("cart-prod-1", Other, network: NetworkOf(account));
        _clock.Pass(TimeSpan.FromHours(1));
        var before = Network(account);

        var removal = await eks.PlanRemovalAsync();
        await eks.ExecuteAsync(removal);

        var finding = Assert.Single(removal.Findings);
        Assert.Equal(("KUBEAPP8138", DiagnosticSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("cart-prod-1 (of cart, prod)", finding.Cause, StringComparison.Ordinal);
        Assert.Equal(before, Network(account));
        Assert.Equal(["cart-prod-1"], account.Ledger.ThereOf("eks:cluster").Select(cluster => cluster.Key));
        foreach (var owner in (ClusterOwner?[])[EksStandIn.Owner, Other, null])
            Assert.Empty(await AuditAsync(eks, owner));

        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
            await access.Eks.DeleteClusterAsync(new("cart-prod-1"), TestContext.Current.CancellationToken);
        _clock.Pass(TimeSpan.FromHours(1));

        Assert.Equal(before, Network(account));
        var left = Assert.Single(await AuditAsync(eks, EksStandIn.Owner));
        Assert.Equal(EksAudit.Network, left.Kind);
        Assert.Empty(await CollectAsync(eks, [left]));
        Assert.Empty(Network(account));
    }

    // Also one of the owner's own: whoever makes it finds the network there, and takes it.
    [Theory]
    [InlineData("cart-prod-1", "cart")]
    [InlineData("shop-prod-2", "shop")]
    [InlineData("others", null)]
    public async Task Remove_ClusterHasComeSinceThePlan_LeavesTheNetworkAndSaysWhich(string name, string? app)
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        var removal = await eks.PlanRemovalAsync();
        Assert.Contains(removal.Steps, step => step.Id == "network/nat-gateway/removal");
        await account.NewClusterAsync(name, app is null ? null : new ClusterOwner(app, "prod"), network: NetworkOf(account));
        var (before, listener) = (Network(account), new EksStandIn.Listener());

        await eks.ExecuteAsync(removal, listener);

        Assert.Equal(before, Network(account));
        Assert.All(
            listener.Events.OfType<DeployEvent.StepFinished>().Where(step => step.StepId.StartsWith("network/", StringComparison.Ordinal)),
            step => Assert.Contains($"stays: {name}", step.Summary, StringComparison.Ordinal));
    }

    // Whose it is, nobody knows, and whether it reaches its users without the way out neither.
    [Fact]
    public async Task Remove_SomethingElseStandsInTheNetwork_StopsBeforeTheWayOutAndGoesOnWhenThatIsGone()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        var balancer = account.PlantLoadBalancer("nobodys", NetworkOf(account), new Dictionary<string, string> { ["team"] = "payments" });
        var before = Network(account);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanRemovalAsync()));

        Assert.Equal("KUBEAPP8139", failure.Diagnostics[0].Code);
        Assert.Contains("nobodys", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, Network(account));
        Assert.Empty(account.Ledger.ThereOf("eks:cluster"));

        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
        {
            await access.LoadBalancing.DeleteLoadBalancerAsync(new(balancer), TestContext.Current.CancellationToken);
            _clock.Pass(TimeSpan.FromMinutes(1));
            foreach (var group in account.Ledger.ThereOf("ec2:security-group").Where(item => item.Tags.ContainsKey("team")))
                await access.Ec2.DeleteSecurityGroupAsync(new DeleteSecurityGroupRequest { GroupId = group.Key }, TestContext.Current.CancellationToken);
        }

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        Assert.Empty(Network(account));
    }

    [Fact]
    public async Task Collect_ClusterHasComeIntoTheNetworkSinceTheAudit_LeavesTheNetwork()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        var plan = await eks.PlanRemovalAsync();
        await eks.ExecuteAsync(plan with { Steps = [.. plan.Steps.Where(step => !step.Id.StartsWith("network/", StringComparison.Ordinal))] });
        var left = await AuditAsync(eks, EksStandIn.Owner);
        Assert.Equal(EksAudit.Network, Assert.Single(left).Kind);
        await account.NewClusterAsync("cart-prod-1", Other, network: NetworkOf(account));
        var (before, listener) = (Network(account), new EksStandIn.Listener());

        var rest = await eks.Provider.CollectAsync(left, listener, TestContext.Current.CancellationToken);

        Assert.Empty(rest);
        Assert.Equal(before, Network(account));
        Assert.Contains("cart-prod-1", Assert.Single(listener.Events.OfType<DeployEvent.Note>()).Text, StringComparison.Ordinal);
        Assert.Empty(listener.Events.OfType<DeployEvent.ResourceChanged>());
    }

    // Its roles have the names of those that were left, and are taken as they are.
    [Fact]
    public async Task Collect_ClusterWasMadeAnewSinceTheAudit_LeavesWhatItHas()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        var (account, eks) = (made.Account, made.Eks);
        var removal = await eks.PlanRemovalAsync();
        await eks.ExecuteAsync(removal with { Steps = [.. removal.Steps.Where(step => !step.Id.StartsWith("role/", StringComparison.Ordinal) && !step.Id.StartsWith("network/", StringComparison.Ordinal))] });
        var left = await AuditAsync(eks, EksStandIn.Owner);
        Assert.Contains(left, item => item.Kind == EksAudit.Role);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.Empty(await CollectAsync(eks, left));

        var again = await eks.PlanAsync(EksStandIn.Small);
        Assert.True(again.IsNoOp, EksCase.Text(again));
    }

    private static Task<IReadOnlyList<ClusterLeftover>> AuditAsync(EksStandIn eks, ClusterOwner? owner) => eks.Provider.AuditAsync(owner, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<ClusterLeftover>> CollectAsync(EksStandIn eks, IReadOnlyList<ClusterLeftover> found) =>
        eks.Provider.CollectAsync(found, new EksStandIn.Listener(), TestContext.Current.CancellationToken);

    /// <summary>What there is of the owner's network, in all its parts.</summary>
    private static List<string> Network(StandInAccount account) =>
        [.. account.Ledger.There.Where(item => item.Tags.ContainsKey(EksTags.Part) && (string?)item.Content["State"] != "deleted").Select(item => $"{item.Kind} {item.Key} {item.Content["State"]}").Order(StringComparer.Ordinal)];

    private static StandInNetwork NetworkOf(StandInAccount account)
    {
        var vpc = account.Ledger.ThereOf("ec2:vpc").Single(item => item.Tags.ContainsKey(EksTags.Part)).Key;
        var subnets = account.Ledger.ThereOf("ec2:subnet").Where(item => (string)item.Content["VpcId"]! == vpc).Select(item => item.Key).ToList();
        return new StandInNetwork(vpc, subnets, subnets);
    }
}
