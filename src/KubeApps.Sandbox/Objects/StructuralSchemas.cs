using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Objects;

/// <summary>What a custom resource's schema demands of a value, beyond its shape.</summary>
internal sealed record StructuralRules
{
    public string? Type { get; init; }

    public bool Nullable { get; init; }

    public double? Minimum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public double? Maximum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public double? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public bool UniqueItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public Regex? Pattern { get; init; }

    public JsonArray? Enum { get; init; }

    public string? Format { get; init; }
}

/// <summary>Reads the structural schema of a CustomResourceDefinition's version.</summary>
internal static class StructuralSchemas
{
    /// <summary>The whole object's type: what the schema says, plus apiVersion, kind and metadata, which are always as everywhere.</summary>
    public static SchemaType Read(JsonObject? schema, SchemaType objectMeta)
    {
        var declared = schema is null ? new SchemaType(SchemaKind.Struct) { PreserveUnknownFields = true, Rules = new StructuralRules() } : ReadType(schema);
        if (declared.Kind != SchemaKind.Struct)
            declared = new SchemaType(SchemaKind.Struct) { PreserveUnknownFields = true, Rules = declared.Rules };
        var text = new SchemaType(SchemaKind.String) { GoName = "string" };
        declared.Fields["apiVersion"] = new SchemaField("apiVersion", text) { KeepsZero = true };
        declared.Fields["kind"] = new SchemaField("kind", text) { KeepsZero = true };
        declared.Fields["metadata"] = new SchemaField("metadata", objectMeta);
        return declared;
    }

    private static SchemaType ReadType(JsonObject schema)
    {
        var preserve = schema["x-kubernetes-preserve-unknown-fields"] is JsonValue flag && (bool)flag;
        var atomic = (string?)schema["x-kubernetes-map-type"] == "atomic";
        if (schema["x-kubernetes-int-or-string"] is JsonValue either && (bool)either)
            return new SchemaType(SchemaKind.IntOrString) { Rules = ReadRules(schema, null) };

        var kind = (string?)schema["type"];
        var rules = ReadRules(schema, kind);
        switch (kind)
        {
            case "string":
                return new SchemaType(SchemaKind.String) { Rules = rules, GoName = "string" };
            case "integer":
                return new SchemaType(SchemaKind.Integer) { Rules = rules, GoName = "int64" };
            case "number":
                return new SchemaType(SchemaKind.Number) { Rules = rules, GoName = "float64" };
            case "boolean":
                return new SchemaType(SchemaKind.Boolean) { Rules = rules, GoName = "bool" };
            case "array":
                return new SchemaType(SchemaKind.List)
                {
                    Rules = rules,
                    Items = schema["items"] is JsonObject items ? ReadType(items) : SchemaType.Any,
                    Relation = (string?)schema["x-kubernetes-list-type"] switch { "map" => ListRelation.Map, "set" => ListRelation.Set, _ => ListRelation.Atomic },
                    ListKeys = schema["x-kubernetes-list-map-keys"] is JsonArray keys ? [.. keys.Select(key => (string)key!)] : [],
                };
            case "object" when schema["properties"] is null && schema["additionalProperties"] is JsonObject additional:
                return new SchemaType(SchemaKind.Map) { Rules = rules, Items = ReadType(additional), Atomic = atomic };
            case "object" when schema["properties"] is null && schema["additionalProperties"] is JsonValue allowed && allowed.GetValueKind() == JsonValueKind.True:
                return new SchemaType(SchemaKind.Map) { Rules = rules, Atomic = atomic };
            case "object":
                var type = new SchemaType(SchemaKind.Struct) { Rules = rules, Atomic = atomic, PreserveUnknownFields = preserve };
                var required = schema["required"] is JsonArray names ? names.Select(name => (string)name!).ToHashSet(StringComparer.Ordinal) : [];
                if (schema["properties"] is JsonObject properties)
                {
                    foreach (var (name, property) in properties)
                    {
                        var child = property!.AsObject();
                        type.Fields[name] = new SchemaField(name, ReadType(child))
                        {
                            Required = required.Contains(name),
                            Default = child["default"]?.DeepClone(),
                            KeepsZero = true,
                            Nullable = child["nullable"] is JsonValue nullable && (bool)nullable,
                        };
                    }
                }

                // An embedded object is one of its own kind: what every object has need not be declared.
                if (Flag(schema, "x-kubernetes-embedded-resource"))
                    foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind", "metadata"])
                        type.Fields.TryAdd(name, new SchemaField(name, SchemaType.Any));

                // A required field that is not declared can only be present where unknown fields are kept.
                foreach (var name in required.Where(name => !type.Fields.ContainsKey(name)))
                    type.Fields[name] = new SchemaField(name, SchemaType.Any) { Required = true, KeepsZero = true };
                return type;
            default:
                return new SchemaType(SchemaKind.Any) { PreserveUnknownFields = true };
        }
    }

    private static StructuralRules ReadRules(JsonObject schema, string? type) => new()
    {
        Type = type,
        Nullable = Flag(schema, "nullable"),
        Minimum = Number(schema, "minimum"),
        ExclusiveMinimum = Flag(schema, "exclusiveMinimum"),
        Maximum = Number(schema, "maximum"),
        ExclusiveMaximum = Flag(schema, "exclusiveMaximum"),
        MultipleOf = Number(schema, "multipleOf"),
        MinLength = (long?)Number(schema, "minLength"),
        MaxLength = (long?)Number(schema, "maxLength"),
        MinItems = (long?)Number(schema, "minItems"),
        MaxItems = (long?)Number(schema, "maxItems"),
        UniqueItems = Flag(schema, "uniqueItems"),
        MinProperties = (long?)Number(schema, "minProperties"),
        MaxProperties = (long?)Number(schema, "maxProperties"),
        Pattern = (string?)schema["pattern"] is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) : null,
        Enum = schema["enum"]?.DeepClone() as JsonArray,
        Format = (string?)schema["format"],
    };

    private static bool Flag(JsonObject schema, string name) => schema[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static double? Number(JsonObject schema, string name) => schema[name] is JsonValue value ? Json.ToDouble(value) : null;
}
