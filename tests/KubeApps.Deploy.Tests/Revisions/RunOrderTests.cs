using KubeApps.Deploy.Revisions;
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
        var revisions = runs.Select((page, index) => Revision(index + 1) with { By = new Author("jane", page.Length == 0 ? null : page) }).ToList();

        var superseded = RunOrder.Superseded(new WorkflowRun(Shop, own), "shop", revisions);

        Assert.Equal(passes, superseded is null);
    }

    [Theory]
    [InlineData("Deploying")]
    [InlineData("Failed")]
    [InlineData("RolledBack")]
    [InlineData("Cancelled")]
    [InlineData("Aborted")]
    public void Superseded_ByARunWhoseVersionDidNotStay_IsSoAllTheSame(string outcome) =>
        Assert.NotNull(RunOrder.Superseded(new WorkflowRun(Shop, 11), "shop", [Of(1, 10), Of(2, 12, Enum.Parse<RevisionOutcome>(outcome))]));

    [Fact]
    public void Superseded_WhereARollbackStands_HoldsOffRunsBeforeItAndNoMergeAfterIt()
    {
        Revision[] revisions = [Of(1, 10), Of(2, 12), Of(3, 14) with { Restores = 1 }];

        Assert.NotNull(RunOrder.Superseded(new WorkflowRun(Shop, 13), "shop", revisions));
        Assert.Null(RunOrder.Superseded(new WorkflowRun(Shop, 15), "shop", revisions));
    }

    [Fact]
    public void Superseded_ByARunThatFoundWhatItWantedInPlace_IsSo()
    {
        var confirmed = Of(1, 10) with { ConfirmedBy = $"{Shop}/actions/runs/12" };

        Assert.Contains("shop/actions/runs/12 has found in place revision 1 (commit 0123456789ab)", RunOrder.Superseded(new WorkflowRun(Shop, 11), "shop", [confirmed])!.Cause, StringComparison.Ordinal);
        Assert.Null(RunOrder.Superseded(new WorkflowRun(Shop, 12), "shop", [confirmed]));
    }

    [Fact]
    public void Superseded_WithoutTheOrder_IsNothing() => Assert.Null(RunOrder.Superseded(null, "shop", [Of(1, 12)]));

    [Fact]
    public void Superseded_BySeveral_NamesTheNewestAndBothRunsInOneLine()
    {
        var hostile = Of(3, 14) with { By = new Author("eve", "https://x\n::error::y\u001b[31m/actions/runs/99") };

        Assert.Equal(
            $"shop stays as it is: {Shop}/actions/runs/13 has deployed revision 2 (commit 0123456789ab), and was started after this run, {Shop}/actions/runs/11.",
            RunOrder.Superseded(new WorkflowRun(Shop, 11), "shop", [Of(2, 13), hostile, Of(1, 12)])!.Cause);
        Assert.DoesNotContain('\n', RunOrder.Superseded(new WorkflowRun("https://x\n::error::y\u001b[31m", 11), "shop", [hostile])!.Cause);
    }

    [Theory]
    [InlineData(true, 10, null)]
    [InlineData(true, 10, 11L)]
    [InlineData(false, 10, 12L)]
    [InlineData(false, 12, null)]
    [InlineData(false, 13, null)]
    public void IsNews_OfARunThatFindsNothingToDo_IsSoOnlyIfItIsTheNewest(bool expected, long deployed, long? confirmed) => Assert.Equal(
        expected, RunOrder.IsNews(new WorkflowRun(Shop, 12), Of(1, deployed) with { ConfirmedBy = confirmed is null ? null : $"{Shop}/actions/runs/{confirmed}" }));

    private static Revision Of(int number, long run, RevisionOutcome outcome = RevisionOutcome.Deployed) =>
        Revision(number, outcome) with { By = new Author("jane", $"{Shop}/actions/runs/{run}") };
}
