using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// The OpenAPI v3 documents, one for each group version: the schemas of Kubernetes 1.34 and of the custom resources, and as many paths as
/// clients need to know what they may send (kubectl looks for <c>fieldValidation</c> there, and for the kind behind a path).
/// </summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog, ObjectStore store)
{
    private static readonly string BuildHash = typeof(OpenApiDocuments).Module.ModuleVersionId.ToString("n").ToUpperInvariant();

    private readonly ConcurrentDictionary<string, byte[]> _builtIn = [];

    /// <summary>The index: where each document is. The hash in an address changes with the document, so clients may keep it for ever.</summary>
    public JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var path in SchemaCatalog.DocumentPaths)
            paths[path] = Entry(path, BuildHash);
        foreach (var group in CustomByPath())
            paths[group.Key] = Entry(group.Key, group.Max(each => each.Definition.Version).ToString("X16", CultureInfo.InvariantCulture));
        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>A document; null if nothing is known of the group version.</summary>
    public byte[]? Document(string path)
    {
        if (_builtIn.TryGetValue(path, out var known))
            return known;
        if (SchemaCatalog.Document(path) is { } schemas)
            return _builtIn[path] = WithPaths(schemas, catalog.All().Where(served => !served.IsCustom && PathOf(served.Type) == path));
        return CustomByPath().FirstOrDefault(group => group.Key == path) is { } custom ? Describe(custom) : null;
    }

    private static JsonObject Entry(string path, string hash) => new() { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={hash}" };

    private static string PathOf(ResourceType type) => type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}";

    private IEnumerable<IGrouping<string, (ServedResource Served, StoredObject Definition)>> CustomByPath() =>
        from served in catalog.All()
        where served.IsCustom
        let definition = store.Find(new ObjectKey(ResourceTypes.CustomResourceDefinition, null, $"{served.Type.Plural}.{served.Type.Group}"))
        where definition is not null
        group (served, definition) by PathOf(served.Type);

    private static byte[] Describe(IEnumerable<(ServedResource Served, StoredObject Definition)> resources)
    {
        var schemas = new JsonObject();
        foreach (var (served, definition) in resources)
        {
            var version = definition.Value["spec"]!["versions"]!.AsArray().First(each => (string?)each!["name"] == served.Type.Version)!;
            var schema = version["schema"]?["openAPIV3Schema"]?.DeepClone().AsObject() ?? new JsonObject { ["type"] = "object" };
            if (schema["properties"] is not JsonObject properties)
                schema["properties"] = properties = [];
            properties["apiVersion"] = new JsonObject { ["type"] = "string" };
            properties["kind"] = new JsonObject { ["type"] = "string" };
            properties["metadata"] ??= new JsonObject { ["type"] = "object" };
            schema["x-kubernetes-group-version-kind"] = new JsonArray(Kind(served.Type));
            var prefix = string.Join('.', served.Type.Group.Split('.').Reverse());
            schemas[$"{prefix}.{served.Type.Version}.{served.Type.Kind}"] = schema;
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes CRD", ["version"] = "v0.1.0" },
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
        var buffer = new ArrayBufferWriter<byte>(4096);
        Responses.Write(buffer, document);
        return WithPaths(buffer.WrittenSpan, resources.Select(resource => resource.Served));
    }

    /// <summary>Puts the paths in front of what the document has; it is not read for that.</summary>
    private static byte[] WithPaths(ReadOnlySpan<byte> document, IEnumerable<ServedResource> resources)
    {
        var paths = new JsonObject();
        foreach (var served in resources)
            AddPaths(paths, served);
        var buffer = new ArrayBufferWriter<byte>(document.Length + 65_536);
        buffer.Write("{\"paths\":"u8);
        Responses.Write(buffer, paths);
        buffer.Write(","u8);
        buffer.Write(document.TrimStart(" \r\n\t"u8)[1..]);
        return buffer.WrittenSpan.ToArray();
    }

    private static void AddPaths(JsonObject paths, ServedResource served)
    {
        var root = $"/{PathOf(served.Type)}/{(served.Type.Namespaced ? "namespaces/{namespace}/" : "")}{served.Type.Plural}";
        paths[root] = new JsonObject
        {
            ["get"] = Operation(served.Type, "list"),
            ["post"] = Operation(served.Type, "post", "dryRun", "fieldManager", "fieldValidation"),
        };
        paths[root + "/{name}"] = Item(served.Type);
        if (served.Subresources.Contains("status"))
            paths[root + "/{name}/status"] = Item(served.Type);
    }

    private static JsonObject Item(ResourceType type) => new()
    {
        ["get"] = Operation(type, "get"),
        ["put"] = Operation(type, "put", "dryRun", "fieldManager", "fieldValidation"),
        ["delete"] = Operation(type, "delete", "dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"),
        ["patch"] = Operation(type, "patch", "dryRun", "fieldManager", "fieldValidation", "force"),
    };

    private static JsonObject Operation(ResourceType type, string action, params ReadOnlySpan<string> parameters)
    {
        var list = new JsonArray();
        foreach (var parameter in parameters)
        {
            list.Add(new JsonObject
            {
                ["name"] = parameter,
                ["in"] = "query",
                ["schema"] = new JsonObject
                {
                    ["type"] = parameter switch
                    {
                        "force" or "orphanDependents" => "boolean",
                        "gracePeriodSeconds" => "integer",
                        _ => "string",
                    },
                    ["uniqueItems"] = true,
                },
            });
        }

        return new JsonObject
        {
            ["parameters"] = list,
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = Kind(type),
        };
    }

    private static JsonObject Kind(ResourceType type) => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
}
