using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What runs in a cluster and acts on the account has a role of the cluster's, which lives and ends with it.</summary>
public sealed class EksControllerTests(AwsStandIn aws)
{
    private static readonly ClusterSpecification Wanted = EksStandIn.Small with { HasLoadBalancers = true, HasAutoscaler = true };

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Create_ControllersWanted_GivesTheirPodsWhatTheirProjectsSayAndNoMore()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(Wanted));

        Assert.True((await eks.PlanAsync(Wanted)).IsNoOp, EksCase.Text(await eks.PlanAsync(Wanted)));
        var identities = account.Ledger.ThereOf("eks:podidentity").ToDictionary(item => $"{item.Content["namespace"]}/{item.Content["serviceAccount"]}", item => (string)item.Content["roleArn"]!);
        Assert.Equal($"arn:aws:iam::{account.Id}:role/shop-prod-1-load-balancers-{account.Region}", identities["kube-system/aws-load-balancer-controller"]);
        Assert.Equal($"arn:aws:iam::{account.Id}:role/shop-prod-1-autoscaler-{account.Region}", identities["kube-system/cluster-autoscaler"]);
        Assert.Contains("elasticloadbalancing:CreateLoadBalancer", await PolicyOfAsync(account, "load-balancers", "aws-load-balancer-controller"), StringComparison.Ordinal);
        Assert.Contains("aws:ResourceTag/k8s.io/cluster-autoscaler/shop-prod-1", await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler"), StringComparison.Ordinal);
    }

    // A run that was cut after the role was made, an older version of the tool, or somebody's own change.
    [Theory]
    [InlineData(null)]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    public async Task Update_PolicyIsNotTheOne_IsWrittenAnew(string? document)
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        await eks.ExecuteAsync(await eks.PlanAsync(Wanted));
        var right = await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler");
        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
            await (document is null
                ? access.Iam.DeleteRolePolicyAsync(new(Role(account, "autoscaler"), "cluster-autoscaler"), TestContext.Current.CancellationToken)
                : access.Iam.PutRolePolicyAsync(new(Role(account, "autoscaler"), "cluster-autoscaler", document), TestContext.Current.CancellationToken));

        var plan = await eks.PlanAsync(Wanted);
        Assert.Equal("role/autoscaler", Assert.Single(plan.Steps).Id);
        await eks.ExecuteAsync(plan);

        Assert.Equal(right, await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler"));
    }

    [Fact]
    public async Task Update_StandingClusterWithoutThem_GetsThemWithNothingElseChanged()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var plan = await eks.PlanAsync(Wanted);
        await eks.ExecuteAsync(plan);

        Assert.All(plan.Steps, step => Assert.Equal(ClusterAction.Create, step.Action));
        Assert.True((await eks.PlanAsync(Wanted)).IsNoOp);
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delete_RolesOfControllers_GoWithTheCluster(bool isWhole)
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(Wanted);
        // Or what a run that was cut has made: roles alone, one of them without its policy.
        await eks.ExecuteAsync(isWhole ? plan : plan with { Steps = [.. plan.Steps.Where(step => step.Id.StartsWith("role/", StringComparison.Ordinal))] });
        if (!isWhole)
        {
            using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
            await access.Iam.DeleteRolePolicyAsync(new(Role(account, "load-balancers"), "aws-load-balancer-controller"), TestContext.Current.CancellationToken);
        }

        var removal = await eks.PlanRemovalAsync();
        await eks.ExecuteAsync(removal with { Steps = ClusterSteps.WithoutMissing([.. removal.Steps.Cast<EksStep>().Where(step => step.Id != EksRemoval.LoadBalancers)]) });

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
    }

    [Fact]
    public async Task Audit_RoleOfAControllerWhoseClusterIsGone_IsFoundAndCollected()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(Wanted);
        await eks.ExecuteAsync(plan with { Steps = [.. plan.Steps.Where(step => step.Id == "role/autoscaler")] });

        var left = await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken);

        Assert.Equal(("Role", $"shop-prod-1-autoscaler-{account.Region}"), (Assert.Single(left).Kind, left[0].Id));
        Assert.Empty(await eks.Provider.CollectAsync(left, new EksStandIn.Listener(), TestContext.Current.CancellationToken));
        Assert.Empty(account.Ledger.There);
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all policies in a role together, without white space.
    [Fact]
    public void Policy_OfEachRole_FitsIntoIt()
    {
        foreach (var role in EksRole.All.Where(role => role.Own is not null))
            Assert.InRange(role.Own!.Document(EksCase.Empty.Identity, new string('a', 100)).Length, 100, 10_240);
    }

    private static string Role(StandInAccount account, string part) => $"shop-prod-1-{part}-{account.Region}";

    private static async Task<string> PolicyOfAsync(StandInAccount account, string part, string policy)
    {
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
        return (await access.Iam.GetRolePolicyAsync(new(Role(account, part), policy), TestContext.Current.CancellationToken)).PolicyDocument;
    }
}
