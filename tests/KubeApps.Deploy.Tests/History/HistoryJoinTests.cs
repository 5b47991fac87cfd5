using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

public sealed class HistoryJoinTests
{
    [Fact]
    public void Join_RecordNamesTheRevisionsObject_IsOneEntry()
    {
        var entries = HistoryJoin.Of([Revision(1, 0), Revision(2, 10)], [Deployment(2, 10), Deployment(1, 0)]);

        Assert.Equal([(2, 2L), (1, 1L)], entries.Select(entry => (entry.Revision!.Number, entry.Deployment!.Value)));
    }

    [Fact]
    public void Join_WhatOnlyOneSideKnows_IsListedToo()
    {
        var entries = HistoryJoin.Of([Revision(3, 20)], [Deployment(4, 25, payload: "\"by hand\""), Deployment(1, 0)]);

        Assert.Equal([(4L, true), (null, false), (1L, false)], entries.Select(entry => (entry.Deployment, entry.IsForeign)));
        Assert.Equal([null, 3, 1], entries.Select(entry => entry.Number));
    }

    [Fact]
    public void Join_RecordWasMadeTwice_ListsTheOtherByItself()
    {
        var entries = HistoryJoin.Of([Revision(1, 0)], [Deployment(2, 1, payload: Payload(1)), Deployment(1, 0)]);

        Assert.Equal([(1, 2L), (null, 1L)], entries.Select(entry => (entry.Revision?.Number, entry.Deployment!.Value)));
    }

    [Fact]
    public void Join_RecordOfAnEnd_IsNotTheRevisionsOwn() =>
        Assert.Equal(2, HistoryJoin.Of([Revision(1, 0)], [Deployment(5, 9, payload: Payload(1), task: "deploy:destroy")]).Count);

    [Fact]
    public void Entry_OfBoth_GoesByTheCluster()
    {
        var entry = Assert.Single(HistoryJoin.Of([Revision(1, 0, RevisionOutcome.RolledBack)], [Deployment(1, 0, "in_progress")]));

        Assert.Equal((HistoryState.Failure, "jane@laptop", "https://example.com/run/1"), (entry.State, entry.Actor, entry.RunUrl));
    }

    [Fact]
    public void Lines_OfARevisionAndARecord_AreTheSame()
    {
        var entries = HistoryJoin.Of([Revision(2, 9)], [Deployment(2, 9), Deployment(1, 0)]);

        Assert.Single(entries.Select(entry => entry.Line).Distinct());
    }
}
