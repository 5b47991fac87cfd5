using System.Collections.Concurrent;
using System.Text.Json;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>What the API's schema says about a field; columns of tables are described with it.</summary>
internal static class SchemaDescriptions
{
    private const string ReferencePrefix = "#/components/schemas/";

    private static readonly ConcurrentDictionary<(ResourceType Type, string Field), string> Known = [];

    /// <summary>The document is large and needed again only for another kind: it may go when memory is short.</summary>
    private static readonly ConcurrentDictionary<string, WeakReference<JsonDocument>> Documents = [];

    public static string Of(ResourceType type, string field) => Known.GetOrAdd((type, field), static key => Find(key.Type, key.Field));

    private static string Find(ResourceType type, string field)
    {
        var path = type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}";
        if (Open(path) is not { } document)
            return "";
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        if (OfKind(schemas, type) is not { } current)
            return "";
        foreach (var step in field.Split('.'))
        {
            if (!Resolve(schemas, current).TryGetProperty("properties", out var properties) || !properties.TryGetProperty(step, out current))
                return "";
        }

        return current.TryGetProperty("description", out var description) ? description.GetString()! : "";
    }

    private static JsonDocument? Open(string path)
    {
        if (Documents.TryGetValue(path, out var weak) && weak.TryGetTarget(out var known))
            return known;
        if (SchemaCatalog.Document(path) is not { } bytes)
            return null;
        var document = JsonDocument.Parse(bytes);
        Documents[path] = new WeakReference<JsonDocument>(document);
        return document;
    }

    private static JsonElement? OfKind(JsonElement schemas, ResourceType type)
    {
        foreach (var schema in schemas.EnumerateObject())
        {
            if (!schema.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kinds))
                continue;
            foreach (var kind in kinds.EnumerateArray())
                if (kind.GetProperty("kind").ValueEquals(type.Kind) && kind.GetProperty("group").ValueEquals(type.Group))
                    return schema.Value;
        }

        return null;
    }

    private static JsonElement Resolve(JsonElement schemas, JsonElement schema)
    {
        if (schema.TryGetProperty("allOf", out var all))
            schema = all[0];
        return schema.TryGetProperty("$ref", out var reference) ? schemas.GetProperty(reference.GetString()![ReferencePrefix.Length..]) : schema;
    }
}
