using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.GitHub.StandIn;
using Fault = KubeApps.GitHub.StandIn.Fault;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>A full update has one record on GitHub, whatever becomes of the runs that bring it about.</summary>
public sealed class UpdateRecordsTests(GitHubStandIn github)
{
    private const string Run = "https://github.com/team/shop/actions/runs/7";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly TwoClusters _clusters = new();

    [Fact]
    public async Task Deploys_OneAfterTheOther_HaveARecordEachAndTheOldOneIsOverBeforeItsClusterIs()
    {
        using var repository = await github.NewRepositoryAsync();
        var first = await RunAsync(repository, clusters => clusters.DeployAsync());
        Assert.Equal((DeployOutcome.Deployed, "success"), (first.Outcome, first.Record!.State));
        _clusters.Version = "2";

        var next = await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(["1: success inactive", "2: success"], Records(repository));
        Assert.Equal((repository.Deployments[0].Id, "success"), (next.Record!.Id, next.Record.State));
        Assert.Equal(["success", "inactive"], repository.Deployments.Select(item => item.State));
        Assert.True(_clusters.Log.IndexOf("shop-prod-1 keeps that its record is inactive") is > 0 and var told && told < _clusters.Log.IndexOf("deleting shop-prod-1"));
        var payload = repository.Deployments[0].Payload!;
        Assert.Equal(("fullUpdate", "shop-prod-2", repository.Deployments[1].Id), ((string?)payload["strategy"], (string?)payload["cluster"]!["name"], (long?)payload["previous"]));
        Assert.Null(payload["revision"]);
        // The revision goes on with it.
        Assert.Equal((next.Record.Id, "success", (string?)payload["rollout"], "system-shop-prod-2"), _clusters.RecordOf("shop-prod-2") is { } mark ? (mark.Id, mark.State, mark.Rollout, mark.Cluster.Uid) : default);
        Assert.Equal("Superseded by shop-prod-2.", repository.Deployments[1].Statuses[^1].Description);
        Assert.StartsWith("shop-prod-2 serves, after ", repository.Deployments[0].Statuses[^1].Description, StringComparison.Ordinal);
        Assert.NotNull(RecordText.ElapsedOf(repository.Deployments[0].Statuses[^1].Description));
        Assert.Empty(_clusters.Left);
    }

    [Fact]
    public async Task Deploy_ThatIsHeld_EndsWithWhoPromotesOrAborts()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        await RunAsync(repository, clusters => clusters.DeployAsync(holds: true));
        Assert.Equal(RecordText.Held, repository.Deployments[0].Statuses[^1].Description);
        await RunAsync(repository, clusters => clusters.PromoteAsync(holds: true));
        Assert.Equal(RecordText.Held, repository.Deployments[0].Statuses[^1].Description);

        var aborted = await RunAsync(repository, clusters => clusters.AbortAsync());

