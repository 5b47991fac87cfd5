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
                CheckStop(container, diagnostics);
            CheckOwnRules(workload, diagnostics);
            CheckClaims(app, workload, diagnostics);
        }
    }

    private static void CheckEnd(Workload workload, SpecDiagnostics diagnostics)
    {
        var needed = Completion.TimeToEnd(workload);
        if (workload.TerminationGracePeriod <= needed)
            diagnostics.Add(
                DiagnosticDescriptors.GracePeriodTooShort,
                $"The pods of '{workload.Name}' need up to {needed.TotalSeconds:0} seconds to end and are given {workload.TerminationGracePeriod?.TotalSeconds:0}.",
                workload.Location);
    }

    private static void CheckStop(Container container, SpecDiagnostics diagnostics)
    {
        if (container.PreStop is { Kind: PreStopKind.Sleep } sleep && !(sleep.Duration >= TimeSpan.FromSeconds(1)))
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting, $"The sleep before the stop of the container '{container.Name}' is {sleep.Duration}.", container.Location,
                "Let it be at least one second, or use PreStop.None.");
        if (container.PreStop is { Kind: PreStopKind.Exec, Command.Count: 0 })
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"What the container '{container.Name}' runs before it stops has no command.", container.Location);
    }

    private static void CheckClaims(KubeAppModel app, Workload workload, SpecDiagnostics diagnostics)
    {
        var own = workload is StatefulSet set ? set.Claims.Select(claim => claim.Name).ToHashSet(StringComparer.Ordinal) : [];
        var mounted = workload.AllContainers.SelectMany(container => container.Mounts).Where(mount => mount.Kind == MountKind.Claim && !own.Contains(mount.Source))
            .Select(mount => app.All<PersistentClaim>().FirstOrDefault(claim => claim.Name == mount.Source)).OfType<PersistentClaim>().Distinct();
        foreach (var claim in mounted)
        {
            // A second pod that mounts a claim of a single pod would stay pending for ever.
            if (claim.Access == ClaimAccess.ReadWriteOncePod && WhySeveralPods(app, workload, claim) is { } why)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting,
                    $"'{workload.Name}' mounts the claim '{claim.Name}', which one pod only can use, and {why}.", workload.Location,
                    "Let the claim's Access be ReadWriteOnce or ReadWriteMany, or the deployment have one pod and Recreate = true (and with blue/green the claim be PerSlot).");
            if (claim.PerSlot && workload is not Deployment)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting,
                    $"'{workload.Name}' mounts the claim '{claim.Name}', of which each slot has one of its own, but only deployments stand in slots.", workload.Location,
                    "Leave PerSlot out, or give it a claim of its own.");
        }
    }

    private static string? WhySeveralPods(KubeAppModel app, Workload workload, PersistentClaim claim) => workload switch
    {
        Deployment { Recreate: false } => "while it is updated, two pods run at once",
        Deployment { Autoscaling: null, Replicas: null or <= 1 } when app.Strategy.Kind == StrategyKind.BlueGreen => claim.PerSlot ? null : "the pods of two versions run at once",
        ScalableWorkload { Autoscaling: null, Replicas: null or <= 1 } => null,
        Job { Parallelism: <= 1 } or CronJob { Concurrency: not CronConcurrency.Allow } => null,
        _ => "it has more than one pod",
    };

    private static void CheckOwnRules(Workload workload, SpecDiagnostics diagnostics)
    {
        if (workload is Deployment { Recreate: false } deployment && IsZero(deployment.MaxSurge) && IsZero(deployment.MaxUnavailable))
            diagnostics.Add(
                DiagnosticDescriptors.RolloutCannotProgress, $"MaxSurge and MaxUnavailable of '{workload.Name}' are both 0.", workload.Location);
        if (workload is Job { IsOneWay: true, BeforeRollout: false })
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting, $"The job '{workload.Name}' is one-way, but does not run before the rollout.", workload.Location,
                "Set BeforeRollout = true, or leave IsOneWay out.");
        if (workload is CronJob cron && CronSchedule.WhyWrong(cron.Schedule) is { } why)
            diagnostics.Add(DiagnosticDescriptors.InvalidSchedule, $"The schedule '{cron.Schedule}' of '{workload.Name}' is no cron expression: {why}.", workload.Location);

        IEnumerable<(string Name, bool IsWrong, object? Value)> settings = workload switch
        {
            Deployment d =>
            [
                (nameof(d.Replicas), d.Replicas < 0, d.Replicas),
                (nameof(d.MaxSurge), IsWrong(d.MaxSurge), d.MaxSurge),
                (nameof(d.MaxUnavailable), IsWrong(d.MaxUnavailable) || d.MaxUnavailable.Percent > 100, d.MaxUnavailable),
                (nameof(d.MinReady), d.MinReady < TimeSpan.Zero, d.MinReady),
                (nameof(d.ProgressDeadline), d.ProgressDeadline <= d.MinReady, d.ProgressDeadline),
                (nameof(d.RevisionHistory), d.RevisionHistory < 0, d.RevisionHistory),
            ],
            StatefulSet s => [(nameof(s.Replicas), s.Replicas < 0, s.Replicas)],
            DaemonSet d => [(nameof(d.MaxUnavailable), IsWrong(d.MaxUnavailable) || IsZero(d.MaxUnavailable) || d.MaxUnavailable.Percent > 100, d.MaxUnavailable)],
            Job j =>
            [
                (nameof(j.Retries), j.Retries < 0, j.Retries),
                (nameof(j.TimeLimit), j.TimeLimit < TimeSpan.FromSeconds(1), j.TimeLimit),
                (nameof(j.Completions), j.Completions < 1, j.Completions),
                (nameof(j.Parallelism), j.Parallelism < 1, j.Parallelism),
            ],
            CronJob c =>
            [
                (nameof(c.Retries), c.Retries < 0, c.Retries),
                (nameof(c.TimeLimit), c.TimeLimit < TimeSpan.FromSeconds(1), c.TimeLimit),
                (nameof(c.TimeZone), !TimeZoneName().IsMatch(c.TimeZone) || c.TimeZone == "Local", $"'{c.TimeZone}'"),
            ],
            _ => [],
        };
        if (workload.HostShutdownTimeout < TimeSpan.Zero)
            settings = settings.Append((nameof(workload.HostShutdownTimeout), true, workload.HostShutdownTimeout));
        foreach (var (name, _, value) in settings.Where(setting => setting.IsWrong))
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{name} of '{workload.Name}' is {value}, which is not possible.", workload.Location);
    }

    private static bool IsZero(CountOrPercent value) => (value.Count ?? value.Percent) == 0;

    private static bool IsWrong(CountOrPercent value) => (value.Count ?? value.Percent) is null or < 0;

    /// <summary>Which zones there are depends on the machine; how their names look does not.</summary>
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimeZoneName();
}
