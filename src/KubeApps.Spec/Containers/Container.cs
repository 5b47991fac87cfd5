using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>One container of a pod.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/containers/"/>
/// <example>
/// <code>
/// new Container("web", Image.ThisProject)
/// {
///     Ports = { new ContainerPort("http", 8080) },
///     Environment = { ["Greeting"] = "Hello", ["ConnectionStrings__Shop"] = database.Key("connection") },
///     ReadinessProbe = Probe.Http("/healthz", "http"),
/// }
/// </code>
/// </example>
public sealed class Container
{
    [JsonConstructor]
    internal Container()
    {
    }

    /// <summary>A container.</summary>
    /// <param name="name">Its name, unique in the pod: a DNS-1123 label.</param>
    /// <param name="image">What it runs.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Container(string name, Image image, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Name = name;
        Image = image;
        Location = new SourceLocation(file, line);
    }

    /// <summary>The name, unique in the pod.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it runs.</summary>
    public Image Image { get; set; } = Image.ThisProject;

    /// <summary>The program, instead of the image's entry point. Default: the image's.</summary>
    public List<string> Command { get; set; } = [];

    /// <summary>The arguments, instead of the image's. Default: the image's.</summary>
    public List<string> Args { get; set; } = [];

    /// <summary>Environment variables by name, in this order.</summary>
    public Dictionary<string, EnvironmentValue> Environment { get; set; } = [];

    /// <summary>All values of configurations and secrets as environment variables named like their keys.</summary>
    public List<EnvironmentSource> EnvironmentFrom { get; set; } = [];

    /// <summary>Configurations, secrets, empty directories and claims at paths of the container.</summary>
    public List<Mount> Mounts { get; set; } = [];

    /// <summary>The directory in which the program starts. Default: the image's.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>
    /// What it is promised and may use. Default: 100m CPU and 128Mi memory, at most 512Mi; <c>new Resources()</c> for none at all.
    /// </summary>
    public Resources? Resources { get; set; }

    /// <summary>
    /// What it may do. Default: no privilege escalation, no capabilities, a read-only root file system with an empty <c>/tmp</c>.
    /// </summary>
    public ContainerSecurity? Security { get; set; }

    /// <summary>
    /// What happens before it gets SIGTERM. Default: a sleep of 5 seconds where a service leads to it, else nothing.
    /// </summary>
    public PreStop? PreStop { get; set; }

    /// <summary>The ports on which it listens.</summary>
    public List<ContainerPort> Ports { get; set; } = [];

    /// <summary>
    /// Whether the container has started; the other probes wait for it. Default: none.
    /// </summary>
    public Probe? StartupProbe { get; set; }

    /// <summary>
    /// Whether the container can take traffic now. Default: a TCP connect to the first TCP port, where there is one
    /// (<see cref="Probe.None"/> turns that off).
    /// </summary>
    public Probe? ReadinessProbe { get; set; }

    /// <summary>
    /// Whether the container must be restarted. Default: none: a liveness probe that fails under load makes an outage of a slowdown.
    /// </summary>
    public Probe? LivenessProbe { get; set; }

    internal SourceLocation? Location { get; }
}
