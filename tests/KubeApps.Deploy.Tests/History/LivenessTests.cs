using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

public sealed class LivenessTests
{
    [Fact]
    public void Live_OfRevisions_EndsWithTheNextThatCameUp() => Assert.Equal(
        ["4: 31- now", "3: -", "2: 11-31", "1: 1-11"],
        Of(4, [Revision(1, 0), Revision(2, 10), Revision(3, 20, RevisionOutcome.RolledBack), Revision(4, 30)], []));

    [Fact]
    public void Live_OfRecordsAlone_EndsWithTheNextSuccessOrTheirOwnWord() => Assert.Equal(
        ["4: 41- now", "3: 21-35", "2: -", "1: 1-21"],
        Of(null, [], [Deployment(4, 40), Deployment(3, 20, "success+1 inactive+15"), Deployment(2, 10, "failure+1"), Deployment(1, 0)]));

    [Fact]
    public void Live_AppWasDestroyed_NothingRuns() => Assert.Equal(
        ["2: -", "1: 1-12"],
        Of(null, [], [Deployment(2, 10, "success+2", task: "deploy:destroy"), Deployment(1, 0)]));

    [Fact]
    public void Live_AppWasDestroyedAndItsRecordRetired_NothingRuns() => Assert.Equal(
        ["2: -", "1: 1-12"],
        Of(null, [], [Deployment(2, 10, "success+2 inactive+3", task: "deploy:destroy"), Deployment(1, 0)]));

    [Fact]
    public void Live_OtherEnvironmentsAppsAndTools_GoTheirOwnWays() => Assert.Equal(
        ["5: 41- now", "4: 31- now", "3: 21- now", "2: 11-41", "1: 1- now"],
        Of(null, [],
        [
            Deployment(5, 40, payload: "null"), Deployment(4, 30, payload: Payload(4, app: "api")), Deployment(3, 20, environment: "staging"),
            Deployment(2, 10, payload: "[]"), Deployment(1, 0),
        ]));

    [Fact]
    public void Live_OldRecordsOfAnAppInTheCluster_EndWithItsRevisions() => Assert.Equal(
        ["3: 21- now", "2: 11-21", "1: 1-11"],
        Of(3, [Revision(3, 20)], [Deployment(3, 20), Deployment(2, 10), Deployment(1, 0)]));

    [Fact]
    public void Live_LastRevisionFailedAndStands_IsWhatIsMarked() => Assert.Equal(
        ["2: - now", "1: 1-"],
        Of(2, [Revision(1, 0), Revision(2, 10, RevisionOutcome.Failed)], []));

    [Fact]
    public void Live_RecordThatHasItsOwnEnd_DoesNotWaitForTheNext() => Assert.Equal(
        ["2: 51- now", "1: 1-5"],
        Of(null, [], [Deployment(2, 50), Deployment(1, 0, "success+1 inactive+5")]));

    [Fact]
    public void Live_VersionThatWasHeld_CountsFromWhenItServed()
    {
        // Its own run ended before it did: nobody wrote down how long that took.
        var held = new HistoryEntry(Revision(1, 0) with { State = new RevisionState(RevisionOutcome.Deployed) }, null);

        Assert.Equal(At(0), held.LiveFrom);
        Assert.Equal(At(60), (held with { StandsSince = At(60) }).LiveFrom);
        Assert.Equal(At(30), (held with { Record = Deployment(1, 0, "in_progress success+30") }).LiveFrom);
        Assert.Equal(At(30), (held with { StandsSince = At(30), Record = Deployment(1, 0, "in_progress success+90") }).LiveFrom);
    }

    [Fact]
    public void Live_RecordCameAfterAnOutage_CountsFromWhatTheClusterKnows() =>
        Assert.Equal(["1: 1- now"], Of(1, [Revision(1, 0)], [Deployment(1, 90, "success+1")]));

    [Fact]
    public void Live_RecordAloneThatCameAfterAnOutage_CountsFromWhatItSays()
    {
        HistoryEntry Entry(string states, string said) => new(
            null, Deployment(1, 90, states, Payload(1).Replace("\"revision\"", $"\"startedAt\":\"{At(0):yyyy-MM-dd'T'HH:mm:ss.fff}Z\",\"revision\"", StringComparison.Ordinal), said: said));

        var late = Entry("success+1", "Revision 1 serves, after 30.0 s.");
        Assert.Equal((At(0), At(0.5), At(0.5)), (late.StartedAt, late.LiveFrom, late.EndedAt));
        // How long it took is not said: only that it began, and when GitHub heard of its end.
        Assert.Equal((At(0), null), (Entry("failure+1", "It fails.").StartedAt, Entry("failure+1", "It fails.").EndedAt));
        Assert.Equal(At(91), Entry("success+1", "Revision 1 serves.").LiveFrom);
        // Whoever writes that it served later than GitHub heard of it does not know.
        Assert.Equal(At(91), Entry("success+1", "Revision 1 serves, after 9999999.0 s.").LiveFrom);
    }

    private static IEnumerable<string> Of(int? standing, Revision[] revisions, RecordedDeployment[] records) =>
        Liveness.Of(HistoryJoin.Of(revisions, records), standing)
            .Select(entry => $"{entry.Revision?.Number ?? entry.Deployment}: {Minute(entry.LiveFrom)}-{Minute(entry.LiveTo)}{(entry.IsCurrent ? " now" : "")}");

    private static double? Minute(DateTimeOffset? time) => (time - At(0))?.TotalMinutes;
}
