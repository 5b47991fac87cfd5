using KubeApps.Deploy.History;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

public sealed class HistoryFilterTests
{
    [Theory]
    [InlineData(null, null, null, null, null, true)]
    [InlineData("shop", "prod", "jane", 0.0, "success", true)]
    [InlineData("Shop", null, null, null, null, false)]
    [InlineData(null, "PROD", null, null, null, true)]
    [InlineData(null, "staging", null, null, null, false)]
    [InlineData(null, null, "joe", null, null, true)]
    [InlineData(null, null, "JANE", null, null, true)]
    [InlineData(null, null, "jan", null, null, false)]
    [InlineData(null, null, null, 0.5, null, false)]
    [InlineData(null, null, null, null, "failure", false)]
    public void Matches_AnEntry_IsWhereAllPartsDo(string? app, string? environment, string? actor, double? since, string? state, bool expected)
    {
        var filter = new HistoryFilter
        {
            App = app,
            Environment = environment,
            Actor = actor,
            Since = since is { } minutes ? At(minutes) : null,
            State = state is null ? null : HistoryStates.Of(state),
        };

        Assert.Equal(expected, filter.Matches(new HistoryEntry(null, Deployment(1, 0))));
    }

    [Theory]
    [InlineData("jane@laptop", true)]
    [InlineData("jane", true)]
    [InlineData("laptop", false)]
    public void Matches_ActorOfARevision_IsTheUserOrAllOfIt(string actor, bool expected) =>
        Assert.Equal(expected, new HistoryFilter { Actor = actor }.Matches(new HistoryEntry(Revision(1, 0), null)));

    [Fact]
    public void Matches_GitHubCallsTheEnvironmentOtherwise_IsFoundByBothNames()
    {
        var entry = new HistoryEntry(null, Deployment(1, 0, payload: Payload(1, "prod"), environment: "production (eu)"));

        Assert.All((string[])["prod", "production (eu)"], name => Assert.True(new HistoryFilter { Environment = name }.Matches(entry)));
    }
}
