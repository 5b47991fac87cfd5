using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>What a <see cref="PreStop"/> does.</summary>
public enum PreStopKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Waits.</summary>
    Sleep,

    /// <summary>Runs a command in the container.</summary>
    Exec,
}

/// <summary>
/// What happens in a container before it gets SIGTERM. A short sleep lets load balancers and proxies hear that the pod ends before it stops to
/// accept connections.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/"/>
public sealed class PreStop
{
    [JsonConstructor]
    internal PreStop()
    {
    }

    /// <summary>Nothing, whatever the defaults say.</summary>
    public static PreStop None => new();

    /// <summary>What it does.</summary>
    [JsonInclude]
    public PreStopKind Kind { get; internal set; }

    /// <summary>How long it sleeps; whole seconds.</summary>
    [JsonInclude]
    public TimeSpan? Duration { get; internal set; }

    /// <summary>The command.</summary>
    [JsonInclude]
    public List<string> Command { get; internal set; } = [];

    /// <summary>Waits; done by the node itself, so that the image needs no <c>sleep</c> program. Needs Kubernetes 1.30.</summary>
    public static PreStop Sleep(TimeSpan duration) => new() { Kind = PreStopKind.Sleep, Duration = duration };

    /// <summary>Runs a command in the container. Not run through a shell.</summary>
    public static PreStop Exec(params string[] command) => new() { Kind = PreStopKind.Exec, Command = [.. command] };
}
