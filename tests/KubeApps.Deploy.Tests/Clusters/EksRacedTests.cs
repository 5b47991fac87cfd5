using Amazon.EC2;
using Amazon.EC2.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Two runs do the same to a cluster at once, as a job and somebody in a hurry do. In the end there is one of each thing, and none of them has failed.</summary>
public sealed class EksRacedTests(AwsStandIn aws)
{
    // Who waits for the other longer than this goes on alone: it need not come.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly AwsClock _clock = new();

    /// <summary>What AWS makes anew each time that it is asked, or refuses the second time.</summary>
    private static readonly string[] Meeting =
    [
        "ec2:CreateVpc", "ec2:CreateInternetGateway", "ec2:AttachInternetGateway", "ec2:CreateSubnet", "ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateRoute",
        "ec2:AssociateRouteTable", "ec2:CreateLaunchTemplate", "iam:CreateRole", "iam:CreateOpenIDConnectProvider", "eks:CreateCluster", "eks:CreateAccessEntry", "eks:CreateAddon", "eks:CreateNodegroup",
        "eks:CreateFargateProfile", "eks:CreatePodIdentityAssociation",
    ];

    public static TheoryData<string> Meetings => [.. Meeting];

    [Fact]
    public async Task Create_TwoRunsAtOnce_MakeOneCluster()
    {
        await using var made = await RaceAsync();

        await AssertOneAsync(made);
    }

    [Theory]
    [MemberData(nameof(Meetings))]
    public async Task Create_TwoRunsMeet_MakeOneCluster(string action)
    {
        await using var made = await RaceAsync(account => Meet(account, action));

        await AssertOneAsync(made);
    }

    [Fact]
    public async Task Create_TwoRunsAtOnceAndListsLate_MakeOneCluster()
    {
        await using var made = await RaceAsync(account =>
        {
            account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(15) };
            foreach (var action in Meeting)
                Meet(account, action);
        });

