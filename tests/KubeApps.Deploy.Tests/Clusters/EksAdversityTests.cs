using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>AWS on a bad day: the flows go on, or say what is wrong and go on when they are run again.</summary>
public sealed class EksAdversityTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Create_ThrottledAnswersLostAndListsLate_MakesAllOfItOnce()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(15) };
        account.Next(2, Fault.Throttled, request => request.Action == "eks:CreateCluster");
        account.Next("ec2:DescribeSubnets", Fault.RequestLimit);
        foreach (var action in (string[])["eks:CreateCluster", "eks:CreateNodegroup", "eks:CreateAddon", "ec2:CreateNatGateway", "ec2:CreateLaunchTemplate", "iam:CreateRole"])
            account.Next(action, Fault.CutAfter);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        _clock.Pass(TimeSpan.FromMinutes(1));
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp, EksCase.Text(await eks.PlanAsync(EksStandIn.Small)));
        foreach (var kind in (string[])["eks:cluster", "eks:nodegroup", "ec2:natgateway", "ec2:internet-gateway"])
            Assert.Single(account.Ledger.EverOf(kind));
        Assert.Equal(6, account.Ledger.EverOf("eks:addon").Count());
        Assert.Equal(4, account.Ledger.EverOf("iam:role").Count());
    }

    [Fact]
    public async Task Create_EachCallThrottledAtFirst_MakesAllOfItOnce()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        ThrottleEachCall(account);
        using var eks = new EksStandIn(account, _clock);

        await eks.ExecuteAsync(await eks.PlanAsync(EksLife.Young));

        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Young, "ever-created.txt");
    }

    [Fact]
    public async Task Remove_EachCallThrottledAtFirst_LeavesNothing()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock);
        ThrottleEachCall(made.Account);

        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync());

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(made.Account.Ledger.There);
    }

    [Fact]
    public async Task Create_CredentialsExpireThatCanBeRenewed_RenewsThemAndGoesOn()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.Delays = Delays.Real.Times(2);
        using var eks = new EksStandIn(account, _clock, new RoleForMinutes(account));

        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.InRange(account.Requests.Count(request => request.Action == "sts:AssumeRole"), 2, 5);
        Assert.Contains(account.Requests, request => request.Refusal?.Contains("Expired", StringComparison.Ordinal) == true);
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
    }

    // A full update watches for hours, and asks between its steps, too.
    [Fact]
    public async Task List_CredentialsExpireThatCanBeRenewed_RenewsThemAndGoesOn()
    {
        using var account = await aws.NewAccountAsync(_clock);
        using var eks = new EksStandIn(account, _clock, new RoleForMinutes(account));
        Assert.Empty(await eks.Provider.ListAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        _clock.Pass(TimeSpan.FromHours(1));

        Assert.Empty(await eks.Provider.ListAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));

        Assert.Contains(account.Requests, request => request.Refusal?.Contains("Expired", StringComparison.Ordinal) == true);
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(await eks.Provider.Load.ReadAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Create_CredentialsExpireForGood_SaysSoOnceAndGoesOnWithNewOnes()
    {
        using var account = await aws.NewAccountAsync(_clock);
        var isOver = false;
        account.Next(1000, Fault.Refused("ExpiredTokenException", "The security token included in the request is expired", 403), request => isOver |= request.Action == "eks:CreateNodegroup");
        using var eks = new EksStandIn(account, _clock);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));
        account.ForgetFaults();
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var told = Assert.Single(failure.Diagnostics);
        Assert.Equal("KUBEAPP8101", told.Code);
        Assert.Contains("expired", told.Cause, StringComparison.Ordinal);
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
        Assert.Single(account.Ledger.EverOf("eks:cluster"));
    }

    // What --cleanup-on-failure does.
    [Fact]
    public async Task Remove_CreationHadFailed_LeavesNothing()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.ExhaustedInstanceTypes.Add("m5.large");
        account.LeavesInterfaces = true;
        using var eks = new EksStandIn(account, _clock);
        await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));
        account.Next(2, Fault.Throttled, request => request.Action is "eks:DeleteNodegroup" or "eks:DeleteCluster");
        var removal = await eks.PlanRemovalAsync();

        // Its API would be asked for balancers; nobody answers here.
        await eks.ExecuteAsync(removal with { Steps = [.. removal.Steps.Where(step => step.Id != "load-balancers").Select(step => step with { After = [.. step.After.Where(id => id != "load-balancers")] })] });

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
    }

    private static void ThrottleEachCall(StandInAccount account)
    {
        // Who asks STS for the token's sake is the cluster.
        var known = new HashSet<string> { "sts:GetCallerIdentity" };
        account.Next(100, Fault.RequestLimit, request => request.Service == "ec2" && known.Add(request.Action));
        account.Next(100, Fault.Throttled, request => request.Service != "ec2" && known.Add(request.Action));
    }

    /// <summary>A role for a quarter of an hour of AWS's time; nobody says beforehand when it is over.</summary>
    private sealed class RoleForMinutes(StandInAccount account) : RefreshingAWSCredentials
    {
        private readonly string _role = account.PlantRole("provisioner");

        protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();

        protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
        {
            using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
            var role = await access.Sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = _role, RoleSessionName = "create", DurationSeconds = 900 }, TestContext.Current.CancellationToken);
            return new CredentialsRefreshState(new ImmutableCredentials(role.Credentials.AccessKeyId, role.Credentials.SecretAccessKey, role.Credentials.SessionToken), DateTime.UtcNow.AddHours(12));
        }
    }
}
