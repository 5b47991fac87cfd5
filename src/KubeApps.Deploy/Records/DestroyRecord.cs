using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>The record of a destroy. It ends the records of all that it takes away, and their revisions go with it: what GitHub is owed then is left beside.</summary>
internal sealed class DestroyRecord(KubeClient client, RolloutRecords records, IEventSink sink, Author by)
{
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(2);

    private readonly LeftRecords _left = new(client);
    private IReadOnlyList<Revision> _others = [];
    private Revision? _destroy;

    /// <summary>What GitHub has of it; null where it is not recorded.</summary>
    public DeployRecord? Record => records.Of(_destroy?.Number);

    /// <summary>Before anything is deleted, by one that holds the app's lock.</summary>
    public async Task BeginAsync(Inventory inventory, CancellationToken cancellationToken)
    {
        try
        {
            _others = [.. (await new RevisionStore(client).ListAsync(inventory, cancellationToken)).Where(item => item.Record is not null).Select(item => Settled(item, inventory))];
            _destroy = records.PrepareDestroy(Draft(inventory, 1 + Math.Max(inventory.Revision ?? 0, _others.Select(item => item.Number).DefaultIfEmpty(0).Max())), _others, inventory.IsTransient);
            if (_destroy.Record is null)
                _destroy = null;
            if (_destroy is null)
                return;
            // A run that is killed from here on leaves it to the next one.
            await WriteAsync([.. _others, _destroy], cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            Warn($"What GitHub is owed of {inventory.App} cannot be kept: {RecordFailure.Of(failure).Reason}.");
        }

        if (_destroy is not null)
            records.Begin(_destroy, _others);
    }

    /// <summary>How it ended; the failure is told by others.</summary>
    public async Task EndAsync(Exception? failure)
    {
        if (_destroy is null)
            return;
        var ended = _destroy with { State = StateOf(failure) };
        records.End(ended, isHeld: false);
        // Whatever became of the rest: what stands no more serves no more.
        if (failure is not null)
            await TryAsync(async token =>
            {
                var standing = (await new RevisionStore(client).ListAsync(ended.App, ended.Namespace, token)).Select(item => item.Uid).ToHashSet();
                records.TakeAway(_others.Where(item => !standing.Contains(item.Uid)));
            });
        // A run that is killed while GitHub is told leaves the end, too.
        await TryAsync(token => WriteAsync([.. _others, ended], token));
        await records.SettleAsync();
        var owed = records.Owed;
        if (!await TryAsync(token => owed.Count == 0 ? _left.DeleteAsync(ended.Namespace, LeftRecords.NameOf(ended), token) : WriteAsync(owed, token)) && owed.Count > 0)
            Warn($"What GitHub is owed of {ended.App} cannot be kept, because its namespace goes: it is not recorded there.");
    }

    private Task WriteAsync(IReadOnlyList<Revision> revisions, CancellationToken cancellationToken) =>
        _left.WriteAsync(_destroy!.App, _destroy.Namespace, new LeftRecord(LeftRecords.NameOf(_destroy), revisions), cancellationToken);

    private async Task<bool> TryAsync(Func<CancellationToken, Task> work)
    {
        using var limit = new LimitedToken(WriteLimit, client.Clock, CancellationToken.None);
        try
        {
            await work(limit.Token);
            return true;
        }
        catch (Exception lost) when (LeftRecords.IsExpected(lost))
        {
            return false;
        }
    }

    private RevisionState StateOf(Exception? failure)
    {
        if (failure is null)
            return new RevisionState(RevisionOutcome.Deployed);
        if (failure is OperationCanceledException)
            return new RevisionState(RevisionOutcome.Cancelled);
        var cause = failure switch
        {
            StepTimedOutException late => late.Diagnostic.Cause,
            ApiException refusal => ApiDiagnostics.For(refusal, _destroy!.App).Cause,
            DiagnosticException told => told.Diagnostics[0].Cause,
            _ => failure.Message,
        };
        return new RevisionState(RevisionOutcome.Failed, Cause: RevisionState.FirstLine(records.Masked(cause)));
    }

    private Revision Draft(Inventory inventory, int number) => new(
        number, inventory.App, inventory.Environment, inventory.Namespace, inventory.Commit, inventory.Hash, "destroy", by, client.Now, [], RevisionPlan.Empty, null)
    { Bundle = inventory.Bundle };

    // Nobody deploys it any more.
    private static Revision Settled(Revision revision, Inventory inventory) => revision.State.Outcome != RevisionOutcome.Deploying ? revision : revision with
    {
        State = revision.State with { Outcome = RevisionRules.Settled(revision, inventory) },
    };

    private void Warn(string cause) => sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.RecordNotKept.Because(cause)));
}
