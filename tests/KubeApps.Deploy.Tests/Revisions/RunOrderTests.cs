using KubeApps.Bundles;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Revisions;

/// <summary>An older run of a workflow does not deploy over what a newer one brought.</summary>
public sealed class RunOrderTests
{
    private const string Shop = "https://github.com/example/shop";

    [Theory]
    // Nothing stands, or what stands came from no workflow.
    [InlineData(true, 11)]
    [InlineData(true, 11, "")]
    [InlineData(true, 11, "https://example.com/run/12")]
    // A merge after the other.
    [InlineData(true, 11, "https://github.com/example/shop/actions/runs/10")]
    // The same run again, whichever attempt.
    [InlineData(true, 11, "https://github.com/example/shop/actions/runs/11")]
    [InlineData(true, 11, "https://github.com/example/shop/actions/runs/11/attempts/3")]
    // Overtaken.
    [InlineData(false, 11, "https://github.com/example/shop/actions/runs/12")]
    [InlineData(false, 11, "https://github.com/Example/SHOP/actions/runs/12/attempts/1")]
    [InlineData(false, 9, "https://github.com/example/shop/actions/runs/10")]
    // Since then by hand, which does not make it the newest again.
    [InlineData(false, 11, "https://github.com/example/shop/actions/runs/12", "")]
    // Of another repository, or another server.
    [InlineData(true, 11, "https://github.com/example/other/actions/runs/12")]
    [InlineData(true, 11, "https://github.example.com/example/shop/actions/runs/12")]
    // No number of a run.
    [InlineData(true, 11, "https://github.com/example/shop/actions/runs/-12")]
    [InlineData(true, 11, "https://github.com/example/shop/actions/runs/99999999999999999999")]
    public void Superseded_OfARun_GoesByTheRunsThatWereHere(bool passes, long own, params string[] runs)
    {
        var revisions = runs.Select((page, index) => Revision(index + 1) with { Commit = $"c{index}", By = new Author("jane", page.Length == 0 ? null : page) }).ToList();

        var superseded = Superseded(new WorkflowRun(Shop, own), revisions);

        Assert.Equal(passes, superseded is null);
    }

    [Theory]
    [InlineData("Deploying")]
    [InlineData("Failed")]
    [InlineData("RolledBack")]
    [InlineData("Cancelled")]
    [InlineData("Aborted")]
    public void Superseded_ByARunWhoseVersionDidNotStay_IsSoAllTheSame(string outcome) =>
        Assert.NotNull(Superseded(new WorkflowRun(Shop, 11), [Of(1, 10), Of(2, 12, Enum.Parse<RevisionOutcome>(outcome))]));

    [Fact]
    public void Superseded_WhereARollbackStands_HoldsOffRunsBeforeItAndNoMergeAfterIt()
    {
        Revision[] revisions = [Of(1, 10), Of(2, 12), Of(3, 14) with { Restores = 1 }];

        Assert.NotNull(Superseded(new WorkflowRun(Shop, 13), revisions));
        Assert.Null(Superseded(new WorkflowRun(Shop, 15), revisions));
    }

    [Fact]
    public void Superseded_ByARunThatFoundWhatItWantedInPlace_IsSo()
    {
        var confirmed = Of(1, 10) with { ConfirmedBy = $"{Shop}/actions/runs/12" };

        Assert.Contains("shop/actions/runs/12 has found in place revision 1 (commit c1)", Superseded(new WorkflowRun(Shop, 11), [confirmed])!.Cause, StringComparison.Ordinal);
        Assert.Null(Superseded(new WorkflowRun(Shop, 12), [confirmed]));
    }

    [Fact]
    public void Superseded_WithoutTheOrder_IsNothing() => Assert.Null(Superseded(null, [Of(1, 12)]));

