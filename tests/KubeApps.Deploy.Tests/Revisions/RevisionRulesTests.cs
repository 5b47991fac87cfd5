using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using static KubeApps.Deploy.Revisions.RevisionOutcome;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Revisions;

public sealed class RevisionRulesTests
{
    [Fact]
    public void Superseded_MoreThanAreKept_AreTheOldest() =>
        Assert.Equal([2, 1], Numbers(RevisionRules.Superseded([Revision(1), Revision(2), Revision(3), Revision(4)], 4, 2)));

    [Fact]
    public void Superseded_LastGoodOneIsOlder_IsKept() =>
        Assert.Equal([3, 1], Numbers(RevisionRules.Superseded([Revision(1), Revision(2), Revision(3, Failed), Revision(4, Failed), Revision(5)], 5, 2)));

    [Fact]
    public void Superseded_NextOneIsOnlyPlanned_CountsIt() =>
        Assert.Equal([1], Numbers(RevisionRules.Superseded([Revision(1), Revision(2), Revision(3)], 4, 3)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Superseded_NoneIsKept_StillKeepsWhatStandsAndTheLastGoodOne(int kept) =>
        Assert.Equal([1], Numbers(RevisionRules.Superseded([Revision(1), Revision(2), Revision(3)], 3, kept)));

    [Theory]
    [InlineData(3, 3)]
    [InlineData(-4, 0)]
    [InlineData(-3600, -3600)]
    public void BeginningOf_ServerSaysLessThanBefore_IsNotBeforeTheOneItFollows(int now, int expected)
    {
        var last = Revision(2).StartedAt;

        Assert.Equal(last.AddSeconds(expected), RevisionRules.BeginningOf([Revision(1) with { StartedAt = last.AddSeconds(-20) }, Revision(2)], last.AddSeconds(now)));
    }

    [Fact]
    public void LastFailure_IsTheLastDeploysAlsoWhereItWasTakenBack()
    {
        static int? Of(params Revision[] revisions) => RevisionRules.LastFailure(revisions)?.Number;

        Assert.Null(Of());
        Assert.Null(Of(Revision(1, Failed), Revision(2)));
        Assert.Null(Of(Revision(1), Revision(2, Deploying)));
        Assert.Equal(2, Of(Revision(1), Revision(2, Failed)));
        Assert.Equal(2, Of(Revision(1), Revision(2, RolledBack), Revision(3, restores: 1)));
        Assert.Equal(3, Of(Revision(1), Revision(2, RolledBack), Revision(3, Failed, restores: 1)));
        // Somebody went back on purpose, after a failure of long ago.
        Assert.Null(Of(Revision(1), Revision(2, RolledBack), Revision(3, restores: 1), Revision(4), Revision(5, restores: 3)));
    }

    [Fact]
    public void Target_NothingIsNamed_IsTheLastGoodOneBeforeWhatStands()
    {
        Revision[] revisions = [Revision(1), Revision(2), Revision(3, Failed), Revision(4, isKept: false), Revision(5)];

        Assert.Equal(2, RevisionRules.Target(revisions, Inventory(5), null).Number);
    }

    [Fact]
    public void Target_WhatStandsFailed_IsTheLastGoodOne() =>
        Assert.Equal(1, RevisionRules.Target([Revision(1), Revision(2, Failed)], Inventory(2, isComplete: false), null).Number);

    [Fact]
    public void Target_SameVersionWasDeployedTwice_GoesBackToAnother() =>
        Assert.Equal(1, RevisionRules.Target([Revision(1), Revision(2, hash: "now"), Revision(3, hash: "now")], Inventory(3), null).Number);

    [Fact]
    public void Target_AfterARollback_GoesFurtherBack()
    {
        Revision[] revisions = [Revision(1), Revision(2), Revision(3), Revision(4, hash: "hash-2", restores: 2), Revision(5, hash: "hash-2", restores: 4)];

        Assert.Equal(1, RevisionRules.Target(revisions, Inventory(5, "hash-2"), null).Number);
    }

    [Theory]
    [InlineData("Deploying")]
    [InlineData("Interrupted")]
    [InlineData("Cancelled")]
    public void Target_AfterARollbackThatWasCut_IsTheSameAgain(string outcome)
    {
        Revision[] revisions = [Revision(1), Revision(2), Revision(3), Revision(4, Enum.Parse<RevisionOutcome>(outcome), hash: "hash-2", restores: 2)];

        Assert.Equal(2, RevisionRules.Target(revisions, Inventory(4, "hash-2", isComplete: false), null).Number);
    }

    [Fact]
    public void Target_AfterARollbackThatFailed_GoesFurtherBack()
    {
        Revision[] revisions = [Revision(1), Revision(2), Revision(3), Revision(4, Failed, hash: "hash-2", restores: 2)];

        Assert.Equal(1, RevisionRules.Target(revisions, Inventory(4, "hash-2", isComplete: false), null).Number);
    }

    [Fact]
    public void Target_InventoryOfAnOlderTool_IsTheLastGoodOneThatDiffers() =>
        Assert.Equal(2, RevisionRules.Target([Revision(1), Revision(2)], Inventory(null), null).Number);

    [Fact]
    public void Target_NothingBefore_IsRefused()
    {
        Refused("KUBEAPP7004", () => RevisionRules.Target([Revision(1)], Inventory(1, "hash-1"), null), "before revision 1.");
        Refused(
            "KUBEAPP7004", () => RevisionRules.Target([Revision(1), Revision(2), Revision(3, hash: "hash-1", restores: 1)], Inventory(3, "hash-1"), null),
            "before revision 3, which is revision 1 again.");
    }

    [Theory]
    [InlineData("KUBEAPP7003", 9)]
    [InlineData("KUBEAPP7005", 2)]
    [InlineData("KUBEAPP7005", 3)]
    public void Target_NamedOneIsUnusable_IsRefused(string code, int number) =>
        Refused(code, () => RevisionRules.Target([Revision(1), Revision(2, Failed), Revision(3, isKept: false)], Inventory(3), number));

    [Fact]
    public void LastGood_SameVersionThatFailedNow_IsNothingToReturnTo()
    {
        Revision[] revisions = [Revision(1), Revision(2), Revision(3, Failed)];

        Assert.Equal(2, RevisionRules.LastGood(revisions, 3, "hash-3")?.Number);
        Assert.Null(RevisionRules.LastGood(revisions, 3, "hash-2"));
    }

    [Fact]
    public void RequireReversible_OneWayJobRanSince_NamesJobAndRevision()
    {
        var inventory = Inventory(3, oneWay: [new OneWayJob("migrate-1", 1), new OneWayJob("migrate-2", 2)]);

        RevisionRules.RequireReversible(inventory, 2, Content());
        Refused("KUBEAPP7006", () => RevisionRules.RequireReversible(inventory, 1, Content()), "the Job migrate-2 of revision 2");
        Refused("KUBEAPP7006", () => RevisionRules.RequireReversible(inventory, 0, null), "What stood before the first revision cannot be returned to");
    }

    [Fact]
    public void RequireReversible_TargetHasTheSameJob_IsAllowed()
    {
        var job = Object("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate-2"}}""");

        RevisionRules.RequireReversible(Inventory(3, oneWay: [new OneWayJob("migrate-2", 2)]), 1, Content(job));
    }

    [Theory]
    [InlineData(true, 2, (int)Deployed)]
    [InlineData(false, 2, (int)Interrupted)]
    [InlineData(true, 1, (int)Interrupted)]
    public void Settled_FoundUnderWay_IsWhatTheInventorySays(bool isComplete, int current, int expected) =>
        Assert.Equal((RevisionOutcome)expected, RevisionRules.Settled(Revision(2, Deploying), Inventory(current, isComplete: isComplete)));

    [Fact]
    public void Settled_FoundHeld_WasGivenUp() => Assert.Equal(
        Aborted,
        RevisionRules.Settled(Revision(2, Deploying), Inventory(2, isComplete: false) with { Rollout = new Rollout(RolloutPhase.Held, Slot.Blue, Slot.Green, Start) }));

    [Fact]
    public void WithInventory_RunWasKilledAfterAllWasDone_IsAsGoodAsAny()
    {
        var seen = RevisionRules.WithInventory([Revision(1), Revision(2, Deploying), Revision(3, Deploying)], Inventory(2));

        Assert.Equal([(true, false), (true, true), (false, false)], seen.Select(item => (item.IsRestorable, item.IsUnsaid)));
    }

    [Fact]
    public void NextNumber_HistoryIsShorterThanTheInventory_NeverUsesANumberTwice()
    {
        Assert.Equal(1, RevisionRules.NextNumber([], null));
        Assert.Equal(6, RevisionRules.NextNumber([Revision(2)], Inventory(5)));
        Assert.Equal(8, RevisionRules.NextNumber([Revision(7)], Inventory(5)));
    }

    [Fact]
    public void Referenced_OfRevisions_IsWhatPodsNameAndAllSecretsOfThoseThatCanBeReturnedTo()
    {
        var web = Object(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-prod"},
             "spec":{"template":{"spec":{"containers":[{"name":"web","envFrom":[{"configMapRef":{"name":"settings-1"}},{"secretRef":{"name":"outside"}}]}]}}}}
            """);
        var secret = Object("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db-1","namespace":"shop-prod"}}""");
        var unused = Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"unused","namespace":"shop-prod"}}""");
        var failed = Object("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db-2","namespace":"shop-prod"}}""");

        var referenced = RevisionRules.Referenced([Revision(1, objects: [web, secret, unused]), Revision(2, Failed, objects: failed)]);

        Assert.Equal(["ConfigMap settings-1", "Secret db-1", "Secret outside"], referenced.Select(item => $"{item.Kind} {item.Name}").Order(StringComparer.Ordinal));
    }

    private static void Refused(string code, Action act, string cause = "")
    {
        var diagnostic = Assert.Throws<DiagnosticException>(act).Diagnostics[0];
        Assert.Equal(code, diagnostic.Code);
        Assert.Contains(cause, diagnostic.Cause, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Numbers(IEnumerable<Revision> revisions) => revisions.Select(item => item.Number);
}
