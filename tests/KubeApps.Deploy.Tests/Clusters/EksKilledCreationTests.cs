using KubeApps.Aws.StandIn;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>
/// A cluster is made by runs that are killed: each within a step and right after it, and in the end at every single write. Nothing is doubled.
/// </summary>
public sealed class EksKilledCreationTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    public static TheoryData<string> Steps => [.. EksLife.Creation];

    [Fact]
    public async Task Create_NotKilled_HasTheStepsAndMakesTheThingsThatTheOthersAreHeldAgainst()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);
        var plan = await eks.PlanAsync(EksLife.Young);

        await eks.ExecuteAsync(plan);

        Assert.Equal(EksLife.Creation, EksLife.Steps(plan, account.User.Arn));
        Snapshot.Matches(account.Ledger.Tally, "ever-created.txt");
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Create_KilledWithinAndAfter_GoesOnAndDoublesNothing(string step)
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);
        step = EksLife.StepOf(account, step);

        Assert.NotNull(await EksKill.ExecuteAsync(account, eks, await eks.PlanAsync(EksLife.Young), EksMoment.Within(step)));
        await EksKill.ExecuteAsync(account, eks, await eks.PlanAsync(EksLife.Young), EksMoment.After(step));
        await eks.ExecuteAsync(await eks.PlanAsync(EksLife.Young));

        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Young, "ever-created.txt");
    }

    [Fact]
    public async Task Create_EachRunKilledAtItsFirstWrite_IsMadeAtLastAndOnce()
    {
        using var account = await EksLife.NewAccountAsync(aws, _clock);
        using var eks = new EksStandIn(account, _clock);

        await EksKill.AtEachWriteAsync(account, eks, () => eks.PlanAsync(EksLife.Young));

        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Young, "ever-created.txt");
    }
}
