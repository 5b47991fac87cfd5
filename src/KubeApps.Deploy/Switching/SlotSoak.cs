using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Switching;

/// <summary>
/// Watches a version that serves, with the one before beside it, until that one may go. It writes nothing and needs no lock: whoever ends
/// the soak before its time (<c>promote</c>, <c>abort</c>, another deploy) may.
/// </summary>
internal sealed class SlotSoak(KubeClient client, IEventSink sink)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Why it failed.</summary>
    public IReadOnlyList<FailureReport> Failures { get; private set; } = [];

    public async Task<string> WatchAsync(Inventory inventory, TimeSpan keepOld, CancellationToken cancellationToken)
    {
        var rollout = inventory.Rollout!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var elsewhere = EndedElsewhereAsync(inventory, ended.Token);
        var watching = new RolloutWatcher(client, sink).AwaitAsync(rollout.Workloads, false, null, keepOld + Grace, ended.Token, rollout.SoaksUntil);
        try
        {
            if (await Task.WhenAny(elsewhere, watching) == elsewhere)
                throw new DiagnosticException(DiagnosticDescriptors.EndedElsewhere.Because(await elsewhere));
            var outcome = await watching;
            if (outcome.IsSuccess)
                return "the new version holds";
            foreach (var report in outcome.Reports)
                sink.Publish(new DeployEvent.WorkloadFailed(report));
            Failures = outcome.Reports;
            throw new DiagnosticException(DiagnosticDescriptors.SoakFailed.Because(outcome.Reports.Count > 0
                ? $"After the switch: {outcome.Reports[0].FirstLine}"
                : $"After the switch: {string.Join(", ", outcome.Pending)}."));
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(elsewhere, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<string> EndedElsewhereAsync(Inventory inventory, CancellationToken cancellationToken)
    {
        var selector = "fieldSelector=" + Uri.EscapeDataString($"metadata.name={Inventory.NameOf(inventory.App)}");
        await foreach (var change in client.WatchAsync(ResourceType.ConfigMap, inventory.Namespace, selector, cancellationToken))
        {
            var stored = change switch
            {
                WatchChange.Listed listed => listed.Items.FirstOrDefault(),
                WatchChange.Upserted upserted => upserted.Object,
                _ => null,
            };
            // An older version of our own may come late; only another state counts.
            if (stored is null || Inventory.FromObject(stored)?.Rollout is not { Phase: RolloutPhase.Soaking or RolloutPhase.Switching } now || now.Next != inventory.Rollout!.Next)
                return $"{inventory.App} was promoted, aborted or deployed by another run during the soak.";
        }

        throw new OperationCanceledException(cancellationToken);
    }
}
