using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning;

/// <summary>One object as it is to be applied: what the bundle holds, with the deploy's own choices (namespace, secret names) made.</summary>
/// <param name="Id">What names it.</param>
/// <param name="Phase">See <see cref="BundleConventions"/>.</param>
/// <param name="Path">The bundle's file, for diagnostics.</param>
/// <param name="Content">The object; everyone who asks gets a copy.</param>
internal sealed record ReleaseObject(ObjectId Id, string Phase, string Path, JsonObject Content)
{
    private readonly JsonObject _content = Content;

    public JsonObject Content
    {
        get => UnreadObject.Open(_content);
        private init => _content = value;
    }

    /// <summary>What a bundle holds, as it holds it.</summary>
    public static ReleaseObject Of(BundleObject source) => new(ObjectId.Of(UnreadObject.Open(source.Content)), source.Phase, source.Path, source.Content);

    public ReleaseObject With(JsonObject content) => this with { Id = ObjectId.Of(content), Content = UnreadObject.Of(content) };

    /// <summary>Where a bundle has it; null for what a deploy makes itself.</summary>
    public SourceLocation? Place => Path.Length == 0 ? null : new SourceLocation(Path);

    /// <summary>Whether the data fit no older version once it has run.</summary>
    public bool IsOneWayJob => IsBeforeJob && Content["metadata"]!["annotations"]?[BundleConventions.OneWay] is JsonValue value && value.TryGetValue<string>(out var text) && text == "true";

    /// <summary>Run by a check; no part of what is applied.</summary>
    public bool IsOfCheck => Phase == BundleConventions.CheckPhase;

    public bool IsBeforeJob => Phase == BundleConventions.BeforePhase && Id.Kind == "Job";
}

/// <summary>The objects of a release as a whole.</summary>
internal static class ReleaseObjects
{
    private static readonly string[] ClusterScoped =
    [
        "Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass", "PriorityClass",
        "IngressClass", "RuntimeClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService", "CSIDriver",
    ];

    /// <summary>The objects of an environment, each in a namespace of its own: those without one get the environment's.</summary>
    /// <param name="environment">What was rendered.</param>
    /// <param name="ns">The namespace to use in place of the environment's, or null.</param>
    public static List<ReleaseObject> Of(BundleEnvironment environment, string? ns) =>
        [.. environment.Objects.Select(item => InNamespace(ReleaseObject.Of(item), environment.Namespace, ns ?? environment.Namespace))];

    /// <summary>The checks, with the names that their Jobs got since they were rendered: the objects kept their order.</summary>
    public static IReadOnlyList<BundleCheck> ChecksOf(BundleEnvironment environment, IReadOnlyList<ReleaseObject> rendered, IReadOnlyList<ReleaseObject> resolved) =>
    [
        .. environment.Checks.Select(check => check.Job is null ? check : check with
        {
            Job = rendered.Zip(resolved).Where(pair => pair.First.IsOfCheck && pair.First.Id.Name == check.Job).Select(pair => pair.Second.Id.Name).FirstOrDefault() ?? check.Job,
        }),
    ];

    /// <summary>
    /// A hash over everything that is to be applied. Secrets made from the environment count by their name, which has a keyed hash of their
    /// content: nothing about a value can be read from this hash.
    /// </summary>
    public static string Hash(IEnumerable<ReleaseObject> objects)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in objects.OrderBy(item => item.Id.ToString(), StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{item.Phase}\n{item.Id.ApiVersion}\n{item.Id}\n"));
            if (item.Id.Kind != "Secret")
                hash.AppendData(Encoding.UTF8.GetBytes(item.Content.ToJsonString()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ReleaseObject InNamespace(ReleaseObject item, string rendered, string wanted)
    {
        var isCluster = ClusterScoped.Contains(item.Id.Kind);
        var current = item.Id.Namespace;
        if (item.Id.Kind == "Namespace" ? item.Id.Name != rendered || rendered == wanted : isCluster || current == wanted || (current is not null && current != rendered))
            return item;
        var content = item.Content;
        content["metadata"]![item.Id.Kind == "Namespace" ? "name" : "namespace"] = wanted;
        foreach (var subject in content["subjects"] as JsonArray ?? [])
            if ((string?)subject?["namespace"] == rendered)
                subject["namespace"] = wanted;
        return item.With(content);
    }
}
