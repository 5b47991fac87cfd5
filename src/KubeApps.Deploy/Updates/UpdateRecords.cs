using System.Globalization;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>
/// Keeps one record of a full update on GitHub, beside the runs that bring it about. In the old cluster it is the revision after all others: what it takes the
/// place of becomes inactive by the same rules. When it serves, the revision of the new cluster gets the record, and goes on with it.
/// </summary>
/// <param name="settings">How it is recorded.</param>
/// <param name="github">The repository; this disposes it.</param>
/// <param name="shelf">What clusters keep for it.</param>
/// <param name="by">Who is at it now.</param>
/// <param name="sink">Told of what the run tells, and of what could not be recorded.</param>
/// <param name="clock">The time.</param>
/// <param name="cancellationToken">Of the run: when it is asked to end, its record says so at once.</param>
/// <param name="secrets">What must not stand in a record.</param>
internal sealed class UpdateRecords(
    RecordSettings settings, GitHubClient github, IUpdateShelf shelf, Author by, IEventSink sink, TimeProvider clock, KnownSecrets secrets, CancellationToken cancellationToken)
    : IEventSink, IAsyncDisposable
{
    // Each of them takes minutes.
    private const int MostPhases = 12;

    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(10);
    private static readonly HashSet<string> Telling = ["create", "deploy", "soak", "drain", "return", "abort", "delete"];

    private readonly HashSet<Diagnostic> _told = [];
    private Line? _line;

    /// <summary>What GitHub has of the last update of this run; null where nothing is recorded.</summary>
    public DeployRecord? Result { get; private set; }

    public void Publish(DeployEvent deployEvent)
    {
        if (deployEvent is DeployEvent.SecretsLearned learned)
            secrets.Add(learned.Values);
        sink.Publish(deployEvent);
        if (deployEvent is not DeployEvent.StepStarted step || _line is not { IsSilent: false } line || !(Telling.Contains(step.StepId) || step.StepId.StartsWith("share-", StringComparison.Ordinal)))
            return;
        line.Ledger.Say(step.Title);
        line.Writer.Wish();
    }

    /// <summary>By the run that has the lock, before its first step.</summary>
    /// <param name="plan">What will be done.</param>
    /// <param name="owner">Whose clusters they are.</param>
    /// <param name="before">What was under way before, and is given up where that is another version.</param>
    /// <param name="from">The old cluster; null where there is none.</param>
    /// <param name="looking">Ends the looking.</param>
    public async Task BeginAsync(UpdatePlan plan, ClusterOwner owner, FullUpdate? before, AppCluster? from, CancellationToken looking)
    {
        var update = plan.Update;
        if (plan.Steps.Count == 0 || (update.Record is { } kept && !kept.Mark.IsOf(github.Repository)))
            return;
        await DropAsync();
        var others = await OthersAsync(from, looking);
        var draft = Draft(update, owner, NumberAfter(others));
        if (!RecordRules.IsRecordable(draft.Commit))
        {
            Warn(DiagnosticDescriptors.RecordImpossible.Because($"The full update of {draft.App} to {update.To} is not recorded on GitHub: its bundle does not say in full which commit it was built from."));
            return;
        }

        var isNew = update.Record is null;
        var ledger = new RecordLedger(github.Repository, MostPhases);
        ledger.Know(others);
        if (isNew)
        {
            if (before is { Record: { } given } && given.Mark.IsOf(github.Repository) && given.Mark.State is not (RecordState.Failure or RecordState.Error))
            {
                var former = Draft(before, owner, draft.Number);
                ledger.Know([former with { State = new RevisionState(RevisionOutcome.Aborted, Cause: "Given up for another version."), Record = given.Mark }]);
                draft = draft with { Number = draft.Number + 1 };
            }

            var mark = RecordRules.MarkOf(draft, others, settings, github.Repository) with { Cluster = new RecordCluster(update.To), Rollout = Guid.NewGuid().ToString() };
            // Of an app's first cluster nobody keeps anything before it is there.
            draft = draft with { Record = update.From is null ? await TryAsync(token => new CutUpdates(github).FindAsync(draft, mark, token), looking) ?? mark : mark };
        }

        _line = Open(draft, update.To, ledger, from);
        // Of what serves already nothing is under way that could be cut.
        if (_line.IsSilent || update.Phase == UpdatePhase.Retiring)
            ledger.Know([draft with { State = new RevisionState(RevisionOutcome.Deployed) }]);
        else
            ledger.Begin(draft, mayExist: !isNew || draft.Record!.Id is not null, by);
        // GitHub gets nothing of a new one before it is written down: nobody would know of it.
        if (!isNew || update.From is null)
            _line.Writer.Wish();
    }

    /// <summary>What was marked is written down.</summary>
    public void Kept() => _line?.Writer.Wish();

    /// <summary>Says how an update stands whose run is gone: whoever goes on with it goes on with its record. Whether GitHub got something of it.</summary>
    /// <param name="update">What is under way, by a lock that is held.</param>
    /// <param name="owner">Whose clusters they are.</param>
    /// <param name="from">The old cluster; null where there is none.</param>
    /// <param name="address">Where the app is reached.</param>
    /// <param name="looking">Ends the looking.</param>
    public async Task<bool> SettleCutAsync(FullUpdate update, ClusterOwner owner, AppCluster? from, Uri? address, CancellationToken looking)
    {
        if (update.Record?.Mark is not { } mark || !mark.IsOf(github.Repository) || OutcomeOf(update.Phase, mark) is not { } outcome)
            return false;
        await DropAsync();
        var others = await OthersAsync(from, looking);
        var ledger = new RecordLedger(github.Repository, MostPhases);
        ledger.Know(others);
        _line = Open(Draft(update, owner, NumberAfter(others)), update.To, ledger, from);
        ledger.Know([_line.Draft]);
        End(outcome, null, address);
        await SettleAsync(_line);
        return _line.Mark != mark;
    }

    // Null: there is nothing to say.
    private static RevisionOutcome? OutcomeOf(UpdatePhase phase, RecordMark mark) => phase switch
    {
        UpdatePhase.Held => null,
        UpdatePhase.Draining or UpdatePhase.Retiring => RevisionOutcome.Deployed,
        UpdatePhase.Aborting => RevisionOutcome.Aborted,
        // Its run failed, and said so.
        _ => mark.State is RecordState.Failure or RecordState.Error ? null : RevisionOutcome.Interrupted,
    };

    /// <summary>With what GitHub has of it, as it is to be written down.</summary>
    public FullUpdate Marked(FullUpdate update) => _line is { } line && line.To == update.To && line.Mark is { } mark
        ? update with { Record = new UpdateMark(mark, line.Draft.StartedAt, line.Draft.By) }
        : update;

    /// <summary>The new cluster has taken the place of the old one.</summary>
    public void Serve(Uri? address) => End(RevisionOutcome.Deployed, null, address);

    /// <summary>Before the old cluster is deleted: what GitHub is owed of it is left in the new one, and the new one's revision gets the record.</summary>
    public async Task HandOverAsync(AppCluster heir, Uri? address, CancellationToken looking)
    {
        if (_line is not { } line)
            return;
        Serve(address);
        await SettleAsync(line);
        await BequeathAsync(line, heir, looking);
    }

    /// <summary>Before the last write, by which the cluster is the only one again.</summary>
    /// <param name="cluster">Which one that is.</param>
    /// <param name="isAborted">Whether the update was given up.</param>
    /// <param name="address">Where the app is reached.</param>
    /// <param name="looking">Ends the looking.</param>
    public async Task CloseAsync(AppCluster cluster, bool isAborted, Uri? address, CancellationToken looking)
    {
        if (_line is not { } line)
            return;
        End(isAborted ? RevisionOutcome.Aborted : RevisionOutcome.Deployed, isAborted ? $"Aborted by {by.Name}." : null, address);
        await SettleAsync(line);
        if (!isAborted)
            await BequeathAsync(line, cluster, looking);
        else if (line.Ledger.Owed.Where(item => item.Number == line.Draft.Number).ToList() is { Count: > 0 } owed)
            await TryAsync(token => LeaveAsync(cluster, owed, token), looking);
    }

    /// <summary>How a run ended; what it left stands for the next one.</summary>
    public async Task EndAsync(UpdateResult result, FullUpdate? current, bool isElsewhere, Uri? address)
    {
        if (_line is not { } line)
            return;
        // What another run does with it is said by that one.
        if (!isElsewhere && !line.IsEnded)
        {
            var cause = result.Failures.FirstOrDefault()?.FirstLine ?? (result.Deploy?.Diagnostics.FirstOrDefault() ?? result.Diagnostics.FirstOrDefault())?.Cause;
            switch (result.Outcome)
            {
                case DeployOutcome.Held:
                    line.Ledger.End(line.Draft, isHeld: true);
                    break;
                case DeployOutcome.Aborted:
                    End(RevisionOutcome.Aborted, $"Aborted by {by.Name}.", address);
                    break;
                case DeployOutcome.Deployed:
                // It has all load, and stays, whatever became of this run.
                case not DeployOutcome.RolledBack when line.IsSilent || current?.Phase is UpdatePhase.Draining or UpdatePhase.Retiring:
                    End(RevisionOutcome.Deployed, null, address);
                    break;
                case DeployOutcome.Cancelled:
                    End(RevisionOutcome.Cancelled, null, address);
                    break;
                default:
                    End(RevisionOutcome.Failed, cause, address);
                    break;
            }
        }

        if (!isElsewhere)
            await SettleAsync(line);
        Result = ResultOf(line);
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        github.Dispose();
    }

    private void End(RevisionOutcome outcome, string? cause, Uri? address)
    {
        if (_line is not { IsEnded: false } line)
            return;
        line.IsEnded = true;
        line.Ledger.End(line.Draft with
        {
            State = new RevisionState(outcome, clock.GetUtcNow() - line.Draft.StartedAt, cause is null ? null : RevisionState.FirstLine(secrets.Masked(cause))) { Url = address?.ToString() },
        }, isHeld: false);
        line.Writer.Wish();
    }

    // From here on the record is that of the revision, which is owed what GitHub does not have of it.
    private async Task BequeathAsync(Line line, AppCluster heir, CancellationToken looking)
    {
        var standing = (await TryAsync(token => shelf.RevisionsAsync(heir, token), looking) ?? []).LastOrDefault(item => item.State.Outcome == RevisionOutcome.Deployed);
        var uid = await TryAsync(token => shelf.ReadUidAsync(heir, token), looking);
        var mark = line.Mark! with { Cluster = line.Mark.Cluster with { Uid = uid } };
        if (standing is { Record: null } or { Record.Rollout: not null })
            await TryAsync(
                async token =>
                {
                    await shelf.SetRecordAsync(heir, standing, mark, token);
                    return true;
                },
                looking);
        var owed = line.Ledger.Owed.Where(item => item.Number != line.Draft.Number || standing is null).ToList();
        if (owed.Count > 0)
            await TryAsync(token => LeaveAsync(heir, owed, token), looking);
    }

    private async Task<bool> LeaveAsync(AppCluster cluster, IReadOnlyList<Revision> owed, CancellationToken token)
    {
        var app = _line!.Draft.App;
        var name = string.Create(CultureInfo.InvariantCulture, $"kubeapp-records-{app}-{_line.Draft.StartedAt.ToUnixTimeMilliseconds()}");
        await shelf.LeaveAsync(cluster, app, new LeftRecord(name, owed), token);
        return true;
    }

    private async Task SettleAsync(Line line)
    {
        foreach (var failure in await line.Writer.SettleAsync())
            Warn(failure);
        Result = ResultOf(line);
    }

    private async Task DropAsync()
    {
        if (_line is { } line)
            await line.Writer.DisposeAsync();
        _line = null;
    }

    private DeployRecord? ResultOf(Line line) => line.Mark is { } mark
        ? new DeployRecord(mark.Repository, mark.Environment, mark.Id, mark.State, github.Repository.DeploymentsPage(mark.Environment)) : null;

    private Line Open(Revision draft, string to, RecordLedger ledger, AppCluster? from) => new(
        draft, to, ledger, new RecordWriter(ledger, new RecordDelivery(github, new Keeper(shelf, from), ledger, secrets.Masked), github.Repository, clock, cancellationToken))
    { IsSilent = draft.Record!.State == RecordState.Success };

    private async Task<IReadOnlyList<Revision>> OthersAsync(AppCluster? from, CancellationToken looking) =>
        from is { State: ClusterState.Ready or ClusterState.Updating } ? await TryAsync(token => shelf.RevisionsAsync(from, token), looking) ?? [] : [];

    private static int NumberAfter(IReadOnlyList<Revision> others) => 1 + others.Select(item => item.Number).DefaultIfEmpty(0).Max();

    private Revision Draft(FullUpdate update, ClusterOwner owner, int number) => new(
        number, owner.App, owner.Environment, shelf.Namespace, update.Terms.Commit, update.Terms.Version, RecordRules.UpdateStrategy, update.Record?.By ?? by,
        update.Record?.StartedAt ?? clock.GetUtcNow(), [], RevisionPlan.Empty, null)
    { Record = update.Record?.Mark };

    // What cannot be read or kept breaks no update.
    private async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken looking)
    {
        using var limit = new LimitedToken(LookLimit, clock, looking);
        try
        {
            return await work(limit.Token);
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure) && !looking.IsCancellationRequested)
        {
            Warn(DiagnosticDescriptors.RecordNotKept.Because($"What clusters and GitHub keep of the full update is not whole: {RecordFailure.Of(failure).Reason}."));
            return default;
        }
    }

    private void Warn(Diagnostic diagnostic)
    {
        if (_told.Add(diagnostic))
            sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
    }

    private sealed record Line(Revision Draft, string To, RecordLedger Ledger, RecordWriter Writer)
    {
        /// <summary>Whether it serves already: what is done then is no news.</summary>
        public bool IsSilent { get; init; }

        public bool IsEnded { get; set; }

        public RecordMark? Mark => Ledger.Find(Draft.Number)?.Record;
    }

    // What GitHub has of the old cluster's revisions stands there as long as it does.
    private sealed class Keeper(IUpdateShelf shelf, AppCluster? from) : IRecordKeeper
    {
        public Task<string?> ReadClusterAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

        public async Task KeepAsync(Revision revision, CancellationToken cancellationToken)
        {
            if (from is null || revision.Uid is null)
                return;
            try
            {
                await shelf.SetRecordAsync(from, revision, revision.Record!, cancellationToken);
            }
            catch (Exception failure) when (failure is ApiException or DiagnosticException)
            {
                // It is gone with its cluster.
            }
        }
    }
}
