using KubeApps.Cli.Actions;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering;

/// <summary>Workflow commands of GitHub Actions: a group for each step, annotations for what is wrong.</summary>
internal sealed class GitHubRenderer(WorkflowLog log, Annotations annotations) : EventRenderer
{
    private readonly Lock _gate = new();
    private readonly PlainRenderer _plain = new(log);
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
                log.Command("group", step.Title);
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
                annotations.Write(diagnostic);
                break;
            default:
                _plain.Publish(deployEvent);
                break;
        }
    }

    private void EndGroup()
    {
        if (_isInGroup)
            log.Command("endgroup", "");
        _isInGroup = false;
    }
}
