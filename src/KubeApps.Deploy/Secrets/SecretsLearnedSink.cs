using KubeApps.Events;

namespace KubeApps.Deploy.Secrets;

/// <summary>Hands on what is told, and remembers the secrets in it.</summary>
/// <param name="inner">Told all of it.</param>
/// <param name="secrets">Those that are known.</param>
internal sealed class SecretsLearnedSink(IEventSink inner, KnownSecrets secrets) : IEventSink
{
    public void Publish(DeployEvent deployEvent)
    {
        if (deployEvent is DeployEvent.SecretsLearned learned)
            secrets.Add(learned.Values);
        inner.Publish(deployEvent);
    }
}
