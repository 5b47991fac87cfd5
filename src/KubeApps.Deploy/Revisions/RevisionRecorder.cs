using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// Keeps the record of one deploy: writes it down before anything is applied, says how it ended, and forgets the oldest ones. A record that
/// cannot be kept is told and stops nothing: an app that runs is worth more than its history.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="sink">Told about what could not be kept.</param>
/// <param name="secrets">Those that the run has come to know: whoever may read the record need not be one who may read Secrets.</param>
/// <param name="draft">What is going to be deployed.</param>
/// <param name="known">The revisions that stand.</param>
/// <param name="before">The inventory before the deploy.</param>
/// <param name="kept">How many are kept.</param>
internal sealed class RevisionRecorder(KubeClient client, IEventSink sink, KnownSecrets secrets, Revision draft, IReadOnlyList<Revision> known, Inventory? before, int kept)
{
    private static readonly TimeSpan FinishTimeout = TimeSpan.FromSeconds(10);

    // A cancelled deploy says so in its record, but does not hold up the one who waits.
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(2);

    // Where nobody ever takes the records, revisions do not pile up for them.
    private const int MostOwed = 20;

    private readonly RevisionStore _store = new(client);

    // Packed while the lock is taken.
    private readonly Task<byte[]?> _content = Task.Run(() => draft.Content?.Pack());
    private Revision? _stored;

    /// <summary>Keeps a record of the revision elsewhere; null: nobody does.</summary>
    public IRevisionFollower? Follower { get; init; }

    /// <summary>The number of the revision that is deployed, whether or not its record is kept.</summary>
    public int Number => draft.Number;

    /// <summary>Whether an old revision is restored.</summary>
    public bool IsWayBack => draft.Restores is not null;

    /// <summary>Whether the deploy got so far that something of it may stand.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Begins the record. False: another deploy has taken the number, so that this plan is out of date.</summary>
    public async Task<bool> BeginAsync(CancellationToken cancellationToken)
    {
        draft = Follower?.Prepare(draft, known) ?? draft;
        try
        {
            foreach (var cut in known.Where(IsCut))
                await _store.SettleAsync(cut, before, cancellationToken);
            var content = await _content;
            if (content?.Length > RevisionContent.MostBytes)
            {
                Warn(DiagnosticDescriptors.RevisionNotStored.Because(
                    $"Revision {Number} of {draft.App} is recorded without its objects: compressed they are {content.Length / 1024} KiB, and a ConfigMap holds 1 MiB. It cannot be returned to."));
                content = null;
            }

            _stored = await _store.TryCreateAsync(draft, content, cancellationToken);
            return _stored is not null && Begin(_stored);
        }
        catch (ApiException refusal)
        {
            Warn(DiagnosticDescriptors.RevisionNotStored.Because(
                $"Revision {Number} of {draft.App} is not recorded: {ApiDiagnostics.For(refusal, "ConfigMap " + RevisionObject.NameOf(draft.App, Number)).Cause} It cannot be returned to."));
            return Begin(draft);
        }
    }

    private bool Begin(Revision revision)
    {
        Follower?.Begin(revision, [.. known.Select(item => IsCut(item) ? item with { State = item.State with { Outcome = RevisionRules.Settled(item, before) } } : item)]);
        return HasBegun = true;
    }

    private static bool IsCut(Revision revision) => revision.IsUnsaid || revision.State.Outcome == RevisionOutcome.Deploying;

    /// <summary>Says how the deploy ended.</summary>
    public async Task EndAsync(DeployResult result)
    {
        var ended = _stored ?? draft;
        // One that is held is under way still: whoever promotes or aborts it says how it ended.
        if (result.Outcome != DeployOutcome.Held)
            ended = ended with { State = StateOf(result, text => secrets.Masked(Follower?.Masked(text) ?? text)) };
        Follower?.End(ended, result.Outcome == DeployOutcome.Held);
        var isWritten = _stored is not null && result.Outcome != DeployOutcome.Held && await TryWriteAsync(_stored = ended);
        if (Follower is not null)
            await Follower.SettleAsync();
        // Who promotes says how it ended, and forgets none.
        if (result.Outcome == DeployOutcome.Held || (isWritten && ended.State.Outcome == RevisionOutcome.Deployed))
            await ForgetAsync(ended);
    }

    private async Task<bool> TryWriteAsync(Revision ended)
    {
        using var limit = new LimitedToken(ended.State.Outcome == RevisionOutcome.Cancelled ? CancelTimeout : FinishTimeout, client.Clock, CancellationToken.None);
        return await TryAsync(
            () => _store.SetStateAsync(ended, ended.State, limit.Token), DiagnosticDescriptors.RevisionNotUpdated, $"How revision {Number} of {draft.App} ended could not be written down");
    }

    // One that a record is owed of stays for it a while longer.
    private async Task ForgetAsync(Revision ended)
    {
        using var limit = new LimitedToken(FinishTimeout, client.Clock, CancellationToken.None);
        var owed = Follower?.Owed.Select(item => item.Number).Where(number => number > Number - kept - MostOwed).ToHashSet() ?? [];
        foreach (var superseded in RevisionRules.Superseded([.. known, ended], Number, kept).Where(item => !owed.Contains(item.Number)))
            if (!await TryAsync(
                () => _store.DeleteAsync(superseded, limit.Token), DiagnosticDescriptors.RevisionNotDeleted, $"Revision {superseded.Number} of {draft.App}, which is not kept any more, could not be deleted"))
                return;
    }

    // A record is read by others, here and wherever a follower takes it: what it must not show, it is not given.
    private static RevisionState StateOf(DeployResult result, Func<string, string> mask)
    {
        var outcome = result.Outcome switch
        {
            DeployOutcome.Deployed => RevisionOutcome.Deployed,
            DeployOutcome.RolledBack => RevisionOutcome.RolledBack,
            DeployOutcome.Cancelled => RevisionOutcome.Cancelled,
            _ => RevisionOutcome.Failed,
        };
        var cause = result.Failures.FirstOrDefault()?.FirstLine ?? result.Diagnostics.FirstOrDefault()?.Cause;
        return RevisionState.Begun with { Outcome = outcome, Elapsed = result.Elapsed, Cause = cause is null ? null : RevisionState.FirstLine(mask(cause)), Checks = RevisionCheck.Of(result.Checks, mask), Url = result.Urls.FirstOrDefault() };
    }

    private async Task<bool> TryAsync(Func<Task> write, DiagnosticDescriptor otherwise, string what)
    {
        try
        {
            await write();
            return true;
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException or OperationCanceledException)
        {
            Warn(otherwise.Because($"{what}: {(failure is OperationCanceledException ? "the server did not answer in time" : failure.Message.TrimEnd('.'))}."));
            return false;
        }
    }

    private void Warn(Diagnostic diagnostic) => sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
}
