using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering;

/// <summary>Workflow commands of GitHub Actions: a group for each step, annotations for what is wrong.</summary>
internal sealed class GitHubRenderer(TextWriter output) : EventRenderer
{
    private readonly Lock _gate = new();
    private readonly PlainRenderer _plain = new(output);
    private bool _isInGroup;

    public override void Publish(DeployEvent deployEvent)
    {
        lock (_gate)
            Write(deployEvent);
    }

    public override void Dispose() => EndGroup();

    private void Write(DeployEvent deployEvent)
    {
        switch (deployEvent)
        {
            case DeployEvent.StepStarted step:
                EndGroup();
                output.WriteLine($"::group::{Data(step.Title)}");
                _isInGroup = true;
                break;
            case DeployEvent.StepFinished:
                _plain.Publish(deployEvent);
                EndGroup();
                break;
            case DeployEvent.WorkloadFailed:
                // The report; what it comes to is raised as a diagnostic, which makes the annotation.
                EndGroup();
                _plain.Publish(deployEvent);
                break;
            case DeployEvent.DiagnosticRaised { Diagnostic: var diagnostic }:
                EndGroup();
                output.WriteLine($"::{Words.Severity(diagnostic)} {Place(diagnostic)}title={Property(diagnostic.Code)}::{Data($"{diagnostic.Cause} {diagnostic.NextStep}".TrimEnd())}");
                break;
            default:
                _plain.Publish(deployEvent);
                break;
        }
    }

    private void EndGroup()
    {
        if (_isInGroup)
            output.WriteLine("::endgroup::");
        _isInGroup = false;
    }

    private static string Place(Diagnostic diagnostic) => diagnostic.Place is not { } place ? ""
        : $"file={Property(place.File)},{(place.Line > 0 ? $"line={place.Line}," : "")}{(place.Column > 0 ? $"col={place.Column}," : "")}";

    // As the runner undoes it: the data of a command is one line.
    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
