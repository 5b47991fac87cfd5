using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class RecordLedgerTests
{
    private readonly RecordLedger _ledger = new(Repository);
    private readonly List<string> _sent = [];

    [Fact]
    public void Next_OfADeploy_GoesFromQueuedOverItsPhasesToItsEnd()
    {
        Begin(2, Recorded(1, RevisionOutcome.Deployed, "success"));
        Send();
        _ledger.Say("Wait for 1 workload");
        Send();
        _ledger.Say("Run 2 checks");
        _ledger.Say("Switch to blue");
        Send();
        End(2, RevisionOutcome.Deployed);
        Send();

        Assert.Equal(["2 queued", "2 in_progress Wait for 1 workload", "2 in_progress Switch to blue", "2 success", "1 inactive"], _sent);
    }

    [Fact]
    public void Next_OfADeployOfManySteps_SaysAHandfulOfThem()
    {
        Begin(1);
        for (var step = 0; step < 20; step++)
        {
            _ledger.Say($"Step {step}");
            Send();
        }

        Assert.Equal(6, _sent.Count);
    }

    // A deploy that plans anew begins its steps again.
    [Fact]
    public void Next_OfAPhaseThatIsSaidAgain_IsSentOnChangeAlone()
    {
        Begin(1);
        foreach (var phase in (string[])["Wait for 1 workload", "Wait for 1 workload", "Run 2 checks", "Wait for 1 workload"])
        {
            Send();
            _ledger.Say(phase);
        }

        Send();
        Assert.Equal(["1 queued", "1 in_progress Wait for 1 workload", "1 in_progress Run 2 checks", "1 in_progress Wait for 1 workload"], _sent);
    }

    [Fact]
    public void Next_OnceTheRunIsAskedToEnd_IsTheEnd()
    {
        Begin(1);
        Send();
        _ledger.Say("Wait for 1 workload");
        _ledger.Cancel();
        Send();
        End(1, RevisionOutcome.Cancelled);
        Send();

        Assert.Equal(["1 queued", "1 error"], _sent);
    }

    [Fact]
    public void Next_WhereTheDeployWasFasterThanItsCancellation_SaysHowItReallyEnded()
    {
        Begin(1);
        _ledger.Cancel();
        Send();
        End(1, RevisionOutcome.Deployed);
        Send();

        Assert.Equal(["1 error", "1 success"], _sent);
    }

    [Fact]
    public void Next_OfARevisionThatIsHeld_SaysSoOnceAndKeepsIt()
    {
        Begin(1);
        Send();
        End(1, RevisionOutcome.Deploying, isHeld: true);
        Assert.True(_ledger.Next()!.IsKept);
        Send();

        Assert.Equal(["1 queued", "1 in_progress Held: promote or abort."], _sent);
    }

    [Fact]
    public void Next_AfterAnAutomaticRollback_HasARecordForEachOfTheTwo()
    {
        Begin(2, Recorded(1, RevisionOutcome.Deployed, "success"));
        Send();
        End(2, RevisionOutcome.Failed);
        Send();
        Begin(3, Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Failed));
        Send();
        End(3, RevisionOutcome.Deployed);
        Send();

        Assert.Equal(["2 queued", "2 failure", "3 queued", "3 success", "1 inactive"], _sent);
    }

    [Fact]
    public void Next_WhereGitHubRefusesOneRevision_GoesOnWithTheOthers()
    {
        Begin(2, Recorded(1, RevisionOutcome.Interrupted));
        _ledger.Refused(_ledger.Next()!.Revision);
        Send();

        Assert.Equal(["2 queued"], _sent);
    }

    [Fact]
    public void Next_OfARevisionOfARunBefore_MayHaveARecordAlready()
    {
        Begin(2, Recorded(1, RevisionOutcome.Interrupted));

        Assert.True(_ledger.Next() is { MayExist: true, Revision.Number: 1 });
        Send();
        End(2, RevisionOutcome.Failed);
        Assert.False(_ledger.Next()!.MayExist);
    }

    [Fact]
    public void Next_OfWhatAnotherRunGoesOnWith_SaysItsPhasesAndHowItEnds()
    {
        _ledger.Learn([Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Deploying, "in_progress")], null);
        _ledger.GoOn(2, new Author("joe", "https://github.example/run"));
        Send();
        Assert.Empty(_sent);
        _ledger.Say("Switch to blue");
        Assert.Equal("joe", _ledger.Next()!.By!.Name);
        Send();
        _ledger.Learn([Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Deployed, "in_progress")], null);
        Send();

        Assert.Equal(["2 in_progress Switch to blue", "2 success", "1 inactive"], _sent);
    }

    [Fact]
    public void Next_OfWhatWasNotPromotedAfterAll_SaysThatItWaitsAgain()
    {
        _ledger.Learn([Recorded(2, RevisionOutcome.Deploying, "in_progress")], null);
        _ledger.GoOn(2, new Author("joe"));
        _ledger.Say("Run 2 checks");
        Send();
        _ledger.Cancel();
        Assert.True(_ledger.HasSpoken);
        _ledger.Learn([Recorded(2, RevisionOutcome.Deploying, "in_progress")], 2);
        Assert.True(_ledger.Next()!.IsKept);
        Send();

        Assert.Equal(["2 in_progress Run 2 checks", "2 in_progress Held: promote or abort."], _sent);
    }

    [Fact]
    public void Next_OfWhatIsLeftInTheMidst_IsNoEnd()
    {
        _ledger.Learn([Recorded(2, RevisionOutcome.Deploying, "in_progress")], null);
        _ledger.GoOn(2, new Author("joe"));
        _ledger.Say("Switch to blue");
        Send();
        _ledger.Cancel();
        _ledger.Learn([Recorded(2, RevisionOutcome.Deploying, "in_progress")], null);
        Send();

        Assert.Equal(["2 in_progress Switch to blue"], _sent);
    }

    [Fact]
    public void Next_OfARecordWithManyStates_LeavesRoomForItsEnd()
    {
        var many = Recorded(2, RevisionOutcome.Deploying, "in_progress");
        _ledger.Learn([many with { Record = many.Record! with { Statuses = 50 } }], null);
        _ledger.GoOn(2, new Author("joe"));
        _ledger.Say("Switch to blue");
        Send();
        Assert.Empty(_sent);
        _ledger.Learn([Recorded(2, RevisionOutcome.Deployed, "in_progress")], null);
        Send();

        Assert.Equal(["2 success"], _sent);
    }

    private void Begin(int number, params Revision[] others)
    {
        _ledger.Know(others);
        _ledger.Begin(Recorded(number, RevisionOutcome.Deploying));
    }

    private void End(int number, RevisionOutcome outcome, bool isHeld = false) => _ledger.End(Recorded(number, outcome), isHeld);

    // As the delivery does, with a GitHub that takes everything.
    private void Send()
    {
        while (_ledger.Next() is { } move)
        {
            if (move.Revision.Record!.Id is null)
                _ledger.Created(move.Revision, move.Revision.Record with { Id = move.Revision.Number * 100 });
            _ledger.Sent(move);
            _sent.Add($"{move.Revision.Number} {move.State} {move.Phase}".TrimEnd());
        }
    }
}
