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
    private static readonly HashSet<string> Telling = ["before", "preview", "rollout", "checks", "switch", "soak", "return", "remove", "open", "addresses", "before-checks", "apply"];

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

    public Revision Prepare(Revision draft)
    {
        if (RecordRules.IsRecordable(draft.Commit))
            return draft with
            {
                Record = new RecordMark(_github.Repository.Api.AbsoluteUri, _github.Repository.FullName, _settings.Environment ?? draft.Environment, new RecordCluster(_settings.ClusterName))
                {
                    IsTransient = _settings.IsTransient,
                    IsProduction = _settings.IsProduction ?? RecordRules.IsProduction(draft.Environment),
                },
            };
        Warn(DiagnosticDescriptors.RecordImpossible.Because(
            draft.Commit is null
                ? $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: its bundle does not say which commit it was built from."
                : $"Revision {draft.Number} of {draft.App} is not recorded on GitHub: '{RecordText.Line(draft.Commit)}' is no full commit."));
        return draft;
    }

    public void Begin(Revision revision, IReadOnlyList<Revision> others)
    {
        _ledger.Know(others);
        _ledger.Begin(revision);
        if (revision is { Record: not null, Uid: null })
            Warn(DiagnosticDescriptors.RecordNotKept.Because(
                $"The cluster does not keep revision {revision.Number} of {revision.App}: what does not reach GitHub in this run is not recorded there."));
        Wish();
    }

    public Revision End(Revision revision, DeployResult result)
    {
        revision = _ledger.End(revision, result.Outcome == DeployOutcome.Held, result.Urls.FirstOrDefault());
        Wish();
        return revision;
    }

    public async Task SettleAsync()
    {
        using var limit = new LimitedToken(_asked.IsCancellationRequested ? CancelLimit : EndLimit, _cluster.Clock, CancellationToken.None);
        await using var end = limit.Token.Register(_ending.Cancel);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_wishes.Writer.TryWrite(done))
            await done.Task;
        if (_delivery.Failure is { } failure)
            Warn(failure);
    }

    /// <summary>Delivers what is owed for an app from runs before.</summary>
    /// <param name="app">The app.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="urls">Where the app is reached now, for the revision that serves.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task DeliverOwedAsync(string app, string ns, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        try
        {
            var inventory = await InventoryStore.ReadAsync(_cluster, app, ns, cancellationToken);
            var revisions = RevisionRules.WithInventory(await new RevisionStore(_cluster).ListAsync(app, ns, cancellationToken), inventory);
            _ledger.Know(
                revisions.Select(item => item.Number == inventory?.Revision && item.Record is { Url: null } mark ? item with { Record = mark with { Url = urls.FirstOrDefault() } } : item),
                RecordRules.HeldOf(inventory));
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            Warn(DiagnosticDescriptors.RecordNotDelivered.Because($"The records that are owed for {app} cannot be read: {failure.Message.TrimEnd('.')}."));
            return;
        }

        await SettleAsync();
    }

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
            await _delivery.RunAsync(() => _urgent.IsCancellationRequested ? _ending.Token : _cuttable.Token, _ending.Token);
            wish?.TrySetResult();
        }
    }

    private void Warn(Diagnostic diagnostic)
    {
        if (_told.Add(diagnostic))
            _sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
    }
}
