using System.Text.Json;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Testing;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class RecordTextTests
{
    private static readonly JsonSerializerOptions Indented = new(GitHubJson.Default.Options) { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void DeploymentOf_ARevision_IsAsDocumented()
    {
        Revision[] all = [Recorded(6, RevisionOutcome.Deployed, "success"), Recorded(7, RevisionOutcome.Deploying, restores: 5) with { Slot = "blue" }];

        Snapshot.Matches(JsonSerializer.Serialize(RecordText.DeploymentOf(all[1], all), Indented) + "\n", "deployment.json");
    }

    [Fact]
    public void StatusOf_EveryEnd_SaysItInOneLine()
    {
        var next = Recorded(2, RevisionOutcome.Deployed);
        (Revision Revision, string State, string? Phase)[] statuses =
        [
            (Recorded(1, RevisionOutcome.Deploying), RecordState.Queued, null),
            (Recorded(1, RevisionOutcome.Deploying), RecordState.InProgress, "Wait for 2 workloads"),
            (Recorded(1, RevisionOutcome.Deploying), RecordState.InProgress, null),
            (Recorded(1, RevisionOutcome.Deployed), RecordState.Success, null),
            (Recorded(1, RevisionOutcome.Deployed), RecordState.Inactive, null),
            (Recorded(1, RevisionOutcome.Failed), RecordState.Failure, null),
            (Recorded(1, RevisionOutcome.RolledBack), RecordState.Failure, null),
            (Recorded(1, RevisionOutcome.Cancelled), RecordState.Error, null),
            (Recorded(1, RevisionOutcome.Interrupted), RecordState.Error, null),
            (Recorded(1, RevisionOutcome.Aborted), RecordState.Inactive, null),
        ];

        Snapshot.Matches(
            string.Concat(statuses.Select(item => JsonSerializer.Serialize(RecordText.StatusOf(item.Revision, item.State, [item.Revision, next], item.Phase), GitHubJson.Default.NewGitHubDeploymentStatus) + "\n")),
            "statuses.jsonl");
    }

    [Fact]
    public void StatusOf_ACauseThatIsCutInASecret_ShowsNoPartOfIt()
    {
        var secrets = new KubeApps.Events.KnownSecrets();
        secrets.Add("hunter2-and-a-lot-more");
        var revision = Recorded(1, RevisionOutcome.Failed);
        revision = revision with { State = revision.State with { Cause = RevisionState.FirstLine(new string('x', 130) + "hunter2-and-a-lot-more") } };

        var description = RecordText.StatusOf(revision, RecordState.Failure, [revision], mask: secrets.Masked).Description;

        Assert.Equal(new string('x', 130) + "***…", description);
    }

    [Fact]
    public void ElapsedOf_WhatASuccessSays_IsHowLongItTook()
    {
        var revision = Recorded(1, RevisionOutcome.Deployed);
        revision = revision with { State = revision.State with { Elapsed = TimeSpan.FromSeconds(12.3) } };

        Assert.Equal(TimeSpan.FromSeconds(12.3), RecordText.ElapsedOf(RecordText.StatusOf(revision, RecordState.Success, [revision]).Description));
        Assert.Null(RecordText.ElapsedOf("Revision 1 serves."));
        Assert.Null(RecordText.ElapsedOf($"Revision 1 serves, after {new string('9', 99)}.0 s."));
        Assert.Null(RecordText.ElapsedOf(null));
    }

    [Theory]
    [InlineData("3", "https://github.example/acme/shop/actions/runs/7/attempts/3")]
    [InlineData("x", "https://github.example/acme/shop/actions/runs/7")]
    [InlineData(null, "https://github.example/acme/shop/actions/runs/7")]
    public void StatusOf_AnAttemptOfARun_LeadsToTheLogOfThatAttempt(string? attempt, string page)
    {
        var by = Author.Of(
            name => name switch { "GITHUB_SERVER_URL" => "https://github.example", "GITHUB_REPOSITORY" => "acme/shop", "GITHUB_RUN_ID" => "7", "GITHUB_RUN_ATTEMPT" => attempt, _ => null }, "jane", "laptop");
        var stored = RevisionObject.Of(Recorded(1, RevisionOutcome.Deployed) with { By = by }, null);

        var revision = RevisionObject.Read(stored)!;

        Assert.Equal("https://github.example/acme/shop/actions/runs/7", revision.By.RunUrl);
        Assert.Equal(page, RecordText.StatusOf(revision, RecordState.Success, [revision]).LogUrl);
    }

    [Fact]
    public void StatusOf_ADestroy_SaysThatItIsGone()
    {
        var revision = Recorded(1, RevisionOutcome.Deployed);
        revision = revision with { Record = revision.Record! with { Task = RecordRules.DestroyTask } };

        Assert.All([RecordState.Success, RecordState.Inactive], state => Assert.Equal("shop is gone.", RecordText.StatusOf(revision, state, [revision]).Description));
    }

    [Fact]
    public void StatusOf_AFailureOfManyWords_IsCutToWhatGitHubTakes()
    {
        var revision = Recorded(1, RevisionOutcome.Failed);
        revision = revision with { State = revision.State with { Cause = "\u001b[31mThe container of web ends:\r\n" + new string('x', 500) + "😀" } };

        var description = RecordText.StatusOf(revision, RecordState.Failure, [revision]).Description!;

        Assert.Equal(140, description.Length);
        Assert.StartsWith("The container of web ends: xxx", description, StringComparison.Ordinal);
        Assert.DoesNotContain(description, char.IsControl);
    }

    [Theory]
    [InlineData("tcp://10.0.0.1:5432", null)]
    [InlineData("no address", null)]
    [InlineData("http://10.0.0.1/", "http://10.0.0.1/")]
    public void StatusOf_AnAppThatIsReachedOtherwise_NamesNoAddress(string url, string? named)
    {
        var revision = Recorded(1, RevisionOutcome.Deployed);
        revision = revision with { State = revision.State with { Url = url }, By = new Author("jane", url) };

        var status = RecordText.StatusOf(revision, RecordState.Success, [revision]);

        Assert.Equal((named, named), (status.EnvironmentUrl, status.LogUrl));
    }

    [Fact]
    public void DeploymentOf_ARevision_IsReadByTheHistory()
    {
        var revision = Recorded(7, RevisionOutcome.Deployed);

        var read = RecordedPayload.Read(RecordText.DeploymentOf(revision, [revision]).Payload)!;

        Assert.Equal(("shop", "uid-7", 7), (read.App, read.Rollout, read.Revision));
        Assert.Equal(revision.Images, read.Images);
    }
}
