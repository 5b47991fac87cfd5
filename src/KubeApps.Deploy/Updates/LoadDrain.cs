using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>
/// Waits for measured silence: that a record's time is over says nothing of who holds on to a connection. Nothing is deleted because of a
/// clock alone, where something may still arrive.
/// </summary>
internal sealed class LoadDrain(ILoadSharing load, IEventSink sink, TimeProvider clock)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);

    public async Task<string> RunAsync(AppCluster cluster, UpdateStep.Drain step, CancellationToken cancellationToken)
    {
        var (started, patience) = (clock.GetTimestamp(), step.Patience + load.Delay);
        var pause = TimeSpan.FromTicks(Math.Clamp((step.Silence / 4).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
        string? told = null;
        while (true)
        {
            var arriving = await load.MeasureAsync(cluster, step.Silence, cancellationToken);
            // One who has looked at less than that, or not up to now, has not heard the silence yet.
            if (arriving is { Requests: 0, UnderWay: 0, Bytes: 0 } && arriving.Window >= step.Silence && clock.GetElapsedTime(started) >= load.Delay)
                return $"nothing for {Words(step.Silence)}";
            if (clock.GetElapsedTime(started) >= patience)
                return !step.Insists ? $"not waited for any longer, though {Said(cluster, arriving)}"
                    : throw new StepTimedOutException(DiagnosticDescriptors.StillArriving.Because(
                        $"{Words(patience)} after {cluster.Name} got no share any more, {Said(cluster, arriving)}."));
            if (told != Said(cluster, arriving))
                sink.Publish(new DeployEvent.StepSaid(step.Id, $"{Said(cluster, arriving)}."));
            told = Said(cluster, arriving);
            await Task.Delay(pause, clock, cancellationToken);
        }
    }

    // A connection may be open for hours without a request.
    private static string Said(AppCluster cluster, ArrivingLoad load) => load.Window <= TimeSpan.Zero ? $"nobody could say what arrived at {cluster.Name}"
        : $"{cluster.Name} had {ReleaseSteps.Count(load.Requests, "request")} within {Words(load.Window)}{(load.UnderWay > 0 ? $" and {ReleaseSteps.Count(load.UnderWay, "open connection")}" : load is { Requests: 0, Bytes: > 0 } ? $" and {ReleaseSteps.Count(load.Bytes, "byte")} over connections that are open" : "")}";

    private static string Words(TimeSpan time) => time.TotalSeconds < 120 ? $"{time.TotalSeconds:0.#} s" : $"{time.TotalMinutes:0.#} min";
}
