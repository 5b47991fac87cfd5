using KubeApps.Deploy.Api;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>
/// Keeps the record of a run's rollouts on GitHub, beside the run: it follows what happens, and never holds it up but at the end, for a few
/// seconds. What does not reach GitHub stands in the cluster for the next run.
/// </summary>
internal sealed class RolloutRecords : IRevisionFollower, IEventSink, IAsyncDisposable
{
    // What takes its time, and what people wait for. The others are over before anybody reads of them.
    private static readonly HashSet<string> Telling = ["before", "preview", "rollout", "checks", "switch", "soak", "return", "remove", "open", "addresses"];

    private readonly RecordSettings _settings;
    private readonly GitHubClient _github;
    private readonly KubeClient _cluster;
    private readonly RecordLedger _ledger;
    private readonly RecordWriter _writer;
    private readonly KnownSecrets _secrets;
    private readonly IEventSink _sink;
    private readonly HashSet<Diagnostic> _told = [];
    private bool _hasBegun;

    /// <param name="settings">How rollouts are recorded.</param>
    /// <param name="github">The repository; this disposes it.</param>
    /// <param name="cluster">Where the revisions stand.</param>
    /// <param name="sink">Told of what the run tells, and of what could not be recorded.</param>
    /// <param name="cancellationToken">Of the run: when it is asked to end, its record says so at once.</param>
    /// <param name="secrets">What must not stand in a record.</param>
    public RolloutRecords(RecordSettings settings, GitHubClient github, KubeClient cluster, IEventSink sink, CancellationToken cancellationToken, KnownSecrets? secrets = null)
    {
        (_settings, _github, _cluster, _sink, _secrets) = (settings, github, cluster, sink, secrets ?? new KnownSecrets());
        _ledger = new RecordLedger(github.Repository);
        _writer = new RecordWriter(_ledger, new RecordDelivery(github, new RecordKeeper(cluster), _ledger, _secrets.Masked), github.Repository, cluster.Clock, cancellationToken);
    }

    public void Publish(DeployEvent deployEvent)
    {
        if (deployEvent is DeployEvent.SecretsLearned learned)
            _secrets.Add(learned.Values);
        _sink.Publish(deployEvent);
        if (deployEvent is not DeployEvent.StepStarted step || !Telling.Contains(step.StepId))
            return;
        _ledger.Say(step.Title);
        _writer.Wish();
    }

    public Revision Prepare(Revision draft, IReadOnlyList<Revision> others) => Prepare(draft, others, _settings);

    /// <param name="draft">What takes the app away.</param>
    /// <param name="others">The revisions that stand.</param>
    /// <param name="isTransient">Whether the app was deployed as one that is not there for long.</param>
    public Revision PrepareDestroy(Revision draft, IReadOnlyList<Revision> others, bool isTransient) =>
        Prepare(draft, others, _settings with { Task = RecordRules.DestroyTask, IsTransient = _settings.IsTransient || isTransient });

