using KubeApps.Cli.Actions;

namespace KubeApps.Cli.Tests.Actions;

public sealed class PullRequestOfRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"pull_request":{"number":7}}""", "", 7)]
    [InlineData("""{"number":7,"pull_request":{"number":7}}""", "refs/pull/8/merge", 7)]
    [InlineData("""{"issue":{"number":9,"pull_request":{}}}""", "refs/heads/main", 9)]
    [InlineData("""{"issue":{"number":9}}""", "refs/heads/main", null)]
    [InlineData("""{"workflow_run":{"pull_requests":[{"number":5}]}}""", "", 5)]
    [InlineData("""{"workflow_run":{"pull_requests":[{"number":5},{"number":6}]}}""", "", null)]
    [InlineData("""{"ref":"refs/heads/main"}""", "refs/heads/main", null)]
    [InlineData("""{"pull_request":{"number":"$(reboot)"}}""", "refs/pull/4/merge", 4)]
    [InlineData("""{"pull_request":{"number":-1}}""", "refs/pull/x/merge", null)]
    [InlineData("""[]""", "refs/pull/4/head", 4)]
    [InlineData("""no json""", "refs/pull/4/head", 4)]
    public void Find_OfAnEvent_IsThePullRequestThatItIsAbout(string happened, string name, int? expected)
    {
        var variables = new Dictionary<string, string> { ["GITHUB_EVENT_PATH"] = _folder.Write("event.json", happened), ["GITHUB_REF"] = name };

        Assert.Equal(expected, PullRequestOfRun.Find(variables.GetValueOrDefault));
    }

    [Fact]
    public void Find_OutsideOfAWorkflow_IsNone() => Assert.Null(PullRequestOfRun.Find(_ => null));
}
