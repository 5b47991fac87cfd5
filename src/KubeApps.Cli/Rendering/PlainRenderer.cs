using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.Apps;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering;

/// <summary>One line for each thing that happens: for logs, pipes and the build.</summary>
internal sealed class PlainRenderer(TextWriter output) : EventRenderer
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, string), string> _progress = [];
    private readonly HashSet<Diagnostic> _reported = [];

    public override void Publish(DeployEvent deployEvent)
    {
        lock (_gate)
            if (Line(deployEvent) is { } line)
                output.WriteLine(line);
    }

    private string? Line(DeployEvent deployEvent)
    {
        switch (deployEvent)
        {
            case DeployEvent.PlanReady { Steps.Count: 0 } plan:
                return $"{plan.App} ({plan.Environment}) on {plan.Target}: nothing to do.";
            case DeployEvent.PlanReady plan:
                return $"{plan.App} ({plan.Environment}) on {plan.Target}: {plan.Steps.Count} steps.";
            case DeployEvent.StepStarted step:
                return $"{step.Title} ...";
            case DeployEvent.StepFinished step:
                return $"{step.Title}: {step.Summary} ({Words.Seconds(step.Elapsed)})";
            case DeployEvent.ResourceChanged { Change: ResourceChange.Unchanged }:
                return null;
            case DeployEvent.ResourceChanged change:
                return $"  {change.Change.ToString().ToLowerInvariant(),-9} {Words.Object(change.Kind, change.Namespace, change.Name)}";
            case DeployEvent.RolloutProgress progress:
                // A claim or an address has no pods to count.
                var pods = progress is { Desired: 0, Updated: 0 } ? "" : $"{progress.Ready}/{progress.Desired} ready, {progress.Updated} updated. ";
                var line = $"  {progress.Kind} {progress.Name}: {pods}{progress.LastEvent}";
                // The same words again say nothing new.
                var key = (progress.Kind, progress.Namespace, progress.Name);
                var isNew = !_progress.TryGetValue(key, out var last) || last != line;
                _progress[key] = line;
                return isNew ? line.TrimEnd() : null;
            case DeployEvent.CheckFinished check:
                return $"  {Words.Check(check)}";
            case DeployEvent.WorkloadFailed failed:
                _reported.Add(failed.Report.ToDiagnostic());
                return failed.Report.ToString();
            case DeployEvent.DiagnosticRaised raised:
                // The report has said it, and more.
                return _reported.Contains(raised.Diagnostic) ? null : raised.Diagnostic.ToString();
            case DeployEvent.StepSaid said:
                return said.Line;
            case DeployEvent.Note note:
                return note.Text;
            default:
                return null;
        }
    }
}

/// <summary>How things are called in every renderer.</summary>
internal static class Words
{
    private const int LongestDrift = 60;

    /// <summary><c>spec.replicas: 2 → 4 (by kubectl)</c>.</summary>
    public static string Drift(DriftedField field)
    {
        string Text(JsonNode? value) => value is null ? "(not set)" : PlanWords.Limited(PlanWords.Text(value), LongestDrift);
        return $"{PlanWords.Printable(field.Path)}: {Text(field.Deployed)} → {Text(field.Live)}{(field.Manager is { } manager ? $" (by {PlanWords.Printable(manager)})" : "")}";
    }

    public static string Object(string kind, string? ns, string name) => ns is null ? $"{kind} {name}" : $"{kind} {ns}/{name}";

    public static string Check(DeployEvent.CheckFinished check) =>
        $"check {check.Name}: {(check.Passed ? "passed" : "failed")} ({(check.Attempts > 1 ? $"{check.Attempts} attempts, " : "")}{Seconds(check.Elapsed)})";

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    /// <summary>A limit as the user may write it: 0.5s, 90s, 5m.</summary>
    public static string Limit(TimeSpan time) => time.TotalMinutes switch
    {
        < 2 => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s",
        < 120 => time.TotalMinutes.ToString("0.##", CultureInfo.InvariantCulture) + "m",
        _ => time.TotalHours.ToString("0.##", CultureInfo.InvariantCulture) + "h",
    };

    /// <summary><c>1 app</c>, <c>2 apps</c>.</summary>
    public static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    public static string Severity(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning";

    /// <summary>An age as kubectl shows it: 45s, 12m, 5h, 3d.</summary>
    public static string Age(TimeSpan age) => age.TotalSeconds switch
    {
        < 120 => $"{Math.Max(0, (int)age.TotalSeconds)}s",
        < 7200 => $"{(int)age.TotalMinutes}m",
        < 172800 => $"{(int)age.TotalHours}h",
        _ => $"{(int)age.TotalDays}d",
    };
}
