using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Updates;

public class FullUpdateTests
{
    private readonly TwoClusters _clusters = new();

    [Fact]
    public async Task Deploy_FirstOfAnApp_MakesItsClusterAndGivesItAllLoad()
    {
        var result = await _clusters.DeployAsync();

        Assert.Equal((DeployOutcome.Deployed, ExitCodes.Done), (result.Outcome, result.ExitCode));
        Assert.Equal("shop-prod-1 Ready version 1, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Deploy_OfNextVersion_MovesLoadInStepsAndDeletesTheOldClusterInSilence()
    {
        await _clusters.DeployAsync();
        _clusters.Log.Clear();
        _clusters.Version = "2";

        var result = await _clusters.DeployAsync();

        Assert.Equal(ExitCodes.Done, result.ExitCode);
        Assert.Equal("shop-prod-2 Ready version 2, 100 %, alone", _clusters.Text());
        Snapshot.Matches(string.Join('\n', _clusters.Log) + "\n", "NextVersion.writes.txt");
    }

    [Fact]
    public async Task Deploy_Held_WaitsForPromotionWithAllLoadOnTheOldCluster()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";

        var held = await _clusters.DeployAsync(holds: true);
        var again = await _clusters.DeployAsync(holds: true);

        Assert.Equal([DeployOutcome.Held, DeployOutcome.Held], [held.Outcome, again.Outcome]);
        Assert.Equal(100, _clusters.Shares["shop-prod-1"]);
        var promoted = await _clusters.PromoteAsync();
        Assert.Equal(DeployOutcome.Deployed, promoted.Outcome);
        Assert.Equal("shop-prod-2 Ready version 2, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Promote_Holding_GoesOneShareFurtherAndNeverToTheOldClustersEnd()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        await _clusters.DeployAsync(holds: true);
        var shares = new List<int>();

        for (var promotions = 0; promotions < 4; promotions++)
        {
            Assert.Equal(DeployOutcome.Held, (await _clusters.PromoteAsync(holds: true)).Outcome);
            shares.Add(_clusters.Shares["shop-prod-2"]);
        }

        Assert.Equal([5, 50, 100, 100], shares);
        Assert.Equal(["shop-prod-1", "shop-prod-2"], _clusters.Clusters.Select(cluster => cluster.Name));
        Assert.Equal(DeployOutcome.Deployed, (await _clusters.PromoteAsync()).Outcome);
        Assert.Equal("shop-prod-2 Ready version 2, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Abort_HeldWithAllLoadMoved_Returns()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        await _clusters.DeployAsync(holds: true);
        for (var promotions = 0; promotions < 3; promotions++)
            await _clusters.PromoteAsync(holds: true);

        Assert.Equal(DeployOutcome.Aborted, (await _clusters.AbortAsync()).Outcome);
        Assert.Equal("shop-prod-1 Ready version 1, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Abort_OfAVersionThatNeverHadAShare_WaitsForNoSilence()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        await _clusters.DeployAsync(holds: true);

        var aborted = await _clusters.AbortAsync();

        Assert.Equal(["abort", "leave", "delete", "audit", "finish"], aborted.Steps.Select(step => step.Id));
        Assert.Equal("shop-prod-1 Ready version 1, 100 %, alone", _clusters.Text());
    }

    // What was written last is all that a run which was killed has told: load may have moved since, or be on its way.
    [Theory]
    [InlineData("shop-prod-1 says Shifting", null)]
    [InlineData("shares shop-prod-1 95, shop-prod-2 5", null)]
    [InlineData("shares shop-prod-1 95, shop-prod-2 5", "shop-prod-1 says Aborting")]
    [InlineData("shares shop-prod-1 95, shop-prod-2 5", "shares shop-prod-1 100, shop-prod-2 0")]
    public async Task Abort_OfAVersionThatMayHaveHadAShare_WaitsForSilence(string killedAfter, string? abortKilledAfter)
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.KilledAfter) = ("2", killedAfter);
        await Assert.ThrowsAsync<KilledException>(() => _clusters.DeployAsync());
        _clusters.KilledAfter = abortKilledAfter;
        if (abortKilledAfter is not null)
            await Assert.ThrowsAsync<KilledException>(_clusters.AbortAsync);
        _clusters.KilledAfter = null;

        var aborted = await _clusters.AbortAsync();

        Assert.Contains("drain", aborted.Steps.Select(step => step.Id));
    }

    [Fact]
    public async Task Abort_OfAVersionThatWasTakenBack_WaitsForSilence()
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.CrashesAt) = ("2", 50);
        await _clusters.DeployAsync();

        Assert.Contains("drain", (await _clusters.AbortAsync()).Steps.Select(step => step.Id));
    }

