using KubeApps.Sandbox.Edge;
using KubeApps.Sandbox.Network;

namespace KubeApps.Sandbox.Tests.Edge;

public class ClusterSharesTests
{
    private readonly ClusterShares _shares = new(TimeProvider.System);

    [Theory]
    [InlineData(5, 95)]
    [InlineData(50, 50)]
    [InlineData(1, 99)]
    [InlineData(100, 0)]
    public void Next_AHundredTimes_GivesEachItsShareExactly(int first, int second)
    {
        Share(("a", first), ("b", second));

        var chosen = Enumerable.Range(0, 100).Select(_ => _shares.Next([])!.Pod).ToList();

        Assert.Equal((first, second), (chosen.Count(name => name == "a"), chosen.Count(name => name == "b")));
    }

    [Fact]
    public void Next_WithASmallShare_DoesNotComeInOneBurst()
    {
        Share(("a", 10), ("b", 90));

        var chosen = string.Concat(Enumerable.Range(0, 100).Select(_ => _shares.Next([])!.Pod));

        Assert.DoesNotContain("aa", chosen, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_WhereOneDoesNotTakeTheConnection_IsAnotherWithAShare()
    {
        Share(("a", 100), ("b", 0));
        var first = _shares.Next([])!;
        Assert.Null(_shares.Next([first]));

        Share(("a", 99), ("b", 1));
        Assert.Equal("b", _shares.Next([first])!.Pod);
    }

    [Fact]
    public void TryBegin_OfAClusterWithoutAShare_KeepsItsConnections_AndOfOneThatIsNotNamedDoesNot()
    {
        Share(("a", 100));
        var old = _shares.Next([])!;

        Share(("a", 0), ("b", 100));
        Assert.True(_shares.TryBegin(old));
        _shares.End(old, RequestEnd.Answered);

        Share(("b", 100));
        Assert.False(_shares.TryBegin(old));
    }

    [Fact]
    public void Measure_CountsAnswersAndFailures_AndNotWhatNobodyWaitedFor()
    {
        Share(("a", 100));
        var backend = _shares.Next([])!;
        foreach (var end in (RequestEnd[])[RequestEnd.Answered, RequestEnd.Failed, RequestEnd.Withdrawn])
        {
            Assert.True(_shares.TryBegin(backend));
            _shares.End(backend, end);
        }

        _shares.Refused(backend);
        Assert.True(_shares.TryBegin(backend));

        var load = _shares.Measure("a", TimeSpan.FromMinutes(1));

        Assert.Equal((3, 2, 1), (load.Requests, load.Errors, load.UnderWay));
        Assert.InRange(load.WindowMilliseconds, 0, 30_000);
        Assert.Equal(0, _shares.Measure("b", TimeSpan.FromMinutes(1)).Requests);
    }

    [Fact]
    public void Measure_OfAClusterThatIsNotNamedAnyMore_GoesOn()
    {
        Share(("a", 100));
        _shares.Opened(_shares.Next([])!);
        Share(("b", 100));

        var load = _shares.Measure("a", TimeSpan.FromMinutes(1));

        Assert.Equal((1, 1), (load.Requests, load.UnderWay));
    }

    private void Share(params (string Cluster, int Share)[] shares) =>
        _shares.Replace([.. shares.Select(item => new EdgeTarget(item.Cluster, item.Share, 1000 + item.Cluster[0]))]);
}
