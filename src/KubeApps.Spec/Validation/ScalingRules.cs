using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>The number of pods is chosen by one side only, and evictions remain possible.</summary>
internal static class ScalingRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<ScalableWorkload>())
        {
            if (workload.Autoscaling is { } autoscaling)
                CheckAutoscaling(workload, autoscaling, diagnostics);
            if (workload.DisruptionBudget is { } budget && WhyImpossible(budget, workload.Autoscaling?.Min ?? workload.Replicas ?? 1) is { } why)
                diagnostics.Add(DiagnosticDescriptors.ImpossibleDisruptionBudget, $"The disruption budget of '{workload.Name}' {why}.", workload.Location);
        }
    }

    private static void CheckAutoscaling(ScalableWorkload workload, Autoscaling autoscaling, SpecDiagnostics diagnostics)
    {
        if (workload.Replicas is { } replicas)
            diagnostics.Add(
                DiagnosticDescriptors.ReplicasWithAutoscaling, $"'{workload.Name}' has {replicas} replicas and autoscaling.", workload.Location);
        if (autoscaling.Min < 1 || autoscaling.Max < autoscaling.Min)
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting,
                $"Autoscaling of '{workload.Name}' needs 1 ≤ Min ≤ Max; they are {autoscaling.Min} and {autoscaling.Max}.", workload.Location);
        if (autoscaling.CpuPercent < 1 || autoscaling.MemoryPercent < 1)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"Autoscaling of '{workload.Name}' aims at less than 1 percent.", workload.Location);

        // A share of nothing is not a number: without requests the autoscaler only reports an error.
        foreach (var container in workload.Sidecars.Concat(workload.Containers))
            if (autoscaling.CpuPercent is not null && container.Resources?.Cpu is null || autoscaling.MemoryPercent is not null && container.Resources?.Memory is null)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting,
                    $"'{workload.Name}' scales by a share of what its containers request, and '{container.Name}' requests nothing.", container.Location);
    }

    private static string? WhyImpossible(DisruptionBudget budget, int pods) => budget switch
    {
        { MinAvailable: not null, MaxUnavailable: not null } => "says both MinAvailable and MaxUnavailable",
        { MinAvailable: null, MaxUnavailable: null } => "says neither MinAvailable nor MaxUnavailable",
        { MinAvailable: { } value } when (value.Count ?? value.Percent) is null or < 0 => $"has MinAvailable '{value}'",
        { MaxUnavailable: { } value } when (value.Count ?? value.Percent) is null or < 0 || value.Percent > 100 => $"has MaxUnavailable '{value}'",

        // Kubernetes rounds shares up, for both.
        { MinAvailable: { } value } when (value.Count ?? (pods * value.Percent!.Value + 99) / 100) >= pods =>
            $"keeps {value} of {pods} pods: none may ever be evicted",
        { MaxUnavailable: { } value } when (value.Count ?? value.Percent) == 0 => "lets no pod be missing: none may ever be evicted",
        _ => null,
    };
}
