using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// The schemas of all kinds: those of Kubernetes 1.34 (packed into the assembly, read one group at a time when first asked for) and those
/// of the custom resources defined meanwhile. Safe for concurrent use.
/// </summary>
internal sealed class SchemaCatalog
{
    private const string Resource = "KubeApps.Sandbox.OpenApi.zip";

    private static readonly ConcurrentDictionary<string, Lazy<OpenApiSchemas?>> Documents = new();
    private static readonly Lazy<GoTypes> Facts = new(() => GoTypes.Parse(ReadEntry("go-types.txt")!));

    private readonly ConcurrentDictionary<(string Group, string Version, string Kind), Custom> _custom = new();

    /// <summary>The group versions that have an OpenAPI document, as in its address: <c>api/v1</c>, <c>apis/apps/v1</c>.</summary>
    public static IReadOnlyList<string> DocumentPaths { get; } = ListDocuments();

    /// <summary>The OpenAPI v3 document of a group version (<c>apis/apps/v1</c>), as bytes to serve; null if there is none.</summary>
    public static byte[]? Document(string path) => ReadEntry(path.Replace('/', '_') + ".json");

    /// <summary>The schema of a kind; null if nothing is known of it, and so nothing can be checked.</summary>
    public SchemaType? Find(ResourceType type) => Find(type.Group, type.Version, type.Kind);

    public SchemaType? Find(string group, string version, string kind) =>
        _custom.TryGetValue((group, version, kind), out var custom) ? custom.Type : FindBuiltIn(group, version, kind);

    /// <summary>Whether the status of a kind is written through its own subresource only.</summary>
    public bool HasStatus(ResourceType type) => _custom.TryGetValue((type.Group, type.Version, type.Kind), out var custom)
        ? custom.HasStatus
        : FindBuiltIn(type.Group, type.Version, type.Kind)?.Field("status") is not null;

    /// <summary>Takes up the versions of a CustomResourceDefinition, in place of what was known of them.</summary>
    public void Define(JsonObject definition)
    {
        var spec = definition["spec"]!.AsObject();
        var group = (string)spec["group"]!;
        var kind = (string)spec["names"]!["kind"]!;
        foreach (var version in spec["versions"]!.AsArray())
        {
            var type = StructuralSchemas.Read(version!["schema"]?["openAPIV3Schema"] as JsonObject, ObjectMeta);
            _custom[(group, (string)version["name"]!, kind)] = new Custom(type, version["subresources"]?["status"] is not null);
        }
    }

    public void Remove(JsonObject definition)
    {
        var spec = definition["spec"]!.AsObject();
        foreach (var version in spec["versions"]!.AsArray())
            _custom.TryRemove(((string)spec["group"]!, (string)version!["name"]!, (string)spec["names"]!["kind"]!), out _);
    }

    private static SchemaType ObjectMeta => DocumentOf("apis/policy/v1")!.Named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");

    private static SchemaType? FindBuiltIn(string group, string version, string kind)
    {
        var own = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
        return DocumentOf(own)?.OfKind(group, version, kind)
            ?? (group is "autoscaling" or "policy" or "authentication.k8s.io" ? DocumentOf("apis/apps/v1")!.OfKind(group, version, kind) ?? DocumentOf("api/v1")!.OfKind(group, version, kind) : null);
    }

    private static OpenApiSchemas? DocumentOf(string path) => Documents.GetOrAdd(path, static key => new Lazy<OpenApiSchemas?>(() =>
        Document(key) is { } bytes ? new OpenApiSchemas(bytes, Facts.Value) : null)).Value;

    private static List<string> ListDocuments()
    {
        using var archive = Open();
        return archive.Entries
            .Where(entry => entry.Name.EndsWith(".json", StringComparison.Ordinal))
            .Select(entry => entry.Name[..^".json".Length].Replace('_', '/'))
            .Order(StringComparer.Ordinal).ToList();
    }

    private static byte[]? ReadEntry(string name)
    {
        using var archive = Open();
        if (archive.GetEntry(name) is not { } entry)
            return null;
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ZipArchive Open() =>
        new(typeof(SchemaCatalog).Assembly.GetManifestResourceStream(Resource)!, ZipArchiveMode.Read);

    private sealed record Custom(SchemaType Type, bool HasStatus);
}
