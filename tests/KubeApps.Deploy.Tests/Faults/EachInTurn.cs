using System.Collections.Concurrent;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>Runs that are alike, of which the first one has a fault at its first request, the next one at its second, and so on.</summary>
internal static class EachInTurn
{
    // As many requests as a run in a test cannot have: an endless loop would be a fault of the test.
    private const int Many = 200;

    /// <param name="atOnce">How many are under way at the same time: most of each is waiting.</param>
    /// <param name="attempt">One of them, with the fault at its n-th request, and what follows; that request, or null where it had fewer.</param>
    /// <returns>The requests that had their turn.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(int atOnce, Func<int, Task<string?>> attempt)
    {
        var faulty = new ConcurrentBag<string>();
        var (next, ended) = (-1, false);
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            while (!Volatile.Read(ref ended))
                if (await attempt(Interlocked.Increment(ref next)) is { } at)
                    faulty.Add(at);
                else
                    Volatile.Write(ref ended, true);
        }));
        Assert.InRange(next, 1, Many);
        return [.. faulty];
    }
}
