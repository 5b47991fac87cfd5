using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Faults;
using KubeApps.GitHub.StandIn;
using Fault = KubeApps.GitHub.StandIn.Fault;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>The real tool, as a step of a workflow: whatever becomes of a rollout, GitHub has one record of it, with the state that it really has.</summary>
public sealed class RecordedRunTests(SandboxCluster cluster, GitHubStandIn github) : IClassFixture<SandboxCluster>
{
    [Fact]
    public async Task Deploys_OneAfterTheOther_HaveARecordEach()
    {
        using var app = await NewAsync("recorded");
        // Another app of the repository, in an environment of the same name.
        var other = app.GitHub.Add(new StandInDeployment(RecordedApp.Commit, "local")
        {
            Payload = System.Text.Json.Nodes.JsonNode.Parse("""{"schema":"kubeapps.dev/deployment/v1","app":"other","environment":"local"}"""),
            Statuses = [new StandInStatus("success")],
        });

        var first = await app.DeployAsync(app.Version("1"), "1", "--production");
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        var record = Assert.Single(app.Deployments);
        app.AssertRecords("deploy: success");
        Assert.Equal((RecordedApp.Commit, "local", false, true), (record.Sha, record.Environment, record.IsTransient, record.IsProduction));
        Assert.StartsWith(record.Statuses[^1].EnvironmentUrl, first.Output, StringComparison.Ordinal);
        Assert.NotEmpty(record.Statuses[^1].EnvironmentUrl);
        Assert.All(record.Statuses, status => Assert.Equal($"https://github.example/{app.GitHub.FullName}/actions/runs/1", status.LogUrl));
        Assert.InRange(record.Statuses.Count, 1, 7);
        var revision = Assert.Single(await app.RevisionsAsync());
        Assert.Equal((revision.Uid, 1, "jane"), ((string?)record.Payload!["rollout"], (int?)record.Payload["revision"], (string?)record.Payload["actor"]));
        var payload = record.Payload;
        Assert.Equal(("rolling", revision.Hash, await app.ClusterAsync()), ((string?)payload["strategy"], (string?)payload["bundle"]!["hash"], (string?)payload["cluster"]!["uid"]));
        Assert.Equal(
            revision.Images.Select(image => (image.Workload, image.Container, image.Image)),
            payload["images"]!.AsArray().Select(image => ((string)image!["workload"]!, (string)image["container"]!, (string)image["image"]!)));
        Assert.Equal($"https://github.example/{app.GitHub.FullName}/actions/runs/1", (string?)payload["run"]);
        Assert.Equal((record.Id, "success", record.Statuses[^1].EnvironmentUrl), (revision.Record!.Id, revision.Record.State, revision.State.Url));

        // The same job again: nothing to do, and nothing to record.
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        Assert.Single(app.Deployments);

        // A version that does not come up: it says why, and the version before has a record of its own.
        var failed = await app.DeployAsync(app.Version("exit", "1", "It cannot reach " + new string('x', 300)), "2", "-o", "json");
        Assert.Equal(ExitCodes.RolledBack, failed.ExitCode);
        app.AssertRecords("deploy: success inactive", "deploy: failure", "deploy:rollback: success");
        Assert.InRange(app.Deployments[1].Statuses[^1].Description.Length, 20, 140);
        Assert.Equal(3, (int?)app.Deployments[2].Payload!["revision"]);
        Assert.Equal((1, app.Deployments[1].Id), ((int?)app.Deployments[2].Payload!["restores"], (long?)app.Deployments[2].Payload!["previous"]));
        var result = System.Text.Json.Nodes.JsonNode.Parse(failed.Output)!["record"]!;
        Assert.Equal((app.Deployments[1].Id, "failure", app.GitHub.FullName), ((long?)result["id"], (string?)result["state"], (string?)result["repository"]));

        Assert.Equal(0, (await app.DeployAsync(app.Version("2"), "3")).ExitCode);
        Assert.Equal(0, (await app.RunAsync(["rollback", app.Name, "-y"], "4")).ExitCode);
        Assert.Equal(
            ["deploy: success inactive", "deploy: failure", "deploy:rollback: success inactive", "deploy: success inactive", "deploy:rollback: success"],
            app.Records);
        Assert.Equal("success", other.State);
        Assert.DoesNotContain(app.GitHub.Token, await app.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_ThatIsHeld_EndsWithWhoPromotesOrAborts()
    {
        using var app = await NewAsync("recorded-held");
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("1"))).ExitCode);
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("2"), "2", "--hold")).ExitCode);
        Assert.Equal("in_progress", app.Deployments[1].State);
        Assert.Contains("promote", app.Deployments[1].Statuses[^1].Description, StringComparison.Ordinal);

        Assert.Equal(0, (await app.RunAsync(["promote", app.Name], "3")).ExitCode);
        app.AssertRecords("deploy: success inactive", "deploy: success");
        Assert.NotEmpty(app.Deployments[1].Statuses[^1].EnvironmentUrl);
        Assert.NotNull((string?)app.Deployments[1].Payload!["slot"]);
        // Who promoted it has the log of that.
        Assert.EndsWith("/actions/runs/3", app.Deployments[1].Statuses[^1].LogUrl, StringComparison.Ordinal);

        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("3"), "4", "--hold")).ExitCode);
        Assert.Equal(0, (await app.RunAsync(["abort", app.Name], "5")).ExitCode);
        Assert.Equal(["inactive", "success", "inactive"], app.Deployments.Select(item => item.State));
        Assert.StartsWith("Aborted by jane", app.Deployments[2].Statuses[^1].Description, StringComparison.Ordinal);

        // Given up for another one: nobody was killed.
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("4"), "6", "--hold")).ExitCode);
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("5"), "7")).ExitCode);
        Assert.Equal(["inactive", "inactive", "inactive", "inactive", "success"], app.Deployments.Select(item => item.State));
    }

    [Fact]
    public async Task Deploy_ThatDoesNotEndInTime_IsRecordedAsAFailureWithItsCause()
    {
        using var app = await NewAsync("recorded-late");
        var late = await app.DeployAsync(app.Version("sick"), "1", "--timeout", "4s");
        Assert.Equal((ExitCodes.TimedOut, 1), (late.ExitCode, app.Deployments.Count));
        app.AssertRecords("deploy: failure");

        // And where a version stands that it is taken back to.
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"), "2")).ExitCode);
        var back = await app.DeployAsync(app.Version("sick"), "3", "--timeout", "4s");

        Assert.Equal(ExitCodes.RolledBack, back.ExitCode);
        app.AssertRecords("deploy: failure", "deploy: success inactive", "deploy: failure", "deploy:rollback: success");
        Assert.All((StandInDeployment[])[app.Deployments[0], app.Deployments[2]], item =>
        {
            var said = item.Statuses[^1].Description;
            Assert.InRange(said.Length, 20, 140);
            Assert.StartsWith("Deployment web: runs but is not ready: Readiness probe failed", said, StringComparison.Ordinal);
        });
        var revisions = await app.RevisionsAsync();
        Assert.Equal(["failure", "inactive", "failure", "success"], revisions.OrderBy(item => item.Number).Select(item => item.Record!.State));
    }

    [Theory]
    [InlineData(Signal.Int)]
    [InlineData(Signal.Term)]
    public async Task Deploy_ThatIsToldToEnd_SaysSoBeforeItEnds(Signal signal)
    {
        using var app = await NewAsync($"recorded-{signal}".ToLowerInvariant());
        using var process = app.Start(app.Arguments(app.Version("sick")));
        await app.AwaitAsync("in_progress");

        await process.SendAsync(signal);
        var end = await app.EndAsync(process);

        Assert.Equal(ExitCodes.Cancelled, end.ExitCode);
        Assert.Equal("error", Assert.Single(app.Deployments).State);
        Assert.Equal((RevisionOutcome.Cancelled, "error"), (await app.RevisionsAsync()) is [var revision] ? (revision.State.Outcome, revision.Record!.State) : default);
    }

    [Fact]
    public async Task Deploy_ThatIsToldToEndWhileGitHubDoesNotAnswer_LeavesThatAndSaysHowItEnded()
    {
        using var app = await NewAsync("recorded-hung");
        app.GitHub.Next(1, Fault.Hang, request => request.Body.Contains("in_progress", StringComparison.Ordinal));
        using var process = app.Start(app.Arguments(app.Version("sick")));
        while (!app.GitHub.Requests.Any(request => request.Body.Contains("in_progress", StringComparison.Ordinal)))
            await Task.Delay(50, TestContext.Current.CancellationToken);

        await process.SendAsync(Signal.Term);

        Assert.Equal(ExitCodes.Cancelled, (await app.EndAsync(process)).ExitCode);
        app.AssertRecords("deploy: error");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_ThatIsKilled_IsEndedByTheNextRun(bool isSynced)
    {
        using var app = await NewAsync(isSynced ? "recorded-killed" : "recorded-orphaned");
        using (var process = app.Start(app.Arguments(app.Version("sick"))))
        {
            await app.AwaitAsync("in_progress");
            await process.SendAsync(Signal.Kill);
            await app.EndAsync(process);
        }

        Assert.Equal("in_progress", Assert.Single(app.Deployments).State);

        // The last step of the job that was killed; the lock of the dead one is not over yet. A runner that is lost has none.
        if (isSynced)
        {
            var sync = await app.RunAsync(["record", "sync", app.Name, "-o", "json"]);
            Assert.True(sync.ExitCode == 0, sync.Error);
            Assert.Equal("error", Assert.Single(app.Deployments).State);
            Assert.Equal("error", (string?)System.Text.Json.Nodes.JsonNode.Parse(sync.Output)!["records"]![0]!["state"]);
        }

        await app.EndLockAsync();

        Assert.Equal(0, (await app.DeployAsync(app.Version("1"), "2")).ExitCode);
        Assert.Equal(["error", "success"], app.Deployments.Select(item => item.State));
    }

    // Of a person, in a clone: the remote says which repository.
    [Theory]
    [InlineData("variable")]
    [InlineData("file")]
    [InlineData("none")]
    public async Task Deploy_OutsideOfActions_IsRecordedWithTheTokenThatIsThere(string token)
    {
        using var app = await NewAsync($"recorded-by-hand-{token}");
        var file = Path.Combine(cluster.Home, "token");
        await File.WriteAllTextAsync(file, app.GitHub.Token, TestContext.Current.CancellationToken);

        var end = await app.RunInCloneAsync(app.Arguments(app.Version("1"), token == "file" ? ["--github-token-file", file] : []), token == "variable" ? app.GitHub.Token : null);

        Assert.True(end.ExitCode == 0, end.Error);
        Assert.Equal(token == "none" ? [] : ["deploy: success"], app.Records);
    }

    // What GitHub would have to name a deployment by: a whole commit, or nothing is asked of it.
    [Theory]
    [InlineData(null, "does not say which commit")]
    [InlineData("0123456789ab", "'0123456789ab' is no full commit")]
    [InlineData("main", "'main' is no full commit")]
    public async Task Deploy_OfABundleWithoutAFullCommit_SaysThatItIsNotRecordedAndTheNextOneIs(string? commit, string cause)
    {
        using var app = await NewAsync($"unrecordable-{commit?.Length ?? 0}");

        var end = await app.DeployAsync(app.Version("1") with { Commit = commit });

        Assert.Equal((0, 1), (end.ExitCode, Count(end.Error, "KUBEAPP9022")));
        Assert.Contains(cause, end.Error, StringComparison.Ordinal);
        Assert.Contains("--record none", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("KUBEAPP9020", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(app.GitHub.Requests, request => request.Method == "POST");
        Assert.Null(Assert.Single(await app.RevisionsAsync()).Record);

        // What stood before it is nothing that GitHub was ever told of.
        var next = await app.DeployAsync(app.Version("2"), "2");
        Assert.Equal((0, 0), (next.ExitCode, Count(next.Error, "KUBEAPP90")));
        app.AssertRecords("deploy: success");
    }

    [Theory]
    [InlineData("GITHUB_TOKEN", "There is no token for")]
    [InlineData("GITHUB_REPOSITORY", "GITHUB_REPOSITORY is not set")]
    public async Task Deploy_InActionsThatDoNotSayHowToReachGitHub_SaysWhatIsMissing(string variable, string cause)
    {
        using var app = await NewAsync($"unreachable-{variable[7..]}".ToLowerInvariant());
        app.Withheld.Add(variable);

        var end = await app.DeployAsync(app.Version("1"));

        Assert.Equal((0, 1), (end.ExitCode, Count(end.Error, "KUBEAPP9022")));
        Assert.Contains(cause, end.Error, StringComparison.Ordinal);
        Assert.Contains("deployments: write", end.Error, StringComparison.Ordinal);
        Assert.Empty(app.GitHub.Requests);
    }

    [Fact]
    public async Task Deploy_WithRecordNone_AsksNothingOfGitHub()
    {
        using var app = await NewAsync("unrecorded");

        var end = await app.DeployAsync(app.Version("1"), "1", "--record", "none");

        Assert.True(end.ExitCode == 0, end.Error);
        Assert.Empty(app.GitHub.Requests);
    }

    [Fact]
    public async Task Deploy_WhileGitHubIsDown_IsRecordedByTheNextRun()
    {
        using var app = await NewAsync("recorded-down");
        app.GitHub.Next(1000, Fault.Hang);
        var first = await app.DeployAsync(app.Version("1"));
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal(1, Count(first.Error, "KUBEAPP9020"));
        app.GitHub.ForgetFaults();
        app.GitHub.Next(1000, Fault.Answer(503));
        Assert.Equal(0, (await app.DeployAsync(app.Version("2"), "2")).ExitCode);
        Assert.Empty(app.Deployments);

        app.GitHub.ForgetFaults();
        var none = await app.DeployAsync(app.Version("2"), "3", "-o", "json");

        Assert.Equal("unchanged", (string?)System.Text.Json.Nodes.JsonNode.Parse(none.Output)!["outcome"]);
        app.AssertRecords("deploy: success inactive", "deploy: success");
        Assert.All(app.Deployments, item => Assert.NotEmpty(item.Statuses[0].EnvironmentUrl));
    }

    [Fact]
    public async Task Deploy_ThatFailsWhileGitHubIsDown_IsRecordedAsAFailureByTheNextRun()
    {
        using var app = await NewAsync("recorded-failed");
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        app.GitHub.Next(10000, Fault.Answer(503));
        Assert.Equal(ExitCodes.RolledBack, (await app.DeployAsync(app.Version("exit", "1", "It cannot reach the database"), "2")).ExitCode);
        Assert.Equal(1, (await app.DeployAsync(app.Version("exit", "1", "It cannot reach the queue"), "3", "--no-rollback")).ExitCode);
        Assert.Single(app.Deployments);

        app.GitHub.ForgetFaults();
        var none = await app.DeployAsync(app.Version("1"), "4");

        Assert.True(none.ExitCode == 0, none.Error);
        app.AssertRecords("deploy: success inactive", "deploy: failure", "deploy:rollback: success inactive", "deploy: failure", "deploy: success");
        Assert.Contains("exit", app.Deployments[1].Statuses[^1].Description, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Runs_ThatAreAbortedOrToldToEndWhileGitHubIsDown_AreRecordedAsThatByTheNextRun()
    {
        using var app = await NewAsync("recorded-aborted");
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("1"))).ExitCode);
        app.GitHub.Next(10000, Fault.Answer(503));
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("2"), "2", "--hold")).ExitCode);
        Assert.Equal(0, (await app.RunAsync(["abort", app.Name], "3")).ExitCode);
        using (var process = app.Start(app.Arguments(app.BlueGreen("sick")), "4"))
        {
            while ((await app.RevisionsAsync()).Count < 3)
                await Task.Delay(50, TestContext.Current.CancellationToken);
            await process.SendAsync(Signal.Term);
            Assert.Equal(ExitCodes.Cancelled, (await app.EndAsync(process)).ExitCode);
        }

        Assert.Single(app.Deployments);
        app.GitHub.ForgetFaults();
        Assert.Equal(0, (await app.DeployAsync(app.BlueGreen("5"), "5")).ExitCode);

        app.AssertRecords("deploy: success inactive", "deploy: inactive", "deploy: error", "deploy: success");
        Assert.StartsWith("Aborted by jane", app.Deployments[1].Statuses[^1].Description, StringComparison.Ordinal);
        Assert.StartsWith("Cancelled", app.Deployments[2].Statuses[^1].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_WhoseAnswerIsLost_HasOneRecord()
    {
        using var app = await NewAsync("recorded-lost");
        app.GitHub.Next(1, Fault.CutAfter, request => request.Method == "POST" && request.Path.EndsWith("/deployments", StringComparison.Ordinal));

        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"), "2")).ExitCode);

        Assert.Equal("success", Assert.Single(app.Deployments).State);
    }

    [Fact]
    public async Task Deploy_OfACommitThatWasNotPushed_SaysSoAndIsRecordedOnceItIs()
    {
        using var app = await NewAsync("recorded-unpushed");
        app.GitHub.Commits.AreOpen = false;
        var first = await app.DeployAsync(app.Version("1"));
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal(1, Count(first.Error, "KUBEAPP9021"));
        Assert.Contains("Push the commit", first.Error, StringComparison.Ordinal);

        app.GitHub.Commits.Add(new StandInCommit(RecordedApp.Commit, "Pushed", []));
        Assert.Equal(0, (await app.RunAsync(["record", "sync", app.Name])).ExitCode);

        app.AssertRecords("deploy: success");
    }

    [Fact]
    public async Task Deploy_WithATokenThatMayNotWriteOrTooManyRequests_GoesOnWithAWarning()
    {
        using var app = await NewAsync("recorded-refused");
        app.GitHub.Next(1000, Fault.PrimaryLimit(DateTimeOffset.UtcNow.AddHours(1)));
        var limited = await app.DeployAsync(app.Version("1"));
        Assert.Equal((0, 1), (limited.ExitCode, Count(limited.Error, "KUBEAPP9020")));

        app.GitHub.ForgetFaults();
        var file = Path.Combine(cluster.Home, "read-only-token");
        await File.WriteAllTextAsync(file, app.GitHub.NewToken(TokenRights.ReadOnly), TestContext.Current.CancellationToken);
        var refused = await app.DeployAsync(app.Version("2"), "2", "--github-token-file", file);
        Assert.Equal((0, 1), (refused.ExitCode, Count(refused.Error, "KUBEAPP9020")));
        Assert.Contains("deployments: write", refused.Error, StringComparison.Ordinal);
        app.GitHub.Revoke(app.GitHub.Token);
        var unknown = await app.DeployAsync(app.Version("3"), "3");
        Assert.Equal((0, 1), (unknown.ExitCode, Count(unknown.Error, "KUBEAPP9020")));
        Assert.Empty(app.Deployments);
    }

    [Fact]
    public async Task Destroy_OfAnApp_EndsAllItsRecords()
    {
        using var app = await NewAsync("recorded-destroyed");
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"), "1", "--transient", "--github-environment", "pr-7")).ExitCode);
        var end = await app.RunAsync(["destroy", app.Name, "-y"], "2");

        Assert.True(end.ExitCode == 0, end.Error);
        app.AssertRecords("deploy: success inactive", "deploy:destroy: success inactive");
        Assert.DoesNotContain("KUBEAPP9023", end.Error, StringComparison.Ordinal);
        Assert.All(app.Deployments, item => Assert.Equal(("pr-7", true), (item.Environment, item.IsTransient)));
    }

    [Fact]
    public async Task Destroy_WhileGitHubIsDown_IsRecordedByASync()
    {
        using var app = await NewAsync("recorded-gone");
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        app.GitHub.Next(1000, Fault.Answer(503));
        Assert.Equal(0, (await app.RunAsync(["destroy", app.Name, "-y"], "2")).ExitCode);

        app.GitHub.ForgetFaults();
        var sync = await app.RunAsync(["record", "sync", app.Name], "3");

        Assert.True(sync.ExitCode == 0, sync.Error);
        app.AssertRecords("deploy: success inactive", "deploy:destroy: success inactive");
        Assert.DoesNotContain("kubeapp-records", await app.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destroy_WhileGitHubIsDown_IsRecordedByTheNextDeploy()
    {
        using var app = await NewAsync("recorded-left");
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        app.GitHub.Next(1000, Fault.Answer(503));
        var end = await app.RunAsync(["destroy", app.Name, "-y"], "2");
        Assert.Equal((0, 1), (end.ExitCode, Count(end.Error, "KUBEAPP9020")));

        app.GitHub.ForgetFaults();
        Assert.Equal(0, (await app.DeployAsync(app.Version("2"), "3")).ExitCode);

        app.AssertRecords("deploy: success inactive", "deploy:destroy: success inactive", "deploy: success");
        Assert.DoesNotContain("kubeapp-records", await app.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DestroysAndDeploys_WhileGitHubIsDown_AreAllRecordedByTheNextRun()
    {
        using var app = await NewAsync("recorded-outage");
        app.GitHub.Next(10000, Fault.Answer(503));
        for (var run = 1; run <= 2; run++)
        {
            Assert.Equal(0, (await app.DeployAsync(app.Version($"{run}"), $"{run}")).ExitCode);
            Assert.Equal(0, (await app.RunAsync(["destroy", app.Name, "-y"], $"{run}")).ExitCode);
        }

        Assert.Equal(0, (await app.DeployAsync(app.Version("3"), "3")).ExitCode);
        app.GitHub.ForgetFaults();
        Assert.Equal(0, (await app.DeployAsync(app.Version("3"), "4")).ExitCode);

        app.AssertRecords(
            "deploy: success inactive", "deploy:destroy: success inactive", "deploy: success inactive", "deploy:destroy: success inactive", "deploy: success");
        Assert.DoesNotContain("kubeapp-records", await app.StoredAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Destroy_ThatIsKilled_IsEndedByTheNextRun(bool isDestroyedAgain)
    {
        using var app = await NewAsync(isDestroyedAgain ? "recorded-killed-twice" : "recorded-half-gone");
        Assert.Equal(0, (await app.DeployAsync(app.Version("1"))).ExitCode);
        // Something holds it up, as an operator's finalizer does.
        await app.PatchWebAsync("""{"metadata":{"finalizers":["tests.example/held"]}}""");
        using (var process = app.Start(["destroy", app.Name, "-y"], "2"))
        {
            await app.AwaitAsync("queued");
            await process.SendAsync(Signal.Kill);
            await app.EndAsync(process);
        }

        await app.PatchWebAsync("""{"metadata":{"finalizers":null}}""");
        app.AssertRecords("deploy: success", "deploy:destroy: queued");
        await app.EndLockAsync();

        var end = await app.RunAsync(isDestroyedAgain ? ["destroy", app.Name, "-y"] : ["record", "sync", app.Name], "3");

        Assert.True(end.ExitCode == 0, end.Error);
        Assert.Equal(
            isDestroyedAgain ? ["deploy: success inactive", "deploy:destroy: error", "deploy:destroy: success inactive"] : ["deploy: success", "deploy:destroy: error"],
            app.Records);
        Assert.DoesNotContain("kubeapp-records", await app.StoredAsync(), StringComparison.Ordinal);
    }

    private async Task<RecordedApp> NewAsync(string name)
    {
        cluster.RequireSandbox();
        return new RecordedApp(cluster, await github.NewRepositoryAsync(), name);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
