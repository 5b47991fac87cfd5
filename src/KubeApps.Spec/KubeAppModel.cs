using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What an app consists of in one environment: plain data, filled in by <see cref="KubeApp.Define"/>.</summary>
public sealed class KubeAppModel
{
    private string _namespace = "";
    private string? _entryService;

    [JsonConstructor]
    internal KubeAppModel()
    {
    }

    internal KubeAppModel(string name, DeployEnvironment environment, ProjectFacts project)
    {
        Name = name;
        Environment = environment;
        Project = project;
        _namespace = $"{name}-{environment.Name}";
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
    public string Namespace
    {
        get => _namespace;
        set => (_namespace, NamespacePlace) = (value, CodePlace.OfCaller());
    }

    /// <summary>
    /// Whether the namespace is created where it is missing. Default: true. Turn it off where others make the namespaces.
    /// </summary>
    public bool CreateNamespace { get; set; } = true;

    /// <summary>
    /// Labels of all objects that are rendered for parts (what is added as YAML or as an object stays as it is). The framework adds
    /// <c>app.kubernetes.io/*</c> and the environment.
    /// </summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>All parts, in the order in which they were added.</summary>
    public List<AppPart> Parts { get; set; } = [];

    /// <summary>
    /// The service whose address is the app's address: what a deploy prints as URL. Default: the first public service or one with an
    /// ingress; else the first service.
    /// </summary>
    public string? EntryService
    {
        get => _entryService;
        set => (_entryService, EntryServicePlace) = (value, CodePlace.OfCaller());
    }

    /// <summary>How a new version takes the place of the old one. Default: rolling.</summary>
    public Strategy Strategy { get; set; } = Strategy.Rolling("", 0);

    /// <summary>What decides whether a deployed version is good. Default: nothing but pods that are ready and stay up.</summary>
    public List<Check> Checks { get; set; } = [];

    /// <summary>YAML files, templates and texts; see <see cref="AddManifests"/> and <see cref="AddYaml"/>.</summary>
    [JsonInclude]
    public List<ManifestFile> Manifests { get; internal set; } = [];

    /// <summary>Kubernetes objects as they are; see <see cref="AddObject"/>.</summary>
    [JsonInclude]
    public List<ManifestObject> Objects { get; internal set; } = [];

    /// <summary>Changes of rendered objects; see <see cref="Patch(AppPart, string, int)"/> and <see cref="Patch{T}(AppPart, string, int)"/>.</summary>
    [JsonInclude]
    public List<ObjectPatch> Patches { get; internal set; } = [];

    /// <summary>
    /// What the framework fills in after <see cref="KubeApp.Define"/>: each of these defaults can be turned off (null) or replaced, by this app or by
    /// a shared library for all apps. Not part of the model's JSON: their outcome is.
    /// </summary>
    [JsonIgnore]
    public FrameworkDefaults Defaults { get; } = new();

    /// <summary>Where the specification describes the app in general, and where it names it.</summary>
    internal CodePlace? DefinePlace { get; init; }

    internal CodePlace? NamePlace { get; init; }

    internal CodePlace? NamespacePlace { get; private set; }

    internal CodePlace? EntryServicePlace { get; private set; }

    /// <summary>Adds a part and returns it.</summary>
    /// <param name="part">The part; its name must be the only one of its kind (workloads share their names).</param>
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

    /// <summary>
    /// Adds YAML files to the bundle, or Scriban templates (<c>*.yaml.sbn</c>) that get <c>app</c> (name, namespace, environment, labels) and
    /// <c>model</c> (all of it, as in its JSON), and neither date nor chance (<c>date</c>, <c>math.random</c>, <c>math.uuid</c>): the same input renders the same.
    /// A file may hold several documents.
    /// </summary>
    /// <param name="pattern">Relative to the project's directory; the file name may hold <c>*</c> and <c>?</c>: <c>k8s/*.yaml</c>.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <seealso href="https://github.com/scriban/scriban/blob/master/doc/language.md"/>
    public void AddManifests(string pattern, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Manifests.Add(new ManifestFile(pattern.Replace('\\', '/'), "", new SourceLocation(file, line)));

    /// <summary>Adds YAML to the bundle that stands in the specification itself.</summary>
    /// <param name="text">One document or several.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void AddYaml(string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Manifests.Add(new ManifestFile("", text, new SourceLocation(file, line)));

    /// <summary>
    /// Adds any Kubernetes object as it is, for what the specification has no word for. One of a namespaced built-in kind goes to the app's namespace
    /// where it names none. Nothing is added to it, labels neither.
    /// </summary>
    /// <param name="content">
    /// A <see cref="JsonObject"/>, an anonymous object, or a typed model of the package <c>KubernetesClient</c> (with <c>ApiVersion</c> and <c>Kind</c>, which
    /// these leave empty). Properties that are null are left out.
    /// </param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <exception cref="ArgumentException">The content is a text, a number or a list.</exception>
    /// <example>
    /// <code>
    /// app.AddObject(new { apiVersion = "scheduling.k8s.io/v1", kind = "PriorityClass", metadata = new { name = "high" }, value = 1000 });
    /// </code>
    /// </example>
    public void AddObject(object content, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(content);
        Objects.Add(new ManifestObject(
            ManifestObject.ToJson(content) as JsonObject ?? throw new ArgumentException($"A {content.GetType().Name} is not an object of Kubernetes.", nameof(content)),
            new SourceLocation(file, line)));
    }

    /// <summary>Begins a change of the object that is rendered for a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public ObjectPatch Patch(AppPart part, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(part);
        return Patch(ObjectKindOf(part), part.Name, file, line);
    }

    /// <summary>Begins a change of the object that is rendered for a part, through a typed model of it.</summary>
    /// <typeparam name="T">The model: <c>V1Deployment</c> of the package KubernetesClient.</typeparam>
    /// <param name="part">The part.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public ObjectPatch<T> Patch<T>(AppPart part, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new(Patch(part, file, line));

    /// <summary>Begins a change of any rendered object.</summary>
    /// <param name="kind">Its kind: <c>PodDisruptionBudget</c>.</param>
    /// <param name="name">Its name, without the hash that the names of configurations and jobs get.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public ObjectPatch Patch(string kind, string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var patch = new ObjectPatch(kind, name, new SourceLocation(file, line));
        Patches.Add(patch);
        return patch;
    }

    /// <summary>Begins a change of any rendered object, through a typed model of it.</summary>
    /// <typeparam name="T">The model: <c>V1PodDisruptionBudget</c> of the package KubernetesClient.</typeparam>
    /// <param name="kind">Its kind: <c>PodDisruptionBudget</c>.</param>
    /// <param name="name">Its name, without the hash that the names of configurations and jobs get.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public ObjectPatch<T> Patch<T>(string kind, string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(Patch(kind, name, file, line));

    private static string ObjectKindOf(AppPart part) => part switch
    {
        Config => "ConfigMap",
        PersistentClaim => "PersistentVolumeClaim",
        Secret { Source: SecretSource.Store } => "ExternalSecret",
        _ => part.GetType().Name,
    };
}
