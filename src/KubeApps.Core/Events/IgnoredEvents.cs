namespace KubeApps.Events;

/// <summary>Nobody listens: for what is no news, or may fail without being anybody's concern.</summary>
internal sealed class IgnoredEvents : IEventSink
{
    public static readonly IgnoredEvents Instance = new();

    public void Publish(DeployEvent deployEvent)
    {
    }
}