        Assert.Equal(DeployOutcome.Aborted, aborted.Outcome);
        Assert.Equal("Aborted by jane.", repository.Deployments[0].Statuses[^1].Description);
        await RunAsync(repository, clusters => clusters.DeployAsync(holds: true));
        Assert.Equal(DeployOutcome.Deployed, (await RunAsync(repository, clusters => clusters.PromoteAsync())).Outcome);
        Assert.Equal(["1: success inactive", "2: inactive", "2: success"], Records(repository));
    }

    [Fact]
    public async Task Abort_OfAVersionThatServedBesideTheOld_GivesTheOldOneItsSuccessBack()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        await RunAsync(repository, clusters => clusters.DeployAsync(soaks: false));
        Assert.Equal(["1: success inactive", "2: success"], Records(repository));

        await RunAsync(repository, clusters => clusters.AbortAsync());

        Assert.Equal(["1: success inactive success", "2: success inactive"], Records(repository));
    }

    [Fact]
    public async Task Deploy_ThatFails_SaysWhyAndGoesOnWithTheSameRecord()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        (_clusters.Version, _clusters.CrashesAt) = ("2", 50);
        Assert.Equal(DeployOutcome.RolledBack, (await RunAsync(repository, clusters => clusters.DeployAsync())).Outcome);
        Assert.Equal(("failure", true), (repository.Deployments[0].State, repository.Deployments[0].Statuses[^1].Description.Contains("It crashes", StringComparison.Ordinal)));
        Assert.Equal("success", repository.Deployments[1].State);

        _clusters.CrashesAt = null;
        await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(["1: success inactive", "2: failure success"], Records(repository));
    }

    // The one that soaks has no lock: what the other wants counts, and it says nothing more of it.
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Deploy_EndedByAnotherRunInItsSoak_LeavesAllToThatOne(bool isAborted, bool isSeen)
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        UpdateResult? other = null;
        var written = 0;
        _clusters.DuringSoak = (isSeen, InterfereAsync);

        var soaking = await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(isAborted ? DeployOutcome.Aborted : DeployOutcome.Deployed, other!.Outcome);
        Assert.Equal((DeployOutcome.Failed, DiagnosticDescriptors.EndedElsewhere.Code), (soaking.Outcome, Assert.Single(soaking.Diagnostics).Code));
        Assert.Equal(written, _clusters.Writes);
        Assert.Equal($"shop-prod-{(isAborted ? 1 : 2)} Ready version {(isAborted ? 1 : 2)}, 100 %, alone", _clusters.Text());
        Assert.Equal(isAborted ? ["1: success", "2: inactive"] : ["1: success inactive", "2: success"], Records(repository));
        Assert.Equal(isAborted ? "Aborted by jane." : "shop-prod-2 serves", repository.Deployments[0].Statuses[^1].Description.Split(", after ")[0]);

        async Task InterfereAsync()
        {
            var records = _clusters.Records;
            // A soak lasts: what the run that is in it has said is there long before somebody ends it.
            while (repository.Deployments[0].Statuses is not [.., var last] || !last.Description.StartsWith("Watch ", StringComparison.Ordinal))
                await Task.Delay(20, TestContext.Current.CancellationToken);
            other = await RunAsync(repository, clusters => isAborted ? clusters.AbortAsync() : clusters.PromoteAsync());
            (_clusters.Records, written) = (records, _clusters.Writes);
        }
    }

    [Fact]
    public async Task Deploy_OfAnotherVersionIntoTheClusterOfOneThatIsHeld_EndsTheRecordOfThat()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        await RunAsync(repository, clusters => clusters.DeployAsync(holds: true));
        _clusters.Version = "3";

        await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(["1: success inactive", "2: inactive", "3: success"], Records(repository));
    }

    [Fact]
    public async Task Deploy_WhileGitHubIsDown_IsRecordedByWhatTheNewClusterKeeps()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        repository.Next(1000, Fault.Answer(503));

        var result = await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(ExitCodes.Done, result.ExitCode);
        Assert.Single(repository.Deployments);
        var mark = _clusters.RecordOf("shop-prod-2")!;
        Assert.Equal((null, null, true), (mark.Id, mark.State, mark.Rollout is not null));
        Assert.Equal("success", Assert.Single(_clusters.Left["shop-prod-2"].Revisions).Record!.State);
    }

    [Fact]
    public async Task Deploy_OfABundleWithoutAFullCommit_SaysThatItIsNotRecorded()
    {
        using var repository = await github.NewRepositoryAsync();
        _clusters.Commit = "0123456";
        var log = new EventLog();

        var result = await RunAsync(repository, clusters => clusters.DeployAsync(), sink: log);

        Assert.Equal((DeployOutcome.Deployed, null), (result.Outcome, result.Record));
        Assert.Equal("KUBEAPP9022", Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic.Code);
        Assert.DoesNotContain(repository.Requests, request => request.Method == "POST");
    }

    [Fact]
    public async Task Deploy_KilledAnywhere_HasOneRecordWhenRunAgain()
    {
        using var repository = await github.NewRepositoryAsync();
        for (var at = 2; ; at++)
        {
            var clusters = new TwoClusters();
            await RunAsync(repository, item => item.DeployAsync(), clusters);
            clusters.Version = "2";
            var before = repository.Deployments.Count;
            (clusters.Writes, clusters.KilledAt) = (0, at);
            var wasKilled = false;
            try
            {
                await RunAsync(repository, item => item.DeployAsync(), clusters);
            }
            catch (KilledException)
            {
                wasKilled = true;
            }

            clusters.KilledAt = null;
            // Whoever deploys again after all is done wants yet another cluster.
            if (wasKilled && clusters.Clusters.Any(item => item.Update is not null || item.Version != "2"))
                await RunAsync(repository, item => item.DeployAsync(), clusters);
            var records = repository.Deployments.Take(repository.Deployments.Count - before).ToList();
            Assert.True(records is [{ State: "success" }], $"Killed at {at}: {string.Join(", ", records.Select(item => item.State))}");
            Assert.True(repository.Deployments[1].State == "inactive", $"Killed at {at}: {string.Join(" ", repository.Deployments[1].Statuses.Select(item => item.State))}");
            if (!wasKilled)
            {
                Assert.True(at > 30, "It writes less than it must.");
                return;
            }
        }
    }

    [Fact]
    public async Task Sync_AfterADeployThatWasKilledAnywhere_EndsItsRecordWithWhatIsTrueAndTheNextRunGoesOnWithIt()
    {
        using var repository = await github.NewRepositoryAsync();
        var seen = new HashSet<string?>();
        for (var at = 2; ; at++)
        {
            var clusters = new TwoClusters();
            await RunAsync(repository, item => item.DeployAsync(), clusters);
            clusters.Version = "2";
            var before = repository.Deployments.Count;
            (clusters.Writes, clusters.KilledAt) = (0, at);
            try
            {
                await RunAsync(repository, item => item.DeployAsync(), clusters, runUrl: Run);
                Assert.Equal(["error", "success"], seen.Order(StringComparer.Ordinal));
                return;
            }
            catch (KilledException)
            {
                clusters.KilledAt = null;
            }

            var standing = clusters.Clusters.Select(item => item.Update).FirstOrDefault(item => item is not null);
            await SyncAsync(repository, clusters, Run);
            if (standing is null || repository.Deployments.Count == before)
                continue;
            var serves = standing.Phase is UpdatePhase.Draining or UpdatePhase.Retiring || clusters.Clusters.Any(item => item.Update?.Phase == UpdatePhase.Retiring);
            Assert.True(repository.Deployments[0].State == (serves ? "success" : "error"), $"Killed at {at}, {standing.Phase}: {repository.Deployments[0].State}");
            seen.Add(repository.Deployments[0].State);
            var told = repository.Deployments[0].Statuses.Count;
            await SyncAsync(repository, clusters, Run);
            Assert.True(told == repository.Deployments[0].Statuses.Count, $"Killed at {at}: it is said twice.");
            if (clusters.Clusters.Any(item => item.Update is not null || item.Version != "2"))
                await RunAsync(repository, item => item.DeployAsync(), clusters);
            Assert.True(repository.Deployments.Count == before + 1 && repository.Deployments[0].State == "success", $"Killed at {at}: {repository.Deployments[0].State}");
        }
    }

    // While it soaks a run that lives holds no lock.
    [Theory]
    [InlineData(Run, true)]
    [InlineData(null, false)]
    public async Task Sync_OfAVersionThatServesBesideTheOld_EndsTheRecordOfItsOwnJobAlone(string? asking, bool isEnded)
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        (_clusters.Version, _clusters.KilledAfter) = ("2", "shop-prod-1 says Soaking");
        await Assert.ThrowsAsync<KilledException>(() => RunAsync(repository, clusters => clusters.DeployAsync(), runUrl: Run));

        _clusters.KilledAfter = null;

        await SyncAsync(repository, _clusters, asking);

        Assert.Equal(isEnded, repository.Deployments[0].State == "error");
    }

    [Fact]
    public async Task Deploy_KilledBeforeItWroteAnything_HasOneRecordWhenRunAgain()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        (_clusters.Version, _clusters.Writes, _clusters.KilledAt) = ("2", 0, 2);
        await Assert.ThrowsAsync<KilledException>(() => RunAsync(repository, clusters => clusters.DeployAsync(), sink: new Lingering(() => repository.Deployments.Count > 1)));
        _clusters.KilledAt = null;

        await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(["1: success inactive", "2: success"], Records(repository));
    }

    [Fact]
    public async Task Sync_OfWhatIsHeldOrFailed_LeavesItsRecord()
    {
        using var repository = await github.NewRepositoryAsync();
        await RunAsync(repository, clusters => clusters.DeployAsync());
        _clusters.Version = "2";
        await RunAsync(repository, clusters => clusters.DeployAsync(holds: true), runUrl: Run);
        await SyncAsync(repository, _clusters, Run);
        Assert.Equal("in_progress", repository.Deployments[0].State);

        _clusters.CrashesAt = 50;
        await RunAsync(repository, clusters => clusters.PromoteAsync(), runUrl: Run);
        await SyncAsync(repository, _clusters, Run);
        Assert.Equal("failure", repository.Deployments[0].State);
    }

    [Fact]
    public async Task FirstDeploy_KilledBeforeItsClusterStands_GoesOnWithTheRecordThatGitHubAloneKnows()
    {
        using var repository = await github.NewRepositoryAsync();
        _clusters.KilledAt = 3;
        // The record is made beside the deploy.
        await Assert.ThrowsAsync<KilledException>(() => RunAsync(repository, clusters => clusters.DeployAsync(), sink: Awaiting(repository, "queued")));
        Assert.Equal("queued", Assert.Single(repository.Deployments).State);
        _clusters.KilledAt = null;

        await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal("success", Assert.Single(repository.Deployments).State);
    }

    [Fact]
    public async Task FirstDeploy_KilledBeforeItsClusterStands_IsEndedByThatOfAnotherVersion()
    {
        using var repository = await github.NewRepositoryAsync();
        _clusters.KilledAt = 3;
        await Assert.ThrowsAsync<KilledException>(() => RunAsync(repository, clusters => clusters.DeployAsync(), sink: Awaiting(repository, "queued")));
        (_clusters.KilledAt, _clusters.Version) = (null, "2");

        await RunAsync(repository, clusters => clusters.DeployAsync());

        Assert.Equal(["1: error", "2: success"], Records(repository));
    }

    private async Task<UpdateResult> RunAsync(
        StandInRepository repository, Func<TwoClusters, Task<UpdateResult>> run, TwoClusters? on = null, IEventSink? sink = null, string? runUrl = null)
    {
        UpdateResult? result = null;
        await RecordedAsync(repository, on ?? _clusters, async clusters => result = await run(clusters), sink, runUrl);
        return result!;
    }

    private static Task SyncAsync(StandInRepository repository, TwoClusters on, string? runUrl) =>
        RecordedAsync(repository, on, clusters => clusters.Updater().SettleRecordAsync(runUrl, Token));

    // A run of its own, as another machine would have it.
    private static async Task RecordedAsync(StandInRepository repository, TwoClusters clusters, Func<TwoClusters, Task> run, IEventSink? sink = null, string? runUrl = null)
    {
        var client = new GitHubClient(
            new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), repository.Token), TimeProvider.System, new GitHubLimits { Waiting = TimeSpan.Zero });
        await using var records = new UpdateRecords(
            new RecordSettings("test"), client, clusters, new Author("jane", runUrl), sink ?? new EventLog(), TimeProvider.System, new KnownSecrets(), Token);
        clusters.Records = records;
        await run(clusters);
    }

    // What is done to a deployment in the end: the states that last.
    private static IEnumerable<string> Records(StandInRepository repository) => repository.Deployments.Reverse()
        .Select(item => $"{item.Sha.TrimStart('0')}: {string.Join(" ", item.Statuses.Select(status => status.State).Where(state => state is not ("queued" or "in_progress")))}");

    private static Lingering Awaiting(StandInRepository repository, string state) => new(() => repository.Deployments.Any(item => item.State == state), isSure: true);

    // The record is made beside the deploy: this one waits for it, or gives it the time.
    private sealed class Lingering(Func<bool> isThere, bool isSure = false) : IEventSink
    {
        public void Publish(DeployEvent deployEvent)
        {
            if (deployEvent is DeployEvent.StepStarted)
                Assert.True(SpinWait.SpinUntil(isThere, isSure ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1)) || !isSure);
        }
    }
}
