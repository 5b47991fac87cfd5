using KubeApps.Deploy.History;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

public sealed class CommitLifeTests
{
    private readonly List<long> _asked = [];

    [Fact]
    public async Task Find_CommitIsInAllSinceThen_IsLiveFromTheFirstThatCameUp()
    {
        var spans = await FindAsync(sha => sha >= 3, Deployment(1, 0), Deployment(2, 10), Deployment(3, 20, "failure+1"), Deployment(4, 30), Deployment(5, 40), Deployment(6, 50));

        Assert.Equal(["31- with 4"], spans);
        // What does not change the answer is not asked: but for the last, which might have been taken away.
        Assert.Equal([3, 4, 6], _asked);
    }

    [Fact]
    public async Task Find_CommitWasTakenBackAndCameAgain_HasTwoTimes() => Assert.Equal(
        ["41- with 4", "11-31 with 2"],
        await FindAsync(sha => sha is 2 or 4, Deployment(1, 0), Deployment(2, 10), Deployment(3, 30), Deployment(4, 40)));

    [Fact]
    public async Task Find_WhatShouldReplaceItFailed_GoesOn() => Assert.Equal(
        ["1- with 1"],
        await FindAsync(sha => sha == 1, Deployment(1, 0), Deployment(2, 10, "failure+1"), Deployment(3, 20, "queued in_progress")));

    [Fact]
    public async Task Find_AppWasDestroyed_EndsThere() => Assert.Equal(
        ["1-12 with 1"],
        await FindAsync(_ => true, Deployment(1, 0), Deployment(2, 10, "success+2", task: "deploy:destroy")));

    [Fact]
    public async Task Find_LastOneWasSaidToServeNoMore_EndsThere() => Assert.Equal(
        ["1-30 with 1"],
        await FindAsync(_ => true, Deployment(1, 0), Deployment(2, 10, "success+1 inactive+20"), Deployment(3, 40, "failure+1")));

    [Fact]
    public async Task Find_EveryLine_HasItsOwn() => Assert.Equal(
        ["11- with 2", "1- with 1"],
        await FindAsync(_ => true, Deployment(1, 0), Deployment(2, 10, environment: "staging")));

    [Fact]
    public async Task Find_TenThousandDeployments_AsksForAHandful()
    {
        await FindAsync(sha => sha > 5000, [.. Enumerable.Range(1, 10_000).Select(id => Deployment(id, id))]);

        Assert.Equal([5001, 10_000], _asked);
    }

    private async Task<IEnumerable<string>> FindAsync(Func<int, bool> contains, params RecordedDeployment[] records)
    {
        var complete = records.ToDictionary(record => record.Deployment.Id);
        var spans = await CommitLife.FindAsync(
            records.Select(record => new HistoryEntry(null, record with { Statuses = null })),
            entry => contains(Convert.ToInt32(entry.Commit, 16)),
            entry =>
            {
                _asked.Add(entry.Deployment!.Value);
                return Task.FromResult(entry with { Record = complete[entry.Deployment.Value] });
            });
        return spans.Select(span => $"{(span.From - At(0)).TotalMinutes}-{(span.To - At(0))?.TotalMinutes} with {span.First.Deployment}");
    }
}
