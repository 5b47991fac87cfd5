using KubeApps.Events;

namespace KubeApps.Cli.Rendering;

/// <summary>Events that stop being shown while somebody is asked: rows that live would write over the question.</summary>
internal sealed class InterruptedEvents(Func<EventRenderer> open) : EventRenderer
{
    private EventRenderer _current = open();

    public override void Publish(DeployEvent deployEvent) => _current.Publish(deployEvent);

    public async Task<T> WhileHiddenAsync<T>(Func<Task<T>> ask)
    {
        _current.Dispose();
        try
        {
            return await ask();
        }
        finally
        {
            _current = open();
        }
    }

    public override void Dispose() => _current.Dispose();
}
