using KubeApps.Events;

namespace KubeApps.MSBuild.Tests;

/// <summary>What was said while images were made.</summary>
internal sealed class Notes : IEventSink
{
    public List<string> Texts { get; } = [];

    public void Publish(DeployEvent deployEvent)
    {
        lock (Texts)
            if (deployEvent is DeployEvent.Note note)
                Texts.Add(note.Text);
    }
}
