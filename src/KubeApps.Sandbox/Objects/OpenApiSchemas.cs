using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>The types of one OpenAPI v3 document, built when they are first asked for.</summary>
internal sealed class OpenApiSchemas
{
    private const string MetaV1 = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private readonly Lock _gate = new();
    private readonly JsonDocument _document;
    private readonly JsonElement _schemas;
    private readonly GoTypes _facts;
    private readonly Dictionary<string, SchemaType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Group, string Version, string Kind), string> _kinds = [];

    public OpenApiSchemas(byte[] document, GoTypes facts)
    {
        _facts = facts;
        _document = JsonDocument.Parse(document);
        _schemas = _document.RootElement.GetProperty("components").GetProperty("schemas");
        foreach (var schema in _schemas.EnumerateObject())
        {
            // Kinds that every group has (DeleteOptions, WatchEvent) list all groups: their names are asked for by name, if at all.
            if (!schema.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kinds) || kinds.GetArrayLength() != 1)
                continue;
            var kind = kinds[0];
            _kinds[(Text(kind, "group") ?? "", Text(kind, "version")!, Text(kind, "kind")!)] = schema.Name;
        }
    }

    public SchemaType? OfKind(string group, string version, string kind) =>
        _kinds.TryGetValue((group, version, kind), out var name) ? Named(name) : null;

    public SchemaType Named(string name)
    {
        lock (_gate)
            return Resolve(name);
    }

    private SchemaType Resolve(string name)
    {
        if (_types.TryGetValue(name, out var known))
            return known;
        if (Leaf(name) is { } leaf)
            return _types[name] = leaf;
        var schema = _schemas.GetProperty(name);
        if (!schema.TryGetProperty("properties", out var properties))
            return _types[name] = new SchemaType(SchemaKind.Any) { Name = name };

        var segments = name.Split('.');
        var type = new SchemaType(SchemaKind.Struct)
        {
            Name = name,
            GoName = $"{segments[^2]}.{segments[^1]}",
            Atomic = Text(schema, "x-kubernetes-map-type") == "atomic",
            PreserveUnknownFields = false,
        };
        _types[name] = type;
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(item => item.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var (property, facts) in properties.EnumerateObject().Select(item => (item, _facts.Of(name, item.Name))).OrderBy(pair => pair.Item2.Order))
            type.Fields[property.Name] = ReadField(property, facts, required.Contains(property.Name));
        return type;
    }

    private SchemaField ReadField(JsonProperty property, GoTypes.Field facts, bool required)
    {
        var schema = property.Value;
        var type = Read(schema, facts.TypeName);
        JsonNode? fallback = null;
        if (schema.TryGetProperty("default", out var value))
            fallback = JsonNode.Parse(value.GetRawText());
        return new SchemaField(property.Name, type)
        {
            Default = fallback,
            Required = required,
            AlwaysWritten = facts.AlwaysWritten || (type.Kind == SchemaKind.Struct && fallback is JsonObject { Count: 0 }),
            NullIfAbsent = facts.NullIfAbsent,
            KeepsZero = facts.Pointer || facts.AlwaysWritten,
            PatchStrategy = Text(schema, "x-kubernetes-patch-strategy") ?? "",
            PatchMergeKey = Text(schema, "x-kubernetes-patch-merge-key"),
        };
    }

    private SchemaType Read(JsonElement schema, string? goName)
    {
        var atomic = Text(schema, "x-kubernetes-map-type") == "atomic";
        if (Reference(schema) is { } name)
        {
            var named = Resolve(name);
            if (!atomic || named.Atomic || named.Kind != SchemaKind.Struct)
                return named;
            var whole = new SchemaType(SchemaKind.Struct) { Name = named.Name, GoName = named.GoName, Atomic = true };
            foreach (var (key, field) in named.Fields)
                whole.Fields[key] = field;
            return whole;
        }

        var format = Text(schema, "format");
        switch (Text(schema, "type"))
        {
            case "string":
                return new SchemaType(format == "byte" ? SchemaKind.Bytes : SchemaKind.String)
                {
                    GoName = format == "byte" ? "[]uint8" : goName is null ? "string" : $"v1.{goName}",
                };
            case "integer":
                return new SchemaType(SchemaKind.Integer) { GoName = format == "int64" ? "int64" : "int32", Int32 = format != "int64" };
            case "number":
                return new SchemaType(SchemaKind.Number) { GoName = "float64" };
            case "boolean":
                return new SchemaType(SchemaKind.Boolean) { GoName = "bool" };
            case "array":
                var items = Read(schema.GetProperty("items"), null);
                return new SchemaType(SchemaKind.List)
                {
                    Items = items,
                    GoName = $"[]{items.GoName}",
                    Relation = Text(schema, "x-kubernetes-list-type") switch { "map" => ListRelation.Map, "set" => ListRelation.Set, _ => ListRelation.Atomic },
                    ListKeys = schema.TryGetProperty("x-kubernetes-list-map-keys", out var keys) ? [.. keys.EnumerateArray().Select(key => key.GetString()!)] : [],
                };
            case "object" when schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.Object:
                var values = Read(additional, null);
                return new SchemaType(SchemaKind.Map) { Items = values, GoName = $"map[string]{values.GoName}", Atomic = atomic };
            default:
                return SchemaType.Any;
        }
    }

    private static SchemaType? Leaf(string name) => name switch
    {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => new SchemaType(SchemaKind.Quantity) { Name = name, GoName = "resource.Quantity" },
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => new SchemaType(SchemaKind.IntOrString) { Name = name, GoName = "intstr.IntOrString" },
        MetaV1 + "Time" => new SchemaType(SchemaKind.Time) { Name = name, GoName = "v1.Time" },
        MetaV1 + "MicroTime" => new SchemaType(SchemaKind.MicroTime) { Name = name, GoName = "v1.MicroTime" },
        _ => null,
    };

    private static string? Reference(JsonElement schema)
    {
        const string Prefix = "#/components/schemas/";
        if (schema.TryGetProperty("allOf", out var all) && all.GetArrayLength() == 1)
            schema = all[0];
        return Text(schema, "$ref") is { } reference ? reference[Prefix.Length..] : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
