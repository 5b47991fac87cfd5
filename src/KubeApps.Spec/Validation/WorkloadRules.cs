using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Workloads that could run, update and end.</summary>
internal static partial class WorkloadRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<Workload>())
        {
            if (workload.Containers.Count == 0)
                diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The workload '{workload.Name}' has no container.", workload.Location);
            CheckEnd(workload, diagnostics);
            foreach (var container in workload.AllContainers)
                foreach (var group in container.Mounts.GroupBy(mount => mount.Path.TrimEnd('/')))
                    CheckMount(container, group.Key, group.Count(), diagnostics);
            CheckOwnRules(workload, diagnostics);
        }

        foreach (var pool in app.All<NodePool>())
            if (pool.Min < 0 || pool.Max < 1 || pool.Max < pool.Min || pool.Desired < pool.Min || pool.Desired > pool.Max || pool.InstanceTypes.Count == 0)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting,
                    $"The node pool '{pool.Name}' needs an instance type and 0 ≤ Min ≤ Desired ≤ Max (they are {pool.Min}, {pool.Desired}, {pool.Max}).", pool.Location);
    }

    private static void CheckEnd(Workload workload, SpecDiagnostics diagnostics)
    {
        var needed = Completion.SleepBeforeStop(workload) + workload.HostShutdownTimeout;
        if (workload.TerminationGracePeriod <= needed)
            diagnostics.Add(
                DiagnosticDescriptors.GracePeriodTooShort,
                $"The pods of '{workload.Name}' need up to {needed.TotalSeconds:0} seconds to end and are given {workload.TerminationGracePeriod?.TotalSeconds:0}.",
                workload.Location);
    }

    private static void CheckMount(Container container, string path, int count, SpecDiagnostics diagnostics)
    {
        if (!path.StartsWith('/') || path.Contains(':'))
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The mount '{path}' of the container '{container.Name}' is not an absolute path.", container.Location);
        if (count > 1)
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two mounts of the container '{container.Name}' stand at '{path}'.", container.Location);
    }

    private static void CheckOwnRules(Workload workload, SpecDiagnostics diagnostics)
    {
        if (workload is Deployment { Recreate: false } deployment && IsZero(deployment.MaxSurge) && IsZero(deployment.MaxUnavailable))
            diagnostics.Add(
                DiagnosticDescriptors.RolloutCannotProgress, $"MaxSurge and MaxUnavailable of '{workload.Name}' are both 0.", workload.Location);
        if (workload is CronJob cron && !Schedule().IsMatch(cron.Schedule))
            diagnostics.Add(DiagnosticDescriptors.InvalidSchedule, $"The schedule '{cron.Schedule}' of '{workload.Name}' is no cron expression.", workload.Location);

        IEnumerable<(string Name, bool IsWrong, object? Value)> settings = workload switch
        {
            Deployment d =>
            [
                (nameof(d.Replicas), d.Replicas < 0, d.Replicas),
                (nameof(d.MaxSurge), IsWrong(d.MaxSurge), d.MaxSurge),
                (nameof(d.MaxUnavailable), IsWrong(d.MaxUnavailable), d.MaxUnavailable),
                (nameof(d.MinReady), d.MinReady < TimeSpan.Zero, d.MinReady),
                (nameof(d.ProgressDeadline), d.ProgressDeadline <= d.MinReady, d.ProgressDeadline),
                (nameof(d.RevisionHistory), d.RevisionHistory < 0, d.RevisionHistory),
            ],
            StatefulSet s => [(nameof(s.Replicas), s.Replicas < 0, s.Replicas)],
            DaemonSet d => [(nameof(d.MaxUnavailable), IsWrong(d.MaxUnavailable) || IsZero(d.MaxUnavailable), d.MaxUnavailable)],
            Job j =>
            [
                (nameof(j.Retries), j.Retries < 0, j.Retries),
                (nameof(j.TimeLimit), j.TimeLimit < TimeSpan.FromSeconds(1), j.TimeLimit),
                (nameof(j.Completions), j.Completions < 1, j.Completions),
                (nameof(j.Parallelism), j.Parallelism < 1, j.Parallelism),
            ],
            CronJob c => [(nameof(c.Retries), c.Retries < 0, c.Retries), (nameof(c.TimeLimit), c.TimeLimit < TimeSpan.FromSeconds(1), c.TimeLimit)],
            _ => [],
        };
        foreach (var (name, _, value) in settings.Where(setting => setting.IsWrong))
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{name} of '{workload.Name}' is {value}, which is not possible.", workload.Location);
    }

    private static bool IsZero(CountOrPercent value) => (value.Count ?? value.Percent) == 0;

    private static bool IsWrong(CountOrPercent value) => (value.Count ?? value.Percent) is null or < 0;

    [GeneratedRegex(@"^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every \S+|([0-9*/,\-A-Za-z?]+ +){4}[0-9*/,\-A-Za-z?]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Schedule();
}
