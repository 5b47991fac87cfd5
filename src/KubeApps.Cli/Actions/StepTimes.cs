using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>How long each step of a deploy took, as its events tell.</summary>
internal sealed class StepTimes
{
    private readonly Lock _gate = new();
    private readonly List<StepTime> _steps = [];

    public IReadOnlyList<StepTime> Ended()
    {
        lock (_gate)
            return [.. _steps];
    }

    public void Take(DeployEvent deployEvent)
    {
        lock (_gate)
            switch (deployEvent)
            {
                case DeployEvent.StepStarted step:
                    _steps.Add(new StepTime(step.StepId, step.Title, null, null));
                    break;
                case DeployEvent.StepFinished step when _steps.FindLastIndex(item => item.Id == step.StepId) is >= 0 and var index:
                    _steps[index] = new StepTime(step.StepId, step.Title, step.Summary, step.Elapsed);
                    break;
            }
    }
}
