using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>The record of a destroy. It ends the records of all that it takes away, and their revisions go with it: what GitHub is owed then is left beside.</summary>
internal sealed class DestroyRecord(KubeClient client, RolloutRecords records, IEventSink sink, Author by)
{
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
            _destroy = records.Prepare(Draft(inventory, 1 + Math.Max(inventory.Revision ?? 0, _others.Select(item => item.Number).DefaultIfEmpty(0).Max())), _others, RecordRules.DestroyTask);
            if (_destroy.Record is null)
                _destroy = null;
            if (_destroy is null)
                return;
            // A run that is killed from here on leaves it to the next one.
            await _left.WriteAsync(inventory.App, inventory.Namespace, [.. _others, _destroy], cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or DiagnosticException)
        {
            Warn($"What GitHub is owed of {inventory.App} cannot be kept: {failure.Message.TrimEnd('.')}.");
        }

        if (_destroy is not null)
            records.Start(_destroy, _others);
    }

    /// <summary>How it ended; the failure is told by others.</summary>
    public async Task EndAsync(Exception? failure)
    {
        if (_destroy is null)
            return;
        var state = failure switch
        {
            null => new RevisionState(RevisionOutcome.Deployed),
            OperationCanceledException => new RevisionState(RevisionOutcome.Cancelled),
            DiagnosticException told => new RevisionState(RevisionOutcome.Failed, Cause: RevisionState.FirstLine(told.Diagnostics[0].Cause)),
            _ => new RevisionState(RevisionOutcome.Failed, Cause: RevisionState.FirstLine(failure.Message)),
        };
        records.End(_destroy with { State = state }, isHeld: false);
        await records.SettleAsync();
        using var limit = new LimitedToken(TimeSpan.FromSeconds(5), client.Clock, CancellationToken.None);
        try
        {
            var owed = records.Owed;
            if (owed.Count == 0)
                await _left.DeleteAsync(_destroy.App, _destroy.Namespace, limit.Token);
            else
                await _left.WriteAsync(_destroy.App, _destroy.Namespace, owed, limit.Token);
        }
        catch (Exception lost) when (LeftRecords.IsExpected(lost))
        {
            if (records.Owed.Count > 0)
                Warn($"What GitHub is owed of {_destroy.App} cannot be kept, because its namespace goes: it is not recorded there.");
        }
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