        _clock.Pass(TimeSpan.FromMinutes(1));
        await AssertOneAsync(made);
    }

    [Fact]
    public async Task Update_TwoRunsAtOnce_ChangeItOnce()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Young, EksLife.Region);
        foreach (var action in (string[])["eks:UpdateClusterVersion", "eks:UpdateClusterConfig", "eks:UpdateNodegroupVersion", "eks:UpdateNodegroupConfig", "eks:UpdateAddon"])
            Meet(made.Account, action);
        using var other = new EksStandIn(made.Account, _clock);
        var plans = (await made.Eks.PlanAsync(EksLife.Old), await other.PlanAsync(EksLife.Old));

        await Task.WhenAll(made.Eks.ExecuteAsync(plans.Item1), other.ExecuteAsync(plans.Item2));

        made.Account.ForgetFaults();
        Assert.True((await made.Eks.PlanAsync(EksLife.Old)).IsNoOp, EksCase.Text(await made.Eks.PlanAsync(EksLife.Old)));
        Assert.Equal(2, made.Account.Ledger.EverOf("eks:update").Count(update => (string)update.Content["type"]! == "VersionUpdate" && update.Key.Count(character => character == '/') == 1));
        Assert.All(made.Account.Ledger.ThereOf("eks:nodegroup"), group => Assert.Equal("1.34", (string)group.Content["version"]!));
    }

    [Fact]
    public async Task Remove_TwoRunsAtOnce_LeaveNothing()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Old, EksLife.Region);
        foreach (var action in (string[])["ec2:DetachInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteVpc", "eks:DeleteCluster", "eks:DeleteNodegroup", "iam:DeleteRole"])
            Meet(made.Account, action);
        using var other = new EksStandIn(made.Account, _clock);
        var plans = (await made.Eks.PlanRemovalAsync(), await other.PlanRemovalAsync());

        await Task.WhenAll(made.Eks.ExecuteAsync(plans.Item1), other.ExecuteAsync(plans.Item2));

        made.Account.ForgetFaults();
        AssertNothingThere(made.Account);
    }

    // One that was killed when it had just made what another had made before it: nobody else would ever delete it.
    [Fact]
    public async Task Create_RunBeforeLeftDoubles_SaysWhatItDeletesAndKeepsOneOfEach()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Old, EksLife.Region);
        var kept = There(made.Account);
        await LeaveDoublesAsync(made);

        var plan = await made.Eks.PlanAsync(EksLife.Old);
        await made.Eks.ExecuteAsync(plan);

        Assert.All(plan.Steps, step => Assert.Equal(ClusterAction.Delete, step.Action));
        Assert.Equal(["network/vpc", "network/internet-gateway", "network/nat-gateway", "network/routes/private"], plan.Steps.Select(step => step.Id));
        Assert.Equal(kept, There(made.Account));
        await AssertOneAsync(made);
    }

    private async Task<EksMadeCluster> RaceAsync(Action<StandInAccount>? arrange = null)
    {
        var made = await EksMadeCluster.StartAsync(aws, _clock, EksLife.Region);
        arrange?.Invoke(made.Account);
        using var other = new EksStandIn(made.Account, _clock);
        var plans = (await made.Eks.PlanAsync(EksLife.Old), await other.PlanAsync(EksLife.Old));
        await Task.WhenAll(made.Eks.ExecuteAsync(plans.Item1), other.ExecuteAsync(plans.Item2));
        made.Account.ForgetFaults();
        return made;
    }

    private static async Task LeaveDoublesAsync(EksMadeCluster made)
    {
        using var access = await AwsAccess.OpenAsync(made.Account.Settings, TestContext.Current.CancellationToken);
        var vpc = made.Account.Ledger.ThereOf("ec2:vpc").Single(item => item.Tags.ContainsKey("kubeapps.dev/part")).Key;
        await access.Ec2.CreateVpcAsync(new CreateVpcRequest { CidrBlock = "10.0.0.0/16", TagSpecifications = Tagged("vpc", "network/vpc") }, TestContext.Current.CancellationToken);
        await access.Ec2.CreateInternetGatewayAsync(new CreateInternetGatewayRequest { TagSpecifications = Tagged("internet-gateway", "network/internet-gateway") }, TestContext.Current.CancellationToken);
        await access.Ec2.AllocateAddressAsync(new AllocateAddressRequest { Domain = DomainType.Vpc, TagSpecifications = Tagged("elastic-ip", "network/nat-gateway") }, TestContext.Current.CancellationToken);
        await access.Ec2.CreateRouteTableAsync(new CreateRouteTableRequest { VpcId = vpc, TagSpecifications = Tagged("route-table", "network/routes/private") }, TestContext.Current.CancellationToken);
    }

    private static List<TagSpecification> Tagged(string type, string part) =>
        [new() { ResourceType = type, Tags = [.. EksTags.Of(EksStandIn.Owner, part: part).Select(tag => new Tag(tag.Key, tag.Value))] }];

    /// <summary>The first request for an operation waits for the second one: both runs have seen that there is nothing yet.</summary>
    private static void Meet(StandInAccount account, string action)
    {
        var (come, met) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        account.Next(2, Fault.Hold(Task.WhenAny(met.Task, Task.Delay(Patience))), request =>
        {
            if (request.Action != action)
                return false;
            if (++come == 2)
                met.TrySetResult();
            return true;
        });
    }

    private async Task AssertOneAsync(EksMadeCluster made)
    {
        var plan = await made.Eks.PlanAsync(EksLife.Old);
        Assert.True(plan.IsNoOp, EksCase.Text(plan));
        await using (var alone = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Old, EksLife.Region))
            Assert.Equal(There(alone.Account), There(made.Account));
        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync());
        AssertNothingThere(made.Account);
    }

    private string There(StandInAccount account)
    {
        // A gateway that is deleted is still shown for an hour.
        _clock.Pass(TimeSpan.FromHours(1));
        return string.Join('\n', account.Ledger.There.Where(item => item.Kind != "eks:update").GroupBy(item => item.Kind).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}"));
    }

    private void AssertNothingThere(StandInAccount account)
    {
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
    }
}
