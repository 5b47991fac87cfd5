using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>What an app consists of in one environment: plain data, filled in by <see cref="KubeApp.Define"/>.</summary>
public sealed class KubeAppModel
{
    [JsonConstructor]
    internal KubeAppModel()
    {
    }

    internal KubeAppModel(string name, DeployEnvironment environment, ProjectFacts project)
    {
        Name = name;
        Environment = environment;
        Project = project;
        Namespace = $"{name}-{environment.Name}";
    }

    /// <summary>The app's name (<see cref="KubeApp.Name"/>).</summary>
    [JsonInclude]
    public string Name { get; internal set; } = "";

    /// <summary>The environment that this model is for.</summary>
    [JsonInclude]
    public DeployEnvironment Environment { get; internal set; } = new();

    /// <summary>What the build knows about the project. Not part of the model's JSON.</summary>
    [JsonIgnore]
    public ProjectFacts Project { get; } = new() { Name = "" };

    /// <summary>The namespace that all objects go to. Default: the app's name, a hyphen, the environment's name.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>
    /// Whether the namespace is created where it is missing. Default: true. Turn it off where others make the namespaces.
    /// </summary>
    public bool CreateNamespace { get; set; } = true;

    /// <summary>Labels of all objects. The framework adds <c>app.kubernetes.io/*</c> and the environment.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>All parts, in the order in which they were added.</summary>
    public List<AppPart> Parts { get; set; } = [];

    /// <summary>
    /// The service whose address is the app's address: what a deploy prints as URL. Default: the first public service or one with an
    /// ingress; else the first service.
    /// </summary>
    public string? EntryService { get; set; }

    /// <summary>Adds a part and returns it.</summary>
    /// <example><code>var web = app.Add(new Deployment("web"));</code></example>
    public T Add<T>(T part)
        where T : AppPart
    {
        ArgumentNullException.ThrowIfNull(part);
        Parts.Add(part);
        return part;
    }

    /// <summary>The parts of one kind: <c>app.All&lt;Workload&gt;()</c>.</summary>
    public IEnumerable<T> All<T>()
        where T : AppPart => Parts.OfType<T>();
}
