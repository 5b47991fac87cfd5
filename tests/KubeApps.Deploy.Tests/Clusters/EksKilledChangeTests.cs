using KubeApps.Aws.StandIn;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster that stands is changed by runs that are killed: its version, its machines, what it has and who may enter. Nothing is doubled.</summary>
public sealed class EksKilledChangeTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    public static TheoryData<string> Steps => [.. EksLife.Change];

    [Fact]
    public async Task Change_NotKilled_HasTheStepsAndMakesTheThingsThatTheOthersAreHeldAgainst()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Young, EksLife.Region);
        var (account, _, eks) = made;
        var plan = await eks.PlanAsync(EksLife.Old);

        await eks.ExecuteAsync(plan);

        Assert.Equal(EksLife.Change, EksLife.Steps(plan, account.User.Arn));
        Snapshot.Matches(account.Ledger.Tally, "ever-changed.txt");
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Change_KilledWithinAndAfter_GoesOnAndDoublesNothing(string step)
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Young, EksLife.Region);
        var (account, _, eks) = made;

        Assert.NotNull(await EksKill.ExecuteAsync(account, eks, await eks.PlanAsync(EksLife.Old), EksMoment.Within(step)));
        await EksKill.ExecuteAsync(account, eks, await eks.PlanAsync(EksLife.Old), EksMoment.After(step));
        await eks.ExecuteAsync(await eks.PlanAsync(EksLife.Old));

        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Old, "ever-changed.txt");
    }

    [Fact]
    public async Task Change_EachRunKilledAtItsFirstWrite_IsDoneAtLastAndOnce()
    {
        await using var made = await EksMadeCluster.MakeAsync(aws, _clock, EksLife.Young, EksLife.Region);
        var (account, _, eks) = made;

        await EksKill.AtEachWriteAsync(account, eks, () => eks.PlanAsync(EksLife.Old));

        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Old, "ever-changed.txt");
    }
}
