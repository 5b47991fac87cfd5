using KubeApps.Sandbox.Api;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// Runs reconcilers: one watch for each type that any of them wants, one queue for each reconciler, one key at a time. A reconcile that throws
/// is logged and retried with growing delays; it never stops the others.
/// </summary>
internal sealed class ControllerLoops(Cluster cluster, TimeProvider clock, ILogger logger, IReadOnlyList<IReconciler> reconcilers)
{
    private static readonly TimeSpan RewatchDelay = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var loops = reconcilers.Select(reconciler => (Reconciler: reconciler, Queue: new WorkQueue(clock))).ToList();
        var wakes =
            from loop in loops
            from trigger in loop.Reconciler.Triggers
            group (trigger, loop.Queue) by trigger.Type;
        try
        {
            await Task.WhenAll(
            [
                .. wakes.Select(wake => Task.Run(() => WatchAsync(wake.Key, [.. wake], cancellationToken), cancellationToken)),
                .. loops.Select(loop => Task.Run(() => WorkAsync(loop.Reconciler, loop.Queue, cancellationToken), cancellationToken)),
            ]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            foreach (var (_, queue) in loops)
                queue.Dispose();
        }
    }

    private async Task WatchAsync(ResourceType type, List<(Trigger Trigger, WorkQueue Queue)> wakes, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var change in cluster.WatchAsync(type, null, cancellationToken))
                    if (change.Type != WatchEventType.Bookmark)
                        foreach (var (trigger, queue) in wakes)
                            foreach (var key in trigger.Keys(change))
                                queue.Add(key);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The watch starts over with everything that is there: nothing is missed, since reconcilers look at states and not at changes.
                logger.LogError(exception, "The watch of {Kind} broke off and starts over", type.Kind);
            }

            await Task.Delay(RewatchDelay, clock, cancellationToken);
        }
    }

    private async Task WorkAsync(IReconciler reconciler, WorkQueue queue, CancellationToken cancellationToken)
    {
        while (true)
        {
            var key = await queue.TakeAsync(cancellationToken);
            try
            {
                var next = reconciler.Reconcile(key);
                if (next.Failed)
                {
                    queue.Retry(key);
                    continue;
                }

                queue.Succeeded(key);
                if (next.Delay is { } delay)
                    queue.AddAfter(key, delay);
            }
            catch (Exception exception)
            {
                logger.LogError(exception, "{Reconciler} could not look after {Kind} {Namespace}/{Name}", reconciler.GetType().Name, key.Type.Kind, key.Namespace, key.Name);
                queue.Retry(key);
            }
        }
    }
}
