using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
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

    // Nobody is answered meanwhile, and the version before stands ready.
    private static readonly TimeSpan Unready = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Why it failed.</summary>
    public IReadOnlyList<FailureReport> Failures { get; private set; } = [];

    public async Task<string> WatchAsync(Inventory inventory, TimeSpan keepOld, IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        var rollout = inventory.Rollout!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var elsewhere = EndedElsewhereAsync(inventory, ended.Token);
        var watching = new RolloutWatcher(client, sink, home: inventory.Namespace) { Bears = Unready }.AwaitAsync(rollout.Workloads, false, null, keepOld + Grace, ended.Token, rollout.SoaksUntil);
        var checking = CheckAsync(checks, ended.Token);
        try
        {
            var first = await Task.WhenAny(elsewhere, watching, checking);
            if (first == elsewhere)
                throw new DiagnosticException(DiagnosticDescriptors.EndedElsewhere.Because(await elsewhere));
            if (first == checking)
                Failures = await checking;
            if (Failures.Count > 0)
                throw new DiagnosticException(DiagnosticDescriptors.SoakFailed.Because($"After the switch: {Failures[0].FirstLine}"));
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
            await Task.WhenAll(elsewhere, watching, checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One that fails for all of its time ends the soak; what passes is no news.
    private async Task<IReadOnlyList<FailureReport>> CheckAsync(IReadOnlyList<PlannedCheck> checks, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(checks.Count == 0 ? Timeout.InfiniteTimeSpan : Pause, client.Clock, cancellationToken);
            var outcomes = await new CheckRunner(client, IgnoredEvents.Instance, Environment.CurrentDirectory).RunAsync("soak", checks, null, cancellationToken);
            if (outcomes.Select(outcome => outcome.Report).OfType<FailureReport>().ToList() is { Count: > 0 } reports)
                return reports;
        }
    }

    private async Task<string> EndedElsewhereAsync(Inventory inventory, CancellationToken cancellationToken)
    {
        var selector = ResourceType.SelectorOf(Inventory.NameOf(inventory.App));
        await foreach (var change in client.WatchAsync(ResourceType.ConfigMap, inventory.Namespace, selector, cancellationToken))
        {
            var stored = change switch
            {
                WatchChange.Listed listed => listed.Items.FirstOrDefault(),
                WatchChange.Upserted upserted => upserted.Object,
                _ => null,
            };
            // A list or an event may be older than what we have written: what is read by name is not.
            if (!IsOurs(stored is null ? null : Inventory.FromObject(stored)) && !IsOurs(await InventoryStore.ReadAsync(client, inventory.App, inventory.Namespace, cancellationToken)))
                return $"{inventory.App} was promoted, aborted or deployed by another run during the soak.";
        }

        throw new OperationCanceledException(cancellationToken);

        bool IsOurs(Inventory? found) => found?.Rollout is { Phase: RolloutPhase.Soaking or RolloutPhase.Switching } now && now.Next == inventory.Rollout!.Next;
    }
}
