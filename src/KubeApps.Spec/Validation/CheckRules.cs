using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Checks and strategy can be carried out.</summary>
internal static class CheckRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var check in app.Checks)
            foreach (var problem in ProblemsOf(check))
                diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The check '{check.Name}' {problem}.", check.Location);

        var strategy = app.Strategy;
        if (strategy.Timeout <= TimeSpan.Zero)
            Report($"has no time: its time-out is {strategy.Timeout}");
        if (strategy.StabilityWindow < TimeSpan.Zero || strategy.StabilityWindow >= strategy.Timeout)
            Report($"has a stability window of {strategy.StabilityWindow}, which must be less than its time-out of {strategy.Timeout}");
        if (strategy.KeepOld < TimeSpan.Zero)
            Report($"keeps the old version for {strategy.KeepOld}");

        if (strategy.KeepRevisions is < 2 or > 100)
            Report($"has KeepRevisions = {strategy.KeepRevisions}, which must be from 2 (what stands and the one before) to 100");

        void Report(string what) => diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The strategy {what}.", strategy.Location);
    }

    private static IEnumerable<string> ProblemsOf(Check check)
    {
        if (check.Timeout <= TimeSpan.Zero)
            yield return $"has no time: its time-out is {check.Timeout}";
        if (check.MaxLatency <= TimeSpan.Zero)
            yield return $"asks for an answer within {check.MaxLatency}";
        if (check.Kind == CheckKind.Http && check.Path?.StartsWith('/') != true)
            yield return $"asks the path '{check.Path}', which does not begin with '/'";
        if (check.Status is < 100 or > 599)
            yield return $"expects the status {check.Status}, which is none of HTTP";
        if (check.Kind == CheckKind.Command && (check.Command.Count == 0 || string.IsNullOrWhiteSpace(check.Command[0])))
            yield return "has no command";
    }
}
