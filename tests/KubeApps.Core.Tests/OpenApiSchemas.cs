using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Core.Tests;

/// <summary>Checks objects against the recorded OpenAPI schemas, strictly: a property that the schema does not know is an error.</summary>
internal sealed class OpenApiSchemas
{
    private readonly Dictionary<string, JsonObject> _schemas = [];
    private readonly Dictionary<(string ApiVersion, string Kind), string> _kinds = [];

    public OpenApiSchemas()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Join(AppContext.BaseDirectory, "Recorded", "openapi"), "*.json"))
            foreach (var (name, schema) in JsonNode.Parse(File.ReadAllText(file))!["components"]!["schemas"]!.AsObject())
            {
                _schemas.TryAdd(name, schema!.AsObject());
                foreach (var kind in schema["x-kubernetes-group-version-kind"]?.AsArray() ?? [])
                {
                    var group = (string)kind!["group"]!;
                    _kinds.TryAdd(((group.Length > 0 ? group + "/" : "") + (string)kind["version"]!, (string)kind["kind"]!), name);
                }
            }
    }

    public IReadOnlyList<string> Errors(JsonObject item)
    {
        List<string> errors = [];
        if (_kinds.TryGetValue(((string)item["apiVersion"]!, (string)item["kind"]!), out var name))
            Check(item, _schemas[name], "", errors);
        else
            errors.Add($"{item["apiVersion"]} {item["kind"]} has no recorded schema");
        return errors;
    }

    private void Check(JsonNode? node, JsonObject schema, string path, List<string> errors)
    {
        if ((string?)schema["$ref"] is { } reference)
            Check(node, _schemas[reference[(reference.LastIndexOf('/') + 1)..]], path, errors);
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
            Check(node, part!.AsObject(), path, errors);
        if (schema["oneOf"] is JsonArray choices)
        {
            if (!choices.Any(choice => HasType(node, (string?)choice!["type"])))
                errors.Add($"{path}: {node?.ToJsonString()} is none of the possible types");
        }
        else if (schema["type"] is { } type && !HasType(node, (string)type!))
        {
            errors.Add($"{path}: {node?.ToJsonString() ?? "null"} is not of type {type}");
        }
        else if (node is JsonObject map && (string?)schema["type"] == "object")
        {
            CheckMap(map, schema, path, errors);
        }
        else if (node is JsonArray list && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < list.Count; i++)
                Check(list[i], items, $"{path}[{i}]", errors);
        }

        if (schema["enum"] is JsonArray values && !values.Any(value => JsonNode.DeepEquals(value, node)))
            errors.Add($"{path}: {node?.ToJsonString()} is not one of {values.ToJsonString()}");
    }

    private void CheckMap(JsonObject map, JsonObject schema, string path, List<string> errors)
    {
        var properties = schema["properties"]?.AsObject();
        foreach (var (key, value) in map)
        {
            if (properties?[key] is JsonObject property)
                Check(value, property, $"{path}.{key}", errors);
            else if (schema["additionalProperties"] is JsonObject additional)
                Check(value, additional, $"{path}.{key}", errors);
            else
                errors.Add($"{path}.{key} is not known");
        }

        foreach (var required in schema["required"]?.AsArray() ?? [])
            if (!map.ContainsKey((string)required!))
                errors.Add($"{path}.{required} is missing");
    }

    private static bool HasType(JsonNode? node, string? type) => (type, node?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => long.TryParse(node!.ToJsonString(), out _),
        _ => false,
    };
}
