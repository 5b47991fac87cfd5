using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Kubernetes counts whole seconds: a fraction would be lost in silence.</summary>
internal static class DurationRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<Workload>())
        {
            IEnumerable<(string What, TimeSpan? Duration)> own = workload switch
            {
                Deployment deployment => [(nameof(deployment.MinReady), deployment.MinReady), (nameof(deployment.ProgressDeadline), deployment.ProgressDeadline)],
                Job job => [(nameof(job.TimeLimit), job.TimeLimit)],
                CronJob job => [(nameof(job.TimeLimit), job.TimeLimit)],
                _ => [],
            };
            foreach (var (what, duration) in own.Append((nameof(workload.TerminationGracePeriod), workload.TerminationGracePeriod)))
                Whole(what, duration, workload.Name, workload.Location);
            foreach (var container in workload.AllContainers)
            {
                Whole("The sleep before the stop", container.PreStop?.Duration, container.Name, container.Location);
                foreach (var probe in new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }.OfType<Probe>())
                {
                    Whole("The initial delay of a probe", probe.InitialDelay, container.Name, container.Location);
                    Whole("The period of a probe", probe.Period, container.Name, container.Location);
                    Whole("The time-out of a probe", probe.Timeout, container.Name, container.Location);
                }
            }
        }

        foreach (var service in app.All<Service>())
            foreach (var name in service.DnsNames)
                Whole($"The TTL of {name.Name}", name.Ttl, service.Name, service.Location);

        void Whole(string what, TimeSpan? duration, string owner, SourceLocation? place)
        {
            if (duration is { } value && (value.Ticks % TimeSpan.TicksPerSecond != 0 || value.TotalSeconds > int.MaxValue))
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting, $"{what} of '{owner}' is {value}; Kubernetes counts whole seconds, up to {int.MaxValue}.", place);
        }
    }
}