    private Revision Prepare(Revision draft, IReadOnlyList<Revision> others, RecordSettings settings)
    {
        if (RecordRules.IsRecordable(draft.Commit))
            return draft with { Record = RecordRules.MarkOf(draft, others, settings, _github.Repository) };
        Warn(DiagnosticDescriptors.RecordImpossible.Because(
            draft.Commit is null
                ? $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: its bundle does not say which commit it was built from."
                : $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: '{RecordText.Line(draft.Commit)}' is no full commit."));
        return draft;
    }

    public void Begin(Revision revision, IReadOnlyList<Revision> others)
    {
        _hasBegun = true;
        _writer.Left ??= LeftOf(revision.App, revision.Namespace, others, LeftRecords.NameOf(revision));
        _ledger.Know(others);
        _ledger.Begin(revision);
        // What a destroy leaves is kept apart.
        if (revision is { Record: not null, Uid: null } && !RecordRules.IsDestroy(revision))
            Warn(DiagnosticDescriptors.RecordNotKept.Because(
                $"The cluster does not keep revision {revision.Number} of {revision.App}: what does not reach GitHub in this run is not recorded there."));
        _writer.Wish();
    }

    public void End(Revision revision, bool isHeld)
    {
        _ledger.End(revision, isHeld);
        _writer.Wish();
    }

    public string Masked(string text) => _secrets.Masked(text);

    /// <summary>
    /// A run that promotes or aborts goes on with a revision that another one made: what it does from now on is said of that one's record. Nothing is sent
    /// before it does something: it has no lock yet.
    /// </summary>
    public async Task GoOnAsync(Inventory inventory, Author by, CancellationToken cancellationToken)
    {
        try
        {
            var revisions = await new RevisionStore(_cluster).ListAsync(inventory, cancellationToken);
            _ledger.Learn(revisions, null);
            if (revisions.FirstOrDefault(item => item.Number == inventory.Revision) is { State.Outcome: RevisionOutcome.Deploying } revision)
                _ledger.GoOn(revision.Number, by);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            Warn(NotRead(inventory.App, failure));
        }
    }

    /// <summary>These were taken away, whatever becomes of the rest.</summary>
    public void TakeAway(IEnumerable<Revision> revisions) => _ledger.TakeAway(revisions);

    public async Task SettleAsync()
    {
        foreach (var failure in await _writer.SettleAsync())
            Warn(failure);
    }

    /// <summary>Delivers what destroys of an app left behind that stands no more.</summary>
    /// <param name="app">The app.</param>
    /// <param name="ns">Where it was.</param>
    /// <param name="own">Who asks.</param>
    public async Task<IReadOnlyList<DeployRecord>> DeliverLeftAsync(string app, string ns, LockHolder? own = null)
    {
        var left = LeftOf(app, ns, [], null);
        using var limit = new LimitedToken(_writer.Patience, _cluster.Clock, CancellationToken.None);
        try
        {
            if (await IsFreeAsync(app, ns, own, limit.Token))
                await left.RunAsync(isAgain: false, limit.Token);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            Warn(NotRead(app, failure));
        }

        foreach (var failure in left.Failures)
            Warn(failure);
        return [.. left.Delivered.Select(Of)];
    }

    /// <summary>
    /// The result with its record. A run that made no revision delivers what those before it left: what it found to be so already, promoted or
    /// took back; and of what it went on with and did not end, that it waits.
    /// </summary>
    public async Task<DeployResult> CompleteAsync(DeployResult result)
    {
        var number = result.Revision;
        if (!_hasBegun && (_ledger.HasSpoken
            || result.Outcome is DeployOutcome.Unchanged or DeployOutcome.Held or DeployOutcome.Deployed or DeployOutcome.Aborted or DeployOutcome.RolledBack))
            number = await DeliverOwedAsync(result.App, result.Namespace, result.Urls) ?? number;
        return result with { Record = Of(number) };
    }

    /// <summary>Delivers what is owed for an app from runs before; the number of the revision that was deployed last.</summary>
    /// <param name="app">The app.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="urls">Where the app is reached now, for the revision that serves.</param>
    /// <param name="own">Who asks.</param>
    public async Task<int?> DeliverOwedAsync(string app, string ns, IReadOnlyList<string> urls, LockHolder? own = null)
    {
        int? last;
        // The run has done its work: it ends as that says, also where it is asked to end meanwhile.
        using var limit = new LimitedToken(_writer.Patience, _cluster.Clock, CancellationToken.None);
        try
        {
            var inventory = await InventoryStore.ReadAsync(_cluster, app, ns, limit.Token);
            var revisions = RevisionRules.WithInventory(await new RevisionStore(_cluster).ListAsync(app, ns, limit.Token), inventory);
            last = inventory?.Revision;
            _ledger.Learn(
                revisions.Select(item => item.Number == inventory?.Revision && item.State.Url is null ? item with { State = item.State with { Url = urls.FirstOrDefault() } } : item),
                RecordRules.HeldOf(inventory));
            if (!await IsFreeAsync(app, ns, own, limit.Token))
                return last;
            _writer.Left = LeftOf(app, ns, revisions, null);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            Warn(NotRead(app, failure));
            return null;
        }

        _writer.Wish();
        await SettleAsync();
        return last;
    }

    // Another run would create the same deployments at the same time; what is owed for the app it delivers, too.
    private async Task<bool> IsFreeAsync(string app, string ns, LockHolder? own, CancellationToken cancellationToken)
    {
        var lease = LockLease.FromObject(await _cluster.GetAsync(ResourceType.Lease, ns, LockLease.NameOf(app), cancellationToken));
        if (lease is null || lease.IsOver(_cluster.Now) || (own is not null && lease.Holder.IsOfSameJob(own)))
            return true;
        _sink.Publish(new DeployEvent.Note($"{lease.Holder.Identity} works on {app}: it gives GitHub what is owed of it."));
        return false;
    }

    private LeftDelivery LeftOf(string app, string ns, IReadOnlyList<Revision> standing, string? own) =>
        new(_github, _cluster, app, ns, standing.Select(item => item.Uid).OfType<string>().ToHashSet(), own, _secrets.Masked);

    /// <summary>What GitHub got of this run.</summary>
    public IReadOnlyList<DeployRecord> Delivered => [.. (_writer.Left?.Delivered ?? []).Concat(_ledger.Delivered).Select(Of)];

    /// <summary>All revisions, where GitHub does not have everything: what is owed of one follows from the others, too. Else none.</summary>
    public IReadOnlyList<Revision> Owed => _ledger.Owed;

    /// <summary>What GitHub has of a revision; null where nothing is recorded of it.</summary>
    public DeployRecord? Of(int? revision) => _ledger.Find(revision) is { Record: not null } found ? Of(found) : null;

    private DeployRecord Of(Revision revision) => new(
        revision.Record!.Repository, revision.Record.Environment, revision.Record.Id, revision.Record.State, _github.Repository.DeploymentsPage(revision.Record.Environment));

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _github.Dispose();
    }

    private static Diagnostic NotRead(string app, Exception failure) =>
        DiagnosticDescriptors.RecordNotDelivered.Because($"The records that are owed for {app} cannot be read: {RecordFailure.Of(failure).Reason}.");

    private void Warn(Diagnostic diagnostic)
    {
        if (_told.Add(diagnostic))
            _sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
    }
}
