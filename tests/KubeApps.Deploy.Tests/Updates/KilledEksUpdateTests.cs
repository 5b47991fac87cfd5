using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Updates;
using KubeApps.Events;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>
/// An app on EKS gets a new cluster in place of its old one by runs that end after a step. The next one finishes, and whatever there ever was there was once;
/// or it returns, and all is as it was.
/// </summary>
public sealed class KilledEksUpdateTests(AwsStandIn aws, EksSandboxes sandboxes) : IClassFixture<EksSandboxes>
{
    private static readonly string[] BeforeReturn =
    [
        "begin", "create", "add-ons", "introduce", "carry", "deploy", "shift", "share-5", "watch-5", "share-50", "watch-50", "share-100", "soaking", "soak", "draining", "drain",
    ];

    private static readonly string[] AfterReturn = ["succeed", "leave", "delete", "audit"];

    private static readonly string[] OfAbort = ["abort", "share", "drain", "leave", "delete", "audit"];

    private const string Last = "finish";

    public static TheoryData<string> AllButTheLast => [.. BeforeReturn, .. AfterReturn];

    public static TheoryData<string> ThatCanBeTakenBack => [.. BeforeReturn];

    public static TheoryData<string> AllButTheLastOfAbort => [.. OfAbort];

    [Fact]
    public async Task Deploy_NotCut_HasTheStepsAndMakesTheThingsThatTheOthersAreHeldAgainst()
    {
        await using var shop = await ShopOnEks.StartAsync(aws, sandboxes);

        var result = await shop.DeployAsync("new");

        Assert.True(result.ExitCode == ExitCodes.Done, ShopOnEks.Text(result));
        Assert.Equal([.. BeforeReturn, .. AfterReturn, Last], result.Steps.Select(step => step.Id));
        await AssertMovedOnceAsync(shop);
    }

    [Theory]
    [MemberData(nameof(AllButTheLast))]
    public async Task Deploy_CutAfterAStep_FinishesAndDoublesNothing(string step)
    {
        await using var shop = await ShopOnEks.StartAsync(aws, sandboxes);
        await CutAsync(shop, step);

        var result = await shop.DeployAsync("new");

        Assert.True(result.ExitCode == ExitCodes.Done, ShopOnEks.Text(result));
        await AssertMovedOnceAsync(shop);
    }

    [Theory]
    [MemberData(nameof(ThatCanBeTakenBack))]
    public async Task Abort_AfterADeployWasCut_LeavesAllAsItWas(string step)
    {
        await using var shop = await ShopOnEks.StartAsync(aws, sandboxes);
        var before = shop.There();
        await CutAsync(shop, step);

        var result = await shop.AbortAsync();

        Assert.True(result is { Outcome: DeployOutcome.Aborted, ExitCode: ExitCodes.Done }, ShopOnEks.Text(result));
        Assert.StartsWith("hello from old-", await shop.AskOnlyAsync(shop.Old), StringComparison.Ordinal);
        Assert.Equal(before, shop.There());
    }

    [Theory]
    [MemberData(nameof(AllButTheLastOfAbort))]
    public async Task Abort_CutAfterAStep_IsFinishedByTheNext(string step)
    {
        await using var shop = await ShopOnEks.StartAsync(aws, sandboxes);
        var before = shop.There();
        await CutAsync(shop, "soaking");
        var aborting = await CutAsync((log, token) => shop.AbortAsync(log, token), step);
        Assert.Equal([.. OfAbort, Last], aborting.Steps.Select(item => item.Id));

        var result = await shop.AbortAsync();

        Assert.True(result is { Outcome: DeployOutcome.Aborted, ExitCode: ExitCodes.Done }, ShopOnEks.Text(result));
        Assert.StartsWith("hello from old-", await shop.AskOnlyAsync(shop.Old), StringComparison.Ordinal);
        Assert.Equal(before, shop.There());
    }

    private static Task CutAsync(ShopOnEks shop, string step) => CutAsync((log, token) => shop.DeployAsync("new", log, token), step);

    private static async Task<UpdateResult> CutAsync(Func<IEventSink, CancellationToken, Task<UpdateResult>> run, string step)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var log = new EventLog
        {
            OnEvent = told =>
            {
                if (told is DeployEvent.StepFinished finished && finished.StepId == step)
                    end.Cancel();
            },
        };
        var cut = await run(log, end.Token);
        Assert.True(cut.Outcome == DeployOutcome.Cancelled, ShopOnEks.Text(cut));
        return cut;
    }

    private static async Task AssertMovedOnceAsync(ShopOnEks shop)
    {
        Assert.StartsWith("hello from new-", await shop.AskOnlyAsync(shop.New), StringComparison.Ordinal);
        Assert.DoesNotContain(shop.There(), item => item.Contains(shop.Old, StringComparison.Ordinal));
        Snapshot.Matches(shop.Account.Ledger.Tally, "ever-moved.txt");
    }
}
