using System.Threading.Channels;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.GitHub;
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
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    // A runner kills ten seconds after it asked; others wait, too.
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(4);

    // What takes its time, and what people wait for. The others are over before anybody reads of them.
    private static readonly HashSet<string> Telling = ["before", "preview", "rollout", "checks", "switch", "soak", "return", "remove", "open", "addresses"];

    private readonly Channel<TaskCompletionSource?> _wishes = Channel.CreateUnbounded<TaskCompletionSource?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly RecordSettings _settings;
    private readonly GitHubClient _github;
    private readonly KubeClient _cluster;
    private readonly RecordLedger _ledger;
    private readonly RecordDelivery _delivery;
    private readonly IEventSink _sink;
    private readonly CancellationToken _asked;
    private readonly CancellationTokenRegistration _whenAsked;
    private readonly Task _work;
    private readonly CancellationTokenSource _urgent = new();
    private readonly CancellationTokenSource _cuttable;
    private readonly HashSet<Diagnostic> _told = [];
    private bool _hasBegun;
    private (string App, string Namespace)? _left;
    private Diagnostic? _leftFailure;

    /// <param name="settings">How rollouts are recorded.</param>
    /// <param name="github">The repository; this disposes it.</param>
    /// <param name="cluster">Where the revisions stand.</param>
    /// <param name="sink">Told of what the run tells, and of what could not be recorded.</param>
    /// <param name="cancellationToken">Of the run: when it is asked to end, its record says so at once.</param>
    public RolloutRecords(RecordSettings settings, GitHubClient github, KubeClient cluster, IEventSink sink, CancellationToken cancellationToken)
    {
        (_settings, _github, _cluster, _sink, _asked) = (settings, github, cluster, sink, cancellationToken);
        _ledger = new RecordLedger(github.Repository);
        _delivery = new RecordDelivery(github, cluster, _ledger);
        _cuttable = CancellationTokenSource.CreateLinkedTokenSource(_urgent.Token, _ending.Token);
        _work = Task.Run(WorkAsync, CancellationToken.None);
        _whenAsked = cancellationToken.Register(Interrupt);
    }

    public void Publish(DeployEvent deployEvent)
    {
        _sink.Publish(deployEvent);
        if (deployEvent is not DeployEvent.StepStarted step || !Telling.Contains(step.StepId))
            return;
        _ledger.Say(step.Title);
        Wish();
    }

    public Revision Prepare(Revision draft, IReadOnlyList<Revision> others) => Prepare(draft, others, null);

    /// <param name="draft">What is going to be recorded.</param>
    /// <param name="others">The revisions that stand.</param>
    /// <param name="task">What is done, where that is no deploy of a version.</param>
    public Revision Prepare(Revision draft, IReadOnlyList<Revision> others, string? task)
    {
        if (RecordRules.IsRecordable(draft.Commit))
            return draft with { Record = RecordRules.MarkOf(draft, others, task, _settings, _github.Repository) };
        Warn(DiagnosticDescriptors.RecordImpossible.Because(
            draft.Commit is null
                ? $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: its bundle does not say which commit it was built from."
                : $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: '{RecordText.Line(draft.Commit)}' is no full commit."));
        return draft;
    }

    public void Begin(Revision revision, IReadOnlyList<Revision> others)
    {
        // An app that is new may have been there before.
        if (others.Count == 0)
            _left = (revision.App, revision.Namespace);
        Start(revision, others);
    }

    /// <summary>What is recorded begins.</summary>
    public void Start(Revision revision, IReadOnlyList<Revision> others)
    {
        _hasBegun = true;
        _ledger.Know(others);
        _ledger.Begin(revision);
        if (revision is { Record: not null, Uid: null })
            Warn(DiagnosticDescriptors.RecordNotKept.Because(
                $"The cluster does not keep revision {revision.Number} of {revision.App}: what does not reach GitHub in this run is not recorded there."));
        Wish();
    }

    public void End(Revision revision, bool isHeld)
    {
        _ledger.End(revision, isHeld);
        Wish();
    }

    public async Task SettleAsync()
    {
        using var limit = new LimitedToken(_asked.IsCancellationRequested ? CancelLimit : EndLimit, _cluster.Clock, CancellationToken.None);
        await using var end = limit.Token.Register(_ending.Cancel);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_wishes.Writer.TryWrite(done))
            await done.Task;
        foreach (var failure in ((Diagnostic?[])[_delivery.Failure, _leftFailure]).OfType<Diagnostic>())
            Warn(failure);
    }

    /// <summary>Delivers what a destroy of an app left behind.</summary>
    public Task DeliverLeftAsync(string app, string ns)
    {
        _left = (app, ns);
        return SettleAsync();
    }

    /// <summary>
    /// The result with its record. A run that made no revision delivers what those before it left: what it found to be so already, promoted or
    /// took back.
    /// </summary>
    public async Task<DeployResult> CompleteAsync(DeployResult result, CancellationToken cancellationToken)
    {
        var number = result.Revision;
        if (!_hasBegun && result.Outcome is DeployOutcome.Unchanged or DeployOutcome.Held or DeployOutcome.Deployed or DeployOutcome.Aborted or DeployOutcome.RolledBack)
            number = await DeliverOwedAsync(result.App, result.Namespace, result.Urls, cancellationToken) ?? number;
        return result with { Record = Of(number) };
    }

    /// <summary>Delivers what is owed for an app from runs before; the number of the revision that was deployed last.</summary>
    /// <param name="app">The app.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="urls">Where the app is reached now, for the revision that serves.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<int?> DeliverOwedAsync(string app, string ns, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        int? last;
        try
        {
            var inventory = await InventoryStore.ReadAsync(_cluster, app, ns, cancellationToken);
            var revisions = RevisionRules.WithInventory(await new RevisionStore(_cluster).ListAsync(app, ns, cancellationToken), inventory);
            last = inventory?.Revision;
            _ledger.Know(
                revisions.Select(item => item.Number == inventory?.Revision && item.State.Url is null ? item with { State = item.State with { Url = urls.FirstOrDefault() } } : item),
                RecordRules.HeldOf(inventory));
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            Warn(DiagnosticDescriptors.RecordNotDelivered.Because($"The records that are owed for {app} cannot be read: {failure.Message.TrimEnd('.')}."));
            return null;
        }

        await SettleAsync();
        return last;
    }

    /// <summary>What GitHub got of this run.</summary>
    public IReadOnlyList<DeployRecord> Delivered => [.. _ledger.Delivered.Select(item => Of(item.Number)!)];

    /// <summary>All revisions, where GitHub does not have everything: what is owed of one follows from the others, too. Else none.</summary>
    public IReadOnlyList<Revision> Owed => _ledger.Owed;

    /// <summary>What GitHub has of a revision; null where nothing is recorded of it.</summary>
    public DeployRecord? Of(int? revision) => _ledger.Find(revision) is { Record: { } mark }
        ? new DeployRecord(mark.Repository, mark.Environment, mark.Id, mark.State, _github.Repository.DeploymentsPage(mark.Environment))
        : null;

    public async ValueTask DisposeAsync()
    {
        await _whenAsked.DisposeAsync();
        _wishes.Writer.TryComplete();
        await _ending.CancelAsync();
        await _work;
        _github.Dispose();
        _cuttable.Dispose();
        _urgent.Dispose();
        _ending.Dispose();
    }

    private void Wish() => _wishes.Writer.TryWrite(null);

    // The terminal status goes out first: whatever is on its way makes room for it.
    private void Interrupt()
    {
        _ledger.Cancel();
        _urgent.Cancel();
        Wish();
    }

    private async Task WorkAsync()
    {
        await foreach (var wish in _wishes.Reader.ReadAllAsync(CancellationToken.None))
        {
            // Who waits is at the end of a rollout: what may have passed is tried once more.
            if (wish is not null)
                _delivery.TryAgain();
            await SendLeftAsync();
            await _delivery.RunAsync(() => _urgent.IsCancellationRequested ? _ending.Token : _cuttable.Token, _ending.Token);
            wish?.TrySetResult();
        }
    }

    // What a destroy left behind has revisions of its own, with numbers that others have, too.
    private async Task SendLeftAsync()
    {
        if (_left is not var (app, ns))
            return;
        _left = null;
        try
        {
            var store = new LeftRecords(_cluster);
            var revisions = await store.ReadAsync(app, ns, _cuttable.Token);
            if (revisions.Count == 0)
                return;
            var ledger = new RecordLedger(_github.Repository);
            // A run that was killed in the middle of it left the app to this one.
            ledger.Know(revisions.Select(item => item.State.Outcome == RevisionOutcome.Deploying ? item with { State = item.State with { Outcome = RevisionOutcome.Interrupted } } : item));
            var delivery = new RecordDelivery(_github, _cluster, ledger);
            await delivery.RunAsync(() => _cuttable.Token, _cuttable.Token);
            _leftFailure = delivery.Failure;
            if (ledger.Owed is { Count: > 0 } owed)
                await store.WriteAsync(app, ns, owed, _cuttable.Token);
            else
                await store.DeleteAsync(app, ns, _cuttable.Token);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            // It stays for the next run.
        }
    }

    private void Warn(Diagnostic diagnostic)
    {
        if (_told.Add(diagnostic))
            _sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
    }
}
