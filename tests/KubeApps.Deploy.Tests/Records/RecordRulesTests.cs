using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class RecordRulesTests
{
    // What the cluster knows ("outcome:state that GitHub has", the oldest first) and what GitHub is owed.
    public static TheoryData<string, string> Histories => new()
    {
        { "Deployed:success", "" },
        { "Deployed:in_progress", "1=success" },
        { "Deployed:", "1=success" },
        { "Failed:in_progress", "1=failure" },
        { "RolledBack:failure", "" },
        { "Cancelled:queued", "1=error" },
        { "Interrupted:in_progress", "1=error" },
        { "Interrupted:", "1=error" },
        { "Aborted:in_progress", "1=inactive" },
        // A run that is at it says more than we know.
        { "Deploying:in_progress", "" },
        { "Deploying:", "" },
        // The version before is over, once the next one serves; one that failed does not end it.
        { "Deployed:success Deployed:success", "1=inactive" },
        { "Deployed:success Failed:failure", "" },
        { "Deployed:success RolledBack:failure Deployed:success", "1=inactive" },
        { "Deployed:inactive Deployed:success", "" },
        // GitHub was down for two deploys: each of them served, in this order.
        { "Deployed:success Deployed: Deployed:", "2=success 3=success 1=inactive 2=inactive" },
        { "Failed: Deployed:success", "1=failure" },
        // Deployments are as old there as they are, also one that was given up.
        { "Deployed:success Aborted: Deployed:", "2=inactive 3=success 1=inactive" },
        // What is over with the app: a destroy is no version that runs, however well it went.
        { "Deployed:success Destroyed:queued", "2=success 1=inactive 2=inactive" },
        { "Deployed:inactive Destroyed:success", "2=inactive" },
        { "Deployed:inactive Destroyed:inactive", "" },
        { "Deployed:success FailedToDestroy:queued", "2=failure" },
        { "Gone:success FailedToDestroy:failure", "1=inactive" },
        { "Gone: FailedToDestroy:failure", "1=success 1=inactive" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public void Owed_OfWhatTheClusterKnows_IsWhatGitHubDoesNotHave(string history, string owed)
    {
        var revisions = history.Split(' ').Select((item, index) =>
            Of(index + 1, item.Split(':')[0], item.Split(':')[1] is { Length: > 0 } state ? state : null)).ToList();

        Assert.Equal(owed, string.Join(' ', RecordRules.Owed(revisions, Repository).Select(item => $"{item.Revision.Number}={item.State}")));
    }

    [Fact]
    public void Owed_OfADeploymentThatSomebodyDeleted_IsNothing()
    {
        var revision = Recorded(1, RevisionOutcome.Failed, "in_progress");

        Assert.Empty(RecordRules.Owed([revision with { Record = revision.Record! with { IsDeleted = true } }], Repository));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void MarkOf_ADestroyOfWhatWasNotRecorded_GoesByWhatItWasDeployedAs(bool isTransient, bool isMarked)
    {
        var settings = new RecordSettings("context prod-eu") { Task = RecordRules.DestroyTask, IsTransient = isTransient };

        Assert.Equal(isMarked, RecordRules.MarkOf(Recorded(2, RevisionOutcome.Deploying), [], settings, Repository).IsTransient);
    }

    [Fact]
    public void PreviousOf_InAnEnvironmentWrittenInOtherLetters_IsTheSame()
    {
        var revision = Recorded(2, RevisionOutcome.Deploying, environment: "Prod");
        revision = revision with { Record = revision.Record! with { Repository = "Acme/Shop" } };

        Assert.Equal(100, RecordRules.PreviousOf(revision, [Recorded(1, RevisionOutcome.Deployed, "success"), revision]));
    }

    [Fact]
    public void Owed_OfARevisionThatIsHeld_SaysThatItWaits()
    {
        Revision[] revisions = [Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Deploying)];

        Assert.Equal([(2, "in_progress")], RecordRules.Owed(revisions, Repository, held: 2).Select(item => (item.Revision.Number, item.State)));
    }

    [Fact]
    public void Owed_OfAnotherRepositoryOrAShortCommit_IsNothing()
    {
        var other = Recorded(1, RevisionOutcome.Deployed);
        other = other with { Record = other.Record! with { Repository = "acme/other" } };
        var elsewhere = Recorded(2, RevisionOutcome.Deployed);
        elsewhere = elsewhere with { Record = elsewhere.Record! with { Api = "https://github.example.com/api/v3/" } };
        var shortened = Recorded(3, RevisionOutcome.Deployed) with { Commit = "0123456" };

        Assert.Empty(RecordRules.Owed([other, elsewhere, shortened, Recorded(4, RevisionOutcome.Deployed) with { Record = null }], Repository));
    }

    [Fact]
    public void PreviousOf_ARevision_IsTheLastThatGitHubKnows()
    {
        Revision[] all = [Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Failed), Recorded(3, RevisionOutcome.Deploying)];

        Assert.Equal(100, RecordRules.PreviousOf(all[2], all));
        Assert.Null(RecordRules.PreviousOf(all[0], all));
        Assert.Null(RecordRules.PreviousOf(Recorded(4, RevisionOutcome.Deploying, environment: "test"), all));
    }

    private static Revision Of(int number, string what, string? state)
    {
        var isDestroy = what is "Destroyed" or "FailedToDestroy";
        var revision = Recorded(number, what is "Gone" or "Destroyed" ? RevisionOutcome.Deployed : isDestroy ? RevisionOutcome.Failed : Enum.Parse<RevisionOutcome>(what), state);
        return revision with { IsGone = what == "Gone", Record = revision.Record! with { Task = isDestroy ? RecordRules.DestroyTask : null } };
    }

    [Theory]
    [InlineData("prod", true)]
    [InlineData("Production", true)]
    [InlineData("live", true)]
    [InlineData("prod-eu", false)]
    [InlineData("staging", false)]
    public void IsProduction_ByTheName_IsWhatPeopleCallIt(string environment, bool isProduction) => Assert.Equal(isProduction, RecordRules.IsProduction(environment));

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef01234567", true)]
    [InlineData("0123456", false)]
    [InlineData("0123456789ABCDEF0123456789abcdef01234567", false)]
    [InlineData("main", false)]
    [InlineData(null, false)]
    public void IsRecordable_OfACommit_TakesWholeOnesAlone(string? commit, bool isRecordable) => Assert.Equal(isRecordable, RecordRules.IsRecordable(commit));
}
