using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Records;

/// <summary>Brings GitHub up to date with an app that nobody deploys right now: ends what a run left that is gone, and delivers what is owed.</summary>
internal sealed class RecordSync(KubeClient client, RolloutRecords records, Func<string, string?> readVariable)
{
    /// <summary>What was delivered.</summary>
    public async Task<IReadOnlyList<DeployRecord>> RunAsync(Inventory inventory, CancellationToken cancellationToken)
    {
        var own = LockHolder.Of("record", readVariable);
        await SettleAsync(inventory, own, cancellationToken);
        var urls = await AppAddresses.ReadAsync(client, inventory.Items.Select(item => item.Id), inventory.EntryService, cancellationToken);
        await records.DeliverOwedAsync(inventory.App, inventory.Namespace, urls, own);
        return records.Delivered;
    }

    /// <summary>
    /// Whether the run that made a revision is gone, without having said how it ended. A run holds the app's lock as long as it lives, but for the
    /// time in which an old version stands beside the new one. Pure.
    /// </summary>
    /// <param name="revision">The revision, under way.</param>
    /// <param name="inventory">What stands.</param>
    /// <param name="lease">Who holds the lock; null: nobody.</param>
    /// <param name="own">Who asks: as the last step of its job, after the one that deployed.</param>
    /// <param name="now">The time, by the server.</param>
    public static bool IsGone(Revision revision, Inventory? inventory, LockLease? lease, LockHolder own, DateTimeOffset now)
    {
        if (revision.State.Outcome != RevisionOutcome.Deploying || revision.Number == RecordRules.HeldOf(inventory))
            return false;
        var isOfThisJob = own.RunUrl is not null && revision.By.RunUrl == own.RunUrl;
        if (lease is null || lease.IsOver(now))
            return isOfThisJob || inventory is not { Rollout.Phase: RolloutPhase.Soaking } || inventory.Revision != revision.Number;
        return isOfThisJob && lease.Holder.IsOfSameJob(own);
    }

    private async Task SettleAsync(Inventory inventory, LockHolder own, CancellationToken cancellationToken)
    {
        var store = new RevisionStore(client);
        var revisions = await store.ListAsync(inventory, cancellationToken);
        if (revisions.All(item => item.State.Outcome != RevisionOutcome.Deploying && !item.IsUnsaid))
            return;
        var lease = LockLease.FromObject(await client.GetAsync(ResourceType.Lease, inventory.Namespace, LockLease.NameOf(inventory.App), cancellationToken));
        foreach (var revision in revisions.Where(item => item.IsUnsaid || IsGone(item, inventory, lease, own, client.Now)))
            await store.SettleAsync(revision, inventory, cancellationToken);
    }
}