    [Fact]
    public void Superseded_BySeveral_NamesTheNewestAndBothRunsInOneLine()
    {
        var hostile = Of(3, 14) with { By = new Author("eve", "https://x\n::error::y\u001b[31m/actions/runs/99") };

        Assert.Equal(
            $"shop stays as it is: {Shop}/actions/runs/13 has deployed revision 2 (commit c2), and was started after this run, {Shop}/actions/runs/11.",
            Superseded(new WorkflowRun(Shop, 11), [Of(2, 13), hostile, Of(1, 12)])!.Cause);
        Assert.DoesNotContain('\n', Superseded(new WorkflowRun("https://x\n::error::y\u001b[31m", 11), [hostile])!.Cause);
    }

    [Theory]
    [InlineData(true, 10, null)]
    [InlineData(true, 10, 11L)]
    [InlineData(false, 10, 12L)]
    [InlineData(false, 12, null)]
    [InlineData(false, 13, null)]
    public void IsNews_OfARunThatFindsNothingToDo_IsSoOnlyIfItIsTheNewest(bool expected, long deployed, long? confirmed) => Assert.Equal(
        expected, RunOrder.IsNews(new WorkflowRun(Shop, 12), "other", Of(1, deployed) with { ConfirmedBy = confirmed is null ? null : $"{Shop}/actions/runs/{confirmed}" }));

    [Fact]
    public void IsNews_OfTheCommitThatStands_IsNever()
    {
        Assert.False(RunOrder.IsNews(new WorkflowRun(Shop, 12), "c1", Of(1, 10)));
        Assert.True(RunOrder.IsNews(new WorkflowRun(Shop, 12), null, Of(1, 10) with { Commit = null }));
    }

    // Every night, with other base images: a merge that waits for its approval may come after it.
    [Fact]
    public void Superseded_ByARunThatDeployedAnewWhatStood_IsNot()
    {
        Revision[] nightly = [Of(1, 10), Of(2, 20) with { Commit = "c1" }, Of(3, 21, RevisionOutcome.RolledBack) with { Commit = "c1" }, Of(4, 21) with { Commit = "c1", Restores = 2 }];

        Assert.Null(Superseded(new WorkflowRun(Shop, 15), nightly));
        Assert.NotNull(Superseded(new WorkflowRun(Shop, 9), nightly));
        // One before which another commit stood does bring it.
        Assert.NotNull(Superseded(new WorkflowRun(Shop, 15), [Of(1, 10), Of(2, 12), Of(3, 20) with { Commit = "c1" }]));
        Assert.NotNull(Superseded(new WorkflowRun(Shop, 15), [.. nightly.Skip(1)]));
    }

    [Theory]
    [InlineData(true, "c1", "c1")]
    [InlineData(false, "c1", "c2")]
    [InlineData(false, "c1", null)]
    [InlineData(false, null, null)]
    public void Superseded_OfWhatIsOnlyToBeDeployedAnew_IsSoWhereAnotherCommitStands(bool passes, string? commit, string? standing)
    {
        var request = Request(commit) with { SameCommit = true };

        Assert.Equal(passes ? null : "KUBEAPP7012", RunOrder.Superseded(request, Inventory(1) with { Commit = standing }, [])?.Code);
        Assert.Equal("shop stays as it is: commit c9 was to be deployed anew, and nothing stands.", RunOrder.Superseded(Request("c9") with { SameCommit = true }, null, [])!.Cause);
    }

    private static Diagnostic? Superseded(WorkflowRun? own, IReadOnlyList<Revision> revisions) => RunOrder.Superseded(Request("c9") with { UnlessNewer = own }, null, revisions);

    private static DeployRequest Request(string? commit) => new(new Bundle(1, "shop", commit, false, new Dictionary<string, BundleImage>(), []), "prod");

    private static Revision Of(int number, long run, RevisionOutcome outcome = RevisionOutcome.Deployed) =>
        Revision(number, outcome) with { Commit = $"c{number}", By = new Author("jane", $"{Shop}/actions/runs/{run}") };
}
