using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Diagnostics;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>What rendering one environment works on: the model, the images, and the objects so far.</summary>
internal sealed class RenderContext(KubeAppModel app, ImageSet images, string? commit)
{
    public const string NameLabel = "app.kubernetes.io/name";
    public const string ComponentLabel = "app.kubernetes.io/component";
    public const string CommitAnnotation = "kubeapps.dev/commit";

    public KubeAppModel App { get; } = app;

    public List<RenderedObject> Objects { get; } = [];

    private readonly List<Diagnostic> _wrong = [];
    private readonly Dictionary<string, ServiceAccount> _accounts = ByName<ServiceAccount>(app);
    private readonly Dictionary<string, NodePool> _pools = app.Environment.Target.Kind == TargetKind.Sandbox ? [] : ByName<NodePool>(app);

    /// <summary>The labels of every object, sorted: most objects have no others but their component.</summary>
    private readonly KeyValuePair<string, string>[] _labels =
        [.. new Dictionary<string, string>(app.Labels) { [NameLabel] = app.Name, [ComponentLabel] = "" }.OrderBy(label => label.Key, StringComparer.Ordinal)];

    public ServiceAccount? Account(string? name) => name is null ? null : _accounts.GetValueOrDefault(name);

    /// <summary>The machines that a workload is placed on. The sandbox is this machine, whatever pools there are elsewhere.</summary>
    public NodePool? Pool(Placement? placement) => placement?.NodePool is { } name ? _pools.GetValueOrDefault(name) : null;

    /// <summary>Rendering goes on, so that the user hears of everything at once.</summary>
    public void Report(Diagnostic diagnostic) => _wrong.Add(diagnostic);

    public void ThrowIfWrong()
    {
        if (_wrong.Count > 0)
            throw new DiagnosticException(_wrong);
    }

    public RenderedObject Add(JsonObject content, string phase = BundleConventions.MainPhase, AppPart? part = null)
    {
        var rendered = new RenderedObject(content, phase, part);
        Objects.Add(rendered);
        return rendered;
    }

    /// <summary>The metadata of an object of the app.</summary>
    public JsonObject Metadata(
        string name,
        IReadOnlyDictionary<string, string>? labels = null,
        IReadOnlyDictionary<string, string>? annotations = null,
        string? component = null,
        bool isNamespaced = true) => Object(
            ("name", name),
            ("namespace", isNamespaced ? App.Namespace : null),
            ("labels", Labels(labels, component)),
            ("annotations", annotations is null ? null : Map(annotations)));

    /// <summary>The metadata of a workload: it also says which commit it is of. Its pods do not, or every commit would replace them.</summary>
    public JsonObject WorkloadMetadata(Workload workload)
    {
        var annotations = new Dictionary<string, string>(workload.Annotations);
        if (commit is not null)
            annotations[CommitAnnotation] = commit;
        if (workload is Job { IsOneWay: true })
            annotations[BundleConventions.OneWay] = "true";
        return Metadata(workload.Name, workload.Labels, annotations, workload.Name);
    }

    /// <summary>The framework's labels, the app's, and the given ones, which win; the ones that selectors use cannot be changed.</summary>
    public JsonObject Labels(IReadOnlyDictionary<string, string>? labels, string? component)
    {
        if (labels is { Count: > 0 })
        {
            Dictionary<string, string> all = new(App.Labels, StringComparer.Ordinal);
            foreach (var (key, value) in labels)
                all[key] = value;
            all[NameLabel] = App.Name;
            if (component is not null)
                all[ComponentLabel] = component;
            return Map(all)!;
        }

        var result = new JsonObject();
        foreach (var (key, value) in _labels)
            if (key != ComponentLabel)
                result.Add(key, value);
            else if (component is not null)
                result.Add(key, component);
        return result;
    }

    /// <summary>What finds the pods of a workload. It is immutable in the cluster, so nothing that can change stands in it.</summary>
    public JsonObject Selector(string workload) => Object((NameLabel, App.Name), (ComponentLabel, workload));

    /// <summary>What was built must run on the machines of the pool: only now it is known what was built.</summary>
    public void CheckPlatform(Image image, NodePool pool)
    {
        var platform = $"linux/{pool.Architecture.ToString().ToLowerInvariant()}";
        if (images.Images.TryGetValue(image.Key ?? "", out var built) && built.Platforms.Count > 0 && !built.Platforms.Contains(platform))
            Report(DiagnosticDescriptors.ImageLacksPlatform.Because(
                $"The image '{image.Key}' is for {string.Join(", ", built.Platforms)}; the node pool '{pool.Name}' needs {platform}."));
    }

    public string ImageReference(Image image)
    {
        if (images.Images.TryGetValue(image.Key ?? "", out var built))
            return built.Reference;
        return image.ReferenceText ?? throw new DiagnosticException(DiagnosticDescriptors.ImageNotInSet.Because(
            $"The image '{image.Key}' is not among the images of the build ({string.Join(", ", images.Images.Keys)})."));
    }

    private static Dictionary<string, T> ByName<T>(KubeAppModel app)
        where T : AppPart => app.All<T>().ToDictionary(part => part.Name, StringComparer.Ordinal);
}

/// <summary>An object on its way into the bundle, with the part of the model that it was made from (none for what the user wrote as an object).</summary>
internal sealed record RenderedObject(JsonObject Content, string Phase, AppPart? Part)
{
    public string Kind => (string?)Content["kind"] ?? "";

    public string Name => (string?)Content["metadata"]?["name"] ?? "";
}
