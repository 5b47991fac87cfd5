using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.GitHub.StandIn;
using Microsoft.Extensions.Time.Testing;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>What is delivered, tried again and given up, with GitHub in one of its moods; the cluster keeps nothing here.</summary>
public sealed class RecordDeliveryTests(GitHubStandIn github)
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithADeploymentThatSomebodyDeleted_SaysSoAndGoesOn()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var ledger = new RecordLedger(client.Repository);
        ledger.Know([Of(repository, 1, RevisionOutcome.Failed, "in_progress"), Of(repository, 2, RevisionOutcome.Deployed)]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);

        await delivery.RunAsync(() => Token, Token);

        Assert.Equal("success", Assert.Single(repository.Deployments).State);
        Assert.Equal([DiagnosticDescriptors.RecordDeleted.Code], delivery.Failures.Select(item => item.Code));
        Assert.Empty(ledger.Owed);
    }

    [Fact]
    public async Task Run_WithATokenThatDoesNotSeeTheRepository_TakesNothingForDeleted()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository, repository.NewToken(TokenRights.None));
        var ledger = new RecordLedger(client.Repository);
        ledger.Know([Of(repository, 1, RevisionOutcome.Failed, "in_progress")]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);

        await delivery.RunAsync(() => Token, Token);

        Assert.Equal([DiagnosticDescriptors.RecordNotDelivered.Code], delivery.Failures.Select(item => item.Code));
        Assert.Single(ledger.Owed);
    }

    [Fact]
    public async Task TryAgain_AfterARefusalAndAnOutage_ForgetsTheOutageAlone()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        repository.Next(1, Fault.Answer(422), request => request.Method == "POST");
        repository.Next(1, Fault.Answer(503), request => request.Method == "POST");
        var ledger = new RecordLedger(client.Repository);
        ledger.Know([Of(repository, 1, RevisionOutcome.Failed), Of(repository, 2, RevisionOutcome.Deployed)]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);

        await delivery.RunAsync(() => Token, Token);
        Assert.Equal([DiagnosticDescriptors.RecordRefused.Code, DiagnosticDescriptors.RecordNotDelivered.Code], delivery.Failures.Select(item => item.Code));
        delivery.TryAgain();
        await delivery.RunAsync(() => Token, Token);

        Assert.Equal("success", Assert.Single(repository.Deployments).State);
        Assert.Equal([DiagnosticDescriptors.RecordRefused.Code], delivery.Failures.Select(item => item.Code));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Run_GitHubFailsInTheMidst_TriesAgainAtOnceAndTakesTwoForAnOutage(int times, bool isOutage)
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var ledger = new RecordLedger(client.Repository);
        ledger.Know([Of(repository, 1, RevisionOutcome.Failed), Of(repository, 2, RevisionOutcome.Deployed)]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);
        repository.Next(times, Fault.CutBefore, request => request.Method == "POST" && repository.Deployments.Count == 2);

        await delivery.RunAsync(() => Token, Token);

        Assert.Equal(isOutage ? [null, "failure"] : ["success", "failure"], repository.Deployments.Select(item => item.State));
        Assert.Equal(isOutage ? [DiagnosticDescriptors.RecordNotDelivered.Code] : [], delivery.Failures.Select(item => item.Code));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_FirstAnswerIsLost_LooksForTheDeploymentAndGoesOn(bool isDone)
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var ledger = new RecordLedger(client.Repository);
        ledger.Know([Of(repository, 1, RevisionOutcome.Deployed)]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);
        repository.Next(1, isDone ? Fault.CutAfter : Fault.CutBefore, request => request.Method == "POST");

        await delivery.RunAsync(() => Token, Token);

        Assert.Equal("success", Assert.Single(repository.Deployments).State);
        Assert.Empty(delivery.Failures);
    }

    [Fact]
    public async Task Settle_OfTheNextRollout_TriesAgainWhatTheFirstHadNoTimeFor()
    {
        using var repository = await github.NewRepositoryAsync();
        repository.Next(1, Fault.Hang);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var log = new EventLog();
        await using var records = new RolloutRecords(new RecordSettings("test"), Client(repository, clock: clock), EmptyCluster(clock), log, Token);
        var (failed, restored) = (Of(repository, 1, RevisionOutcome.Deploying), Of(repository, 2, RevisionOutcome.Deploying));

        records.Begin(failed, []);
        while (repository.Requests.Count == 0)
            await Task.Yield();
        records.End(failed with { State = new RevisionState(RevisionOutcome.RolledBack) }, isHeld: false);
        var settled = records.SettleAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await settled;
        Assert.Empty(repository.Deployments);
        records.Begin(restored, [failed]);
        records.End(restored with { State = new RevisionState(RevisionOutcome.Deployed) }, isHeld: false);
        await records.SettleAsync();

        Assert.Equal(["success", "failure"], repository.Deployments.Select(item => item.State));
        Assert.Contains(log.Events.OfType<DeployEvent.DiagnosticRaised>(), item => item.Diagnostic.Code == DiagnosticDescriptors.RecordNotDelivered.Code);
    }

    [Fact]
    public async Task Run_ThatIsAskedToEnd_TellsGitHubHowItEndsBeforeItCleansUp()
    {
        using var repository = await github.NewRepositoryAsync();
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var records = new RolloutRecords(new RecordSettings("test"), Client(repository), EmptyCluster(TimeProvider.System), new EventLog(), asked.Token);
        var revision = Of(repository, 1, RevisionOutcome.Deploying);
        records.Begin(revision, []);
        await ShownAsync("queued");

        await asked.CancelAsync();
        await ShownAsync("error");
        records.End(revision with { State = new RevisionState(RevisionOutcome.Cancelled) }, isHeld: false);
        await records.SettleAsync();

        Assert.Equal(["queued", "error"], Assert.Single(repository.Deployments).Statuses.Select(status => status.State));

        async Task ShownAsync(string state)
        {
            while (repository.Deployments.SingleOrDefault()?.Statuses.Any(status => status.State == state) != true)
                await Task.Delay(20, Token);
        }
    }

    [Fact]
    public async Task Settle_WhereNothingEverComesToAnEnd_IsOverAfterItsTime()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var stuck = new Stuck();
        var log = new EventLog();
        var cluster = new Api.KubeClient(new HttpClient(stuck, disposeHandler: false), "https://cluster.example", _ => Task.FromResult<System.Net.Http.Headers.AuthenticationHeaderValue?>(null), clock);
        var records = new RolloutRecords(new RecordSettings("test"), new GitHubClient(new GitHubAccess(Repository, "secret-token"), clock), cluster, log, Token);
        records.Begin(Recorded(1, RevisionOutcome.Deploying), []);

        var settled = records.SettleAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(1));
        await settled;
        var disposed = records.DisposeAsync().AsTask();
        while (!disposed.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await disposed;
        Assert.Contains(log.Events.OfType<DeployEvent.DiagnosticRaised>(), item => item.Diagnostic.Cause.Contains("within 10 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WhileAnotherRunDeliversTheSame_KeepsTheOlderOfTheTwo()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var ledger = new RecordLedger(client.Repository);
        var revision = Of(repository, 1, RevisionOutcome.Deployed);
        ledger.Know([revision]);
        var delivery = new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text);
        StandInDeployment? others = null;
        // Another run has looked, too, found none, and is a moment ahead.
        repository.Next(1, Fault.Answer(500), request =>
        {
            if (request.Method == "POST" && others is null)
                others = repository.Add(Twin(revision));
            return false;
        });

        await delivery.RunAsync(() => Token, Token);

        Assert.Empty(delivery.Failures);
        Assert.Equal((others!.Id, "success"), Assert.Single(repository.Deployments) is var record ? (record.Id, record.State) : default);
        Assert.Equal(others.Id, ledger.Find(1)!.Record!.Id);
    }

    [Fact]
    public async Task Run_WithTwoDeploymentsOfOneRollout_TakesTheYoungerAway()
    {
        using var repository = await github.NewRepositoryAsync();
        using var client = Client(repository);
        var ledger = new RecordLedger(client.Repository);
        var revision = Of(repository, 1, RevisionOutcome.Failed);
        var (first, second) = (repository.Add(Twin(revision)), repository.Add(Twin(revision)));
        second.Statuses.Add(new StandInStatus("in_progress"));
        ledger.Know([revision]);
        // GitHub does not let it go: then it is inactive at least.
        repository.Next(1, Fault.Answer(422), request => request.Method == "DELETE");

        await new RecordDelivery(client, new RecordKeeper(new ScriptedServer().Client()), ledger, text => text).RunAsync(() => Token, Token);

        Assert.Equal([("inactive", second.Id), ("failure", first.Id)], repository.Deployments.Select(item => (item.State, item.Id)));
        Assert.Contains($"{first.Id}", second.Statuses[^1].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoOn_WithARevisionThatIsHeld_SaysWhatItsRunDoesAndNoSecret()
    {
        using var repository = await github.NewRepositoryAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var held = Of(repository, 2, RevisionOutcome.Deploying, "in_progress");
        var deployment = repository.Add(Twin(held));
        held = held with { Uid = "u-2", Record = held.Record! with { Id = deployment.Id } };
        var stored = RevisionObject.Of(held, null);
        stored["metadata"]!["uid"] = held.Uid;
        var list = new System.Text.Json.Nodes.JsonObject { ["kind"] = "ConfigMapList", ["apiVersion"] = "v1", ["metadata"] = new System.Text.Json.Nodes.JsonObject(), ["items"] = new System.Text.Json.Nodes.JsonArray(stored) };
        var cluster = new ScriptedServer([.. Enumerable.Repeat(ScriptedServer.Json(200, list), 9)]).Client(clock);
        await using var records = new RolloutRecords(new RecordSettings("test"), Client(repository, clock: clock), cluster, new EventLog(), Token);
        records.Publish(new DeployEvent.SecretsLearned(["hunter2-and-more"]));

        await records.GoOnAsync(Sample.Inventory(2, isComplete: false), new Author("joe", "https://github.example/run/9"), Token);
        records.Publish(new DeployEvent.StepStarted("switch", "Switch to blue with hunter2-and-more"));
        while (deployment.Statuses.Count == 0)
            await Task.Delay(10, Token);

        Assert.Equal(("in_progress", "Switch to blue with ***", "https://github.example/run/9"), deployment.Statuses is [var status] ? (status.State, status.Description, status.LogUrl) : default);
    }

    private static StandInDeployment Twin(Revision revision) => new(revision.Commit!, revision.Record!.Environment)
    {
        Payload = System.Text.Json.Nodes.JsonNode.Parse(RecordText.DeploymentOf(revision, [revision]).Payload!.Value.GetRawText()),
    };

    private static Revision Of(StandInRepository repository, int number, RevisionOutcome outcome, string? state = null)
    {
        var revision = Recorded(number, outcome, state);
        return revision with { Uid = null, Record = revision.Record! with { Api = repository.Api.AbsoluteUri, Repository = repository.FullName } };
    }

    private static GitHubClient Client(StandInRepository repository, string? token = null, TimeProvider? clock = null) => new(
        new GitHubAccess(new GitHubRepository(repository.Api, repository.Owner, repository.Name), token ?? repository.Token),
        clock ?? TimeProvider.System, new GitHubLimits { Request = Timeout.InfiniteTimeSpan, Waiting = TimeSpan.Zero });

    private static Api.KubeClient EmptyCluster(TimeProvider clock) =>
        new ScriptedServer([.. Enumerable.Repeat(ScriptedServer.Text(200, """{"kind":"ConfigMapList","apiVersion":"v1","items":[]}"""), 9)]).Client(clock);

    // Does not even listen to who gives up.
    private sealed class Stuck : HttpMessageHandler
    {
        private readonly TaskCompletionSource<HttpResponseMessage> _never = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _never.Task;
    }
}
