using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>Whether a configuration can be applied: server-side apply takes no field that the schema does not know.</summary>
internal static class AppliedConfiguration
{
    /// <summary>What is wrong, in the words of the real server; null if nothing is.</summary>
    public static string? Check(JsonObject value, SchemaType type)
    {
        var errors = new List<string>();
        Check(value, type, "", errors);
        return errors.Count switch
        {
            0 => null,
            1 => errors[0],
            _ => "errors:\n  " + string.Join("\n  ", errors),
        };
    }

    private static void Check(JsonNode? value, SchemaType type, string path, List<string> errors)
    {
        switch (type.Kind)
        {
            case SchemaKind.Any:
            case var _ when value is null:
                return;
            case SchemaKind.Struct or SchemaKind.Map when value is JsonObject map:
                foreach (var (key, child) in map)
                {
                    if (type.Kind == SchemaKind.Struct && type.Field(key) is null && !type.PreserveUnknownFields)
                        errors.Add($"{path}.{key}: field not declared in schema");
                    else
                        Check(child, type.Child(key), $"{path}.{key}", errors);
                }

                return;
            case SchemaKind.Struct or SchemaKind.Map:
                errors.Add($"{path}: expected map, got {FieldError.Show(value)}");
                return;
            case SchemaKind.List when value is JsonArray list:
                CheckItems(list, type, path, errors);
                return;
            case SchemaKind.List:
                errors.Add($"{path}: expected list, got {FieldError.Show(value)}");
                return;
            case SchemaKind.Integer or SchemaKind.Number when !Json.IsNumber(value):
                errors.Add($"{path}: expected numeric (int or float), got {GoType(value)}");
                return;
            case SchemaKind.Boolean when Json.Boolean(value) is null:
                errors.Add($"{path}: expected boolean, got {FieldError.Show(value)}");
                return;
            case SchemaKind.String or SchemaKind.Time or SchemaKind.MicroTime or SchemaKind.Bytes when !Json.IsString(value):
                errors.Add($"{path}: expected string, got {FieldError.Show(value)}");
                return;
        }
    }

    private static void CheckItems(JsonArray list, SchemaType type, string path, List<string> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < list.Count; index++)
        {
            var at = $"{path}[{index}]";
            if (type.Relation != ListRelation.Atomic)
            {
                if (MissingKey(type, list[index]) is { } missing)
                {
                    errors.Add($"{path}: element {index}: associative list with keys has an element that omits key field \"{missing}\" (and doesn't have default value)");
                    continue;
                }

                var step = Typed.Step(type, list[index]);
                if (!seen.Add(step))
                    errors.Add($"{path}: duplicate entries for key {ShowKey(step)}");
                at = path + ShowKey(step);
            }

            Check(list[index], type.Items, at, errors);
        }
    }

    private static string GoType(JsonNode value) => value switch
    {
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ when Json.IsString(value) => "string",
        _ => "bool",
    };

    private static string ShowKey(string step)
    {
        var set = new FieldSet();
        set.Add([step]);
        return set.Paths().First();
    }

    private static string? MissingKey(SchemaType list, JsonNode? item)
    {
        if (list.Relation != ListRelation.Map)
            return null;
        foreach (var key in list.ListKeys)
            if ((item as JsonObject)?[key] is null && list.Items.Field(key)?.Default is null)
                return key;
        return null;
    }
}
