using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>An environment has a target that can be found, and something to deploy to it.</summary>
internal static partial class EnvironmentRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        var (environment, target) = (app.Environment, app.Environment.Target);
        if (!app.All<Workload>().Any() && app.Objects.Count == 0 && app.Manifests.Count == 0)
            diagnostics.Add(DiagnosticDescriptors.EmptyApp, $"The app has no workload in the environment '{environment.Name}'.");

        if (target.Kind == TargetKind.Context && string.IsNullOrWhiteSpace(target.ContextName))
            Report("names no context");
        if (target.Kind == TargetKind.Eks && !Account().IsMatch(target.Account ?? ""))
            Report($"has the AWS account '{target.Account}', which is not 12 digits");
        if (target.Kind == TargetKind.Eks && !Region().IsMatch(target.Region ?? ""))
            Report($"has the AWS region '{target.Region}', which is none");

        foreach (var (kind, timeout) in new[] { ("rollout", app.Strategy.Timeout) }.Concat(app.Checks.Select(check => ($"check '{check.Name}'", check.Timeout))))
            if (timeout <= TimeSpan.Zero)
                diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The {kind} has no time: its time-out is {timeout}.");
        if (app.Strategy.StabilityWindow < TimeSpan.Zero || app.Strategy.KeepOld < TimeSpan.Zero)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, "A duration of the strategy is negative.");

        void Report(string what) => diagnostics.Add(
            DiagnosticDescriptors.InvalidTarget, $"The target of the environment '{environment.Name}' {what}.", environment.Location);
    }

    [GeneratedRegex("^[0-9]{12}$", RegexOptions.CultureInvariant)]
    private static partial Regex Account();

    [GeneratedRegex("^[a-z]{2,3}(-[a-z]+)+-[0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex Region();
}
