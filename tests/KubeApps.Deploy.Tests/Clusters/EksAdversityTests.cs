using KubeApps.Aws.StandIn;
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
    public async Task Create_CredentialsExpire_SaysSoAndGoesOnWithNewOnes()
    {
        using var account = await aws.NewAccountAsync(_clock);
        account.Next("eks:CreateNodegroup", Fault.Refused("ExpiredTokenException", "The security token included in the request is expired", 403));
        using var eks = new EksStandIn(account, _clock);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small)));
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        Assert.Contains("expired", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
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
}
