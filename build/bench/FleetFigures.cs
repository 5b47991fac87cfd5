using KubeApps.Testing;

namespace KubeApps.Bench;

/// <summary>
/// <c>fleet status</c> of many clusters whose API takes as long for each request as a real one does far away: all that it takes, process and
/// connections included, less what a client that does nothing would wait for the answers.
/// </summary>
internal static class FleetFigures
{
    private const double Limit = 5;
    private const int AtOnce = 16;

    // A list of the apps, then all of an app at once.
    private const int Rounds = 2;

    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(100);

    public static async Task<IEnumerable<Figure>> FleetAsync()
    {
        await InstalledTool.PrepareAsync();
        var (sixty, requests) = await MeasureAsync(60);
        var (many, _) = await MeasureAsync(500);
        return
        [
            Figure.Below("Fleet: the status of 60 clusters, 100 ms a request, less the waiting", sixty - Waiting(60), Limit, "s"),
            Figure.Only("… all of it", sixty, "s"),
            Figure.AtMost("… requests for an app", requests / 60.0, 12, ""),
            Figure.Only("… of 500 clusters, less the waiting", many - Waiting(500), "s"),
            Figure.Only("… all of it", many, "s"),
        ];
    }

    private static double Waiting(int clusters) => Math.Ceiling((double)clusters / AtOnce) * Rounds * Latency.TotalSeconds;

    private static async Task<(double Seconds, int Requests)> MeasureAsync(int count)
    {
        await using var clusters = await ManyClusters.StartAsync(Latency, Enumerable.Range(1, count).Select(number => ($"c{number}", ClusterHealth.Healthy)));
        var home = Directory.CreateTempSubdirectory("kubeapps-bench-fleet-");
        try
        {
            var kubeconfig = Path.Combine(home.FullName, "config");
            await File.WriteAllTextAsync(kubeconfig, clusters.Kubeconfig());
            var seconds = await Programs.SecondsAsync(() => InstalledTool.RunAsync(
                ["fleet", "status", "--kubeconfig", kubeconfig, "--context", "*", "--parallel", $"{AtOnce}"], new Dictionary<string, string>()));
            return (seconds, clusters.Requests);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}
