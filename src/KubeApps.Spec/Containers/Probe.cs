using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>How a <see cref="Probe"/> asks.</summary>
public enum ProbeKind
{
    /// <summary>There is no probe, whatever the defaults say.</summary>
    None,

    /// <summary>An HTTP GET; 200 to 399 is success.</summary>
    Http,

    /// <summary>A TCP connect.</summary>
    Tcp,

    /// <summary>A command in the container; exit code 0 is success.</summary>
    Exec,
}

/// <summary>How Kubernetes asks a container for its state.</summary>
/// <seealso href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"/>
/// <example><code>container.StartupProbe = Probe.Http("/healthz") with { Period = TimeSpan.FromSeconds(2), FailureThreshold = 30 };</code></example>
public sealed record Probe
{
    [JsonConstructor]
    internal Probe()
    {
    }

    /// <summary>No probe, whatever the defaults say.</summary>
    public static Probe None => new();

    /// <summary>How it asks.</summary>
    [JsonInclude]
    public ProbeKind Kind { get; internal set; }

    /// <summary>The path of an HTTP probe.</summary>
    [JsonInclude]
    public string? Path { get; internal set; }

    /// <summary>The name of the container's port.</summary>
    [JsonInclude]
    public string? Port { get; internal set; }

    /// <summary>The command of an exec probe.</summary>
    [JsonInclude]
    public List<string> Command { get; internal set; } = [];

    /// <summary>Whether an HTTP probe speaks TLS (the certificate is not checked). Default: false.</summary>
    public bool UseTls { get; set; }

    /// <summary>How long after the start the first probe comes; whole seconds. Default: 0.</summary>
    public TimeSpan InitialDelay { get; set; }

    /// <summary>How often; whole seconds, at least 1. Default: 10 seconds, as Kubernetes does.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one try may take; whole seconds, at least 1. Default: 1 second, as Kubernetes does.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many failures in a row count as failed. Default: 3, as Kubernetes does.</summary>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>How many successes in a row count as good again; must be 1 for startup and liveness. Default: 1.</summary>
    public int SuccessThreshold { get; set; } = 1;

    /// <summary>An HTTP GET; 200 to 399 is success.</summary>
    /// <param name="path">The path: <c>/healthz</c>.</param>
    /// <param name="port">The name of a port of the container.</param>
    public static Probe Http(string path, string port = "http") => new() { Kind = ProbeKind.Http, Path = path, Port = port };

    /// <summary>A TCP connect.</summary>
    /// <param name="port">The name of a port of the container.</param>
    public static Probe Tcp(string port = "http") => new() { Kind = ProbeKind.Tcp, Port = port };

    /// <summary>A command in the container; exit code 0 is success. Not run through a shell.</summary>
    public static Probe Exec(params string[] command) => new() { Kind = ProbeKind.Exec, Command = [.. command] };
}