    [Fact]
    public async Task Deploy_OfThirdVersionWhileSecondIsHeld_UsesTheClusterThatStandsForIt()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        await _clusters.DeployAsync(holds: true);
        _clusters.Version = "3";

        await _clusters.DeployAsync();

        Assert.Equal("shop-prod-2 Ready version 3, 100 %, alone", _clusters.Text());
        Assert.Equal(["shop-prod-1", "shop-prod-2"], _clusters.Made);
    }

    [Fact]
    public async Task Deploy_OfThirdVersionWhileLoadMovesToSecond_IsRefused()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        await _clusters.DeployAsync(holds: true);
        await _clusters.PromoteAsync(holds: true);
        var before = _clusters.Text();
        _clusters.Version = "3";

        var result = await _clusters.DeployAsync();

        Assert.Equal([DiagnosticDescriptors.UpdateUnderWay.Code], result.Diagnostics.Select(item => item.Code));
        Assert.Equal(before, _clusters.Text());
    }

    [Fact]
    public async Task Deploy_ThatCrashesUnderLoad_GivesLoadBackAndLeavesTheNewClusterForTheNextTry()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        _clusters.CrashesAt = 50;

        var failed = await _clusters.DeployAsync();

        Assert.Equal((DeployOutcome.RolledBack, ExitCodes.RolledBack), (failed.Outcome, failed.ExitCode));
        Assert.Equal(100, _clusters.Shares["shop-prod-1"]);
        Assert.Equal(0, _clusters.Shares["shop-prod-2"]);
        Assert.Equal("It crashes.", Assert.Single(failed.Failures).Cause);
        _clusters.CrashesAt = null;
        _clusters.Version = "3";
        await _clusters.DeployAsync();
        Assert.Equal("shop-prod-2 Ready version 3, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Deploy_WhoseAnswersAreWorse_GivesLoadBack()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        _clusters.ErrorRates["2"] = 0.2;

        var failed = await _clusters.DeployAsync();

        Assert.Equal(ExitCodes.RolledBack, failed.ExitCode);
        Assert.Contains("shop-prod-2 answered 10 of 50 requests", Assert.Single(failed.Failures).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_ThatFailsWithCleanUp_DeletesTheNewCluster()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        _clusters.FailsToDeploy = true;

        var failed = await _clusters.Updater(cleansUp: true).RunAsync(new UpdateOrder.Deploy(_clusters.Terms, false, true), TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.RolledBack, failed.ExitCode);
        Assert.Equal("shop-prod-1 Ready version 1, 100 %, alone", _clusters.Text());
    }

    [Fact]
    public async Task Abort_AfterOneWayMigration_IsRefused()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        _clusters.HasOneWayJob = true;
        await _clusters.DeployAsync(holds: true);

        var aborted = await _clusters.AbortAsync();

        Assert.Equal([DiagnosticDescriptors.UpdateIsOneWay.Code], aborted.Diagnostics.Select(item => item.Code));
        Assert.Equal(DeployOutcome.Deployed, (await _clusters.PromoteAsync()).Outcome);
    }

    // Then nobody knows whether its migration ran.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Abort_NewClusterGivesNoAnswer_IsRefusedWhereItsVersionIsOneWay(bool isOneWay)
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.HasOneWayJob) = ("2", isOneWay);
        await _clusters.DeployAsync(holds: true);
        _clusters.Silent = "shop-prod-2";

        var aborted = await _clusters.AbortAsync();

        Assert.Equal(isOneWay ? DiagnosticDescriptors.UpdateIsOneWay.Code : null, aborted.Diagnostics.FirstOrDefault()?.Code);
        Assert.Equal(isOneWay ? DeployOutcome.Failed : DeployOutcome.Aborted, aborted.Outcome);
    }

    [Fact]
    public async Task Deploy_NewClusterGivesNoAnswerAnyMore_GivesLoadBackWhateverMayHaveRun()
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.HasOneWayJob, _clusters.SilentFrom) = ("2", true, 50);

        var failed = await _clusters.DeployAsync();

        Assert.Equal(ExitCodes.RolledBack, failed.ExitCode);
        Assert.Equal(100, _clusters.Shares["shop-prod-1"]);
    }

    [Fact]
    public async Task Deploy_ThatCrashesAfterOneWayMigration_KeepsWhatLoadItHas()
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.HasOneWayJob, _clusters.CrashesAt) = ("2", true, 50);

        var failed = await _clusters.DeployAsync();

        Assert.Equal(ExitCodes.Failed, failed.ExitCode);
        Assert.Equal(50, _clusters.Shares["shop-prod-2"]);
    }

    [Fact]
    public async Task Deploy_WhileSomebodyHoldsOnForEver_NeverDeletesTheOldCluster()
    {
        var clusters = new TwoClusters { Clinging = TimeSpan.FromDays(1) };
        await clusters.DeployAsync();
        clusters.Version = "2";

        var result = await clusters.DeployAsync();

        Assert.Equal((DeployOutcome.TimedOut, ExitCodes.TimedOut), (result.Outcome, result.ExitCode));
        Assert.Equal(DiagnosticDescriptors.StillArriving.Code, Assert.Single(result.Diagnostics).Code);
        Assert.Equal(["shop-prod-1", "shop-prod-2"], clusters.Clusters.Select(item => item.Name));
        Assert.Equal(100, clusters.Shares["shop-prod-2"]);
    }

    [Fact]
    public async Task Deploy_WhileAConnectionStaysOpen_NamesItAndNeverDeletesTheOldCluster()
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.LeftOpen) = ("2", 1);

        var result = await _clusters.DeployAsync();

        Assert.Contains("0 requests within 60 s and 1 open connection", Assert.Single(result.Diagnostics).Cause, StringComparison.Ordinal);
        Assert.Contains(_clusters.Clusters, cluster => cluster.Name == "shop-prod-1");
    }

    [Fact]
    public async Task Deploy_ThatLeavesSomething_SaysSoAndFails()
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.LeavesVolume) = ("2", true);
        var log = new EventLog();

        var result = await _clusters.Updater(log).RunAsync(new UpdateOrder.Deploy(_clusters.Terms, false, true), TestContext.Current.CancellationToken);

        Assert.Equal((DeployOutcome.Deployed, ExitCodes.Failed), (result.Outcome, result.ExitCode));
        Assert.Equal("vol-shop-prod-1", Assert.Single(result.Leftovers).Id);
        Assert.Contains(log.Events, item => item is DeployEvent.DiagnosticRaised { Diagnostic.Code: "KUBEAPP7208" });
    }

    [Fact]
    public async Task PromoteAndAbort_WithNothingUnderWay_AreRefused()
    {
        await _clusters.DeployAsync();

        Assert.Equal([DiagnosticDescriptors.NothingToPromote.Code], (await _clusters.PromoteAsync()).Diagnostics.Select(item => item.Code));
        Assert.Equal([DiagnosticDescriptors.NothingToAbort.Code], (await _clusters.AbortAsync()).Diagnostics.Select(item => item.Code));
    }
}
