using System.Diagnostics;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>The time, without that in which this machine did nothing for anybody: a bound of seconds is one of the engine, not of what else runs beside the tests.</summary>
internal static class EvenTime
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private static readonly Stopwatch Elapsed = Stopwatch.StartNew();
    private static long _late;

    static EvenTime() => _ = BeatAsync();

    public static TimeSpan Now => Elapsed.Elapsed - TimeSpan.FromTicks(Interlocked.Read(ref _late));

    // How much later than it wanted it is called again.
    private static async Task BeatAsync()
    {
        while (true)
        {
            var began = Elapsed.Elapsed;
            await Task.Delay(Beat);
            Interlocked.Add(ref _late, Math.Max(0, (Elapsed.Elapsed - began - Beat).Ticks));
        }
    }
}
