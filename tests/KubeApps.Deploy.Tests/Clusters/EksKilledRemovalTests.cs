using KubeApps.Aws.StandIn;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster is deleted by runs that are killed. Nothing is left, and nothing is made on the way.</summary>
public sealed class EksKilledRemovalTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    public static TheoryData<string> Steps => [.. EksLife.Removal];

    [Fact]
    public async Task Remove_NotKilled_HasTheSteps()
    {
        await using var made = await MakeAsync();

        // AWS lists groups in an order of its own.
        Assert.Equal(EksLife.Removal.Order(), EksLife.Steps(await made.Eks.PlanRemovalAsync(), made.Account.User.Arn).Order());
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Remove_KilledWithinAndAfter_GoesOnAndLeavesNothing(string step)
    {
        await using var made = await MakeAsync();
        var (account, eks, before) = (made.Account, made.Eks, made.Account.Ledger.Tally);

        Assert.NotNull(await EksKill.ExecuteAsync(account, eks, await eks.PlanRemovalAsync(), EksMoment.Within(step)));
        await EksKill.ExecuteAsync(account, eks, await eks.PlanRemovalAsync(), EksMoment.After(step));
        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        await AssertGoneAsync(made, before);
    }

    [Fact]
    public async Task Remove_EachRunKilledAtItsFirstWrite_LeavesNothingAtLast()
    {
        await using var made = await MakeAsync();
        var (account, eks, before) = (made.Account, made.Eks, made.Account.Ledger.Tally);

        await EksKill.AtEachWriteAsync(account, eks, () => eks.PlanRemovalAsync());

        await AssertGoneAsync(made, before);
    }

    private Task<EksMadeCluster> MakeAsync() => EksMadeCluster.MakeAsync(aws, _clock, EksLife.Old, EksLife.Region);

    private async Task AssertGoneAsync(EksMadeCluster made, string before)
    {
        Assert.Empty(await made.Eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken));
        Assert.True((await made.Eks.PlanRemovalAsync()).IsNoOp, EksCase.Text(await made.Eks.PlanRemovalAsync()));
        // A gateway that is deleted is still shown for an hour.
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(made.Account.Ledger.There);
        Assert.Equal(before, made.Account.Ledger.Tally);
    }
}
