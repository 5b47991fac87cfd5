using KubeApps.Deploy.Clusters;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>Watches a cluster that gets load: its pods, the checks, and how its answers compare with those of the old one.</summary>
internal sealed class ClusterWatch(UpdateWorld world, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Asked again and again whether somebody else ended this: with what is thrown then.</summary>
    public Func<CancellationToken, Task<DiagnosticException?>>? Ended { get; init; }

    /// <summary>Why it is not good; nothing where it is.</summary>
    /// <param name="to">The new cluster.</param>
    /// <param name="from">The old one.</param>
    /// <param name="time">How long it is watched.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<FailureReport>> RunAsync(AppCluster to, AppCluster from, TimeSpan time, CancellationToken cancellationToken)
    {
        // What happened in the last moment must be known, too, before it is called good.
        time += world.Provider.Load.Delay;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var inside = world.Insides.WatchAsync(to, time, over.Token);
        var outside = LoadAsync(to, from, time, over.Token);
        try
        {
            // The first that finds something ends it; where the first finds nothing, the other may yet.
            var first = await Task.WhenAny(inside, outside);
            return await first is { Count: > 0 } failures ? failures : first == inside ? await outside : await inside;
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)Task.WhenAll(inside, outside)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<FailureReport>> LoadAsync(AppCluster to, AppCluster from, TimeSpan time, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var left = time - clock.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
                await Task.Delay(left < Pause ? left : Pause, clock, cancellationToken);
            if (Ended is not null && await Ended(cancellationToken) is { } ended)
                throw ended;
            var window = clock.GetElapsedTime(started) - world.Provider.Load.Delay;
            if (window > TimeSpan.Zero)
            {
                var load = await Task.WhenAll(world.Provider.Load.MeasureAsync(to, window, cancellationToken), world.Provider.Load.MeasureAsync(from, window, cancellationToken));
                if (LoadHealth.Verdict(to.Name, load[0], load[1]) is { } verdict)
                    return [new FailureReport(DiagnosticDescriptors.UpdateFailed.Code, $"Cluster {to.Name}", $"Cluster {to.Name}", null, "Errors", verdict, [], DiagnosticDescriptors.UpdateFailed.NextStep)];
            }

            if (clock.GetElapsedTime(started) >= time)
                return [];
        }
    }
}
