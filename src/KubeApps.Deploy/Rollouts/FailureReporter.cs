using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Rollouts;

/// <summary>Makes of what a diagnosis found what a person reads: with the log that explains it.</summary>
/// <param name="client">The cluster.</param>
/// <param name="home">The app's namespace, where it is known.</param>
internal sealed class FailureReporter(KubeClient client, string? home)
{
    private const int LogLines = 30;

    public async Task<FailureReport> ReportAsync(ObjectId workload, RolloutState state, CancellationToken cancellationToken)
    {
        var finding = RolloutDiagnosis.Explain(workload, state);
        string? log = null;
        if (finding.Log is { } source)
        {
            log = await client.LogTailAsync(source.Namespace, source.Pod, source.Container, source.Previous, LogLines, cancellationToken);
            if (string.IsNullOrWhiteSpace(log) && !source.Previous)
                log = await client.LogTailAsync(source.Namespace, source.Pod, source.Container, true, LogLines, cancellationToken);
        }

        return finding.Report(workload, log) with { Home = home };
    }
}
