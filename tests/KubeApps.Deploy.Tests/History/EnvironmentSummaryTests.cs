using KubeApps.Deploy.History;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

public sealed class EnvironmentSummaryTests
{
    private readonly List<int> _asked = [];

    [Fact]
    public async Task Find_DeployAfterAnEnd_IsSeen() =>
        Assert.Equal(["prod: -, Failure"], await FindAsync(Deployment(1, 0), Deployment(2, 10, task: "deploy:destroy"), Deployment(3, 20, "failure+1")));

    [Fact]
    public async Task Find_EndIsTheLast_IsNoEnvironmentAnyMore() =>
        Assert.Equal(["staging: 1, Success"], await FindAsync(Deployment(1, 0, environment: "staging"), Deployment(2, 10), Deployment(3, 20, task: "deploy:destroy")));

    [Fact]
    public async Task Find_LastOnesFailed_IsTheOneBeforeThem() =>
        Assert.Equal(["prod: 1, Error"], await FindAsync(Deployment(1, 0), Deployment(2, 10, "failure+1"), Deployment(3, 20, "error+1")));

    [Fact]
    public async Task Find_ManyEnvironments_AsksForAllOfThemAtOnce()
    {
        Assert.Equal(100, (await FindAsync([.. Enumerable.Range(1, 100).Select(id => Deployment(id, id, environment: $"preview-{id}"))])).Count());
        Assert.Equal([100], _asked);
    }

    [Fact]
    public async Task Find_NothingEverCameUp_IsNotAskedForWithoutAnEnd()
    {
        Assert.Equal(["prod: -, Failure"], await FindAsync([.. Enumerable.Range(1, 500).Select(id => Deployment(id, id, "failure+1"))]));
        Assert.Equal([1, 8, 8, 8, 8, 8], _asked);
    }

    private async Task<IEnumerable<string>> FindAsync(params RecordedDeployment[] records)
    {
        var complete = records.ToDictionary(record => record.Deployment.Id);
        var summaries = await EnvironmentSummary.FindAsync(
            [.. records.Reverse().Select(record => new HistoryEntry(null, record with { Statuses = null }))], null,
            entries =>
            {
                _asked.Add(entries.Count);
                return Task.FromResult<IReadOnlyList<HistoryEntry>>([.. entries.Select(entry => entry with { Record = complete[entry.Deployment!.Value] })]);
            });
        return summaries.Select(summary => $"{summary.Line.Environment}: {summary.Current?.Deployment.ToString() ?? "-"}, {summary.State}");
    }
}
