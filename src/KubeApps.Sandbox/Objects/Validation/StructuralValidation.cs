using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>Custom objects against the schema of their definition, and definitions against the rules for schemas.</summary>
internal static class StructuralValidation
{
    public static void Object(JsonObject value, SchemaType type, Problems problems)
    {
        foreach (var (name, field) in type.Fields)
            if (field.Required && !value.ContainsKey(name))
                problems.Required(name);
        foreach (var (name, child) in value)
            if (name != "metadata" && type.Field(name) is { } field)
                Check(name, child, field.Type, problems);
    }

    public static void Definition(JsonObject value, Problems problems)
    {
        var spec = value["spec"] as JsonObject ?? [];
        var names = spec["names"] as JsonObject ?? [];
        var group = Json.Text(spec["group"]) ?? "";
        var plural = Json.Text(names["plural"]) ?? "";
        if (Json.Text(value["metadata"]?["name"]) is { Length: > 0 } name && name != $"{plural}.{group}")
            problems.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        if (group.Length == 0)
            problems.Required("spec.group");
        else if (!group.Contains('.'))
            problems.Invalid("spec.group", group, "should be a domain with at least one dot");
        else
            problems.Invalid("spec.group", group, Names.Subdomain(group));
        problems.OneOf("spec.scope", spec["scope"], "Cluster", "Namespaced");
        foreach (var part in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            if (Json.Text(names[part]) is not { Length: > 0 } text)
                problems.Required($"spec.names.{part}");
            else
                problems.Invalid($"spec.names.{part}", text, Names.Label1035(text.ToLowerInvariant()));
        }

        var versions = spec["versions"] as JsonArray ?? [];
        var stored = 0;
        for (var index = 0; index < versions.Count; index++)
        {
            var version = versions[index] as JsonObject ?? [];
            stored += Json.Boolean(version["storage"]) == true ? 1 : 0;
            var label = Json.Text(version["name"]) ?? "";
            problems.Invalid($"spec.versions[{index}].name", label, Names.Label1035(label));
            if (version["schema"]?["openAPIV3Schema"] is not JsonObject schema)
                problems.Required($"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required");
            else
                Schema($"spec.versions[{index}].schema.openAPIV3Schema", schema, root: true, problems);
        }

        if (stored != 1)
            problems.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
    }

    private static void Schema(string at, JsonObject schema, bool root, Problems problems)
    {
        var free = Json.Boolean(schema["x-kubernetes-int-or-string"]) == true || Json.Boolean(schema["x-kubernetes-preserve-unknown-fields"]) == true;
        var kind = Json.Text(schema["type"]) ?? "";
        if (kind.Length == 0 && (root || !free))
            problems.Required($"{at}.type", root ? "must not be empty at the root" : "must not be empty for specified object fields");
        else if (root && kind != "object")
            problems.Invalid($"{at}.type", kind, "must be object at the root");
        else if (kind.Length > 0 && kind is not ("object" or "array" or "string" or "integer" or "number" or "boolean"))
            problems.Add(FieldError.NotSupported($"{at}.type", kind, "array", "boolean", "integer", "number", "object", "string"));
        if (Json.Text(schema["pattern"]) is { } pattern)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            }
            catch (Exception error) when (error is ArgumentException or NotSupportedException)
            {
                problems.Invalid($"{at}.pattern", pattern, $"must be a valid regular expression, but isn't: {error.Message}");
            }
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
            if (property is JsonObject child)
                Schema($"{at}.properties[{name}]", child, root: false, problems);
        if (schema["items"] is JsonObject items)
            Schema($"{at}.items", items, root: false, problems);
        else if (kind == "array")
            problems.Required($"{at}.items", "must be specified");
        if (schema["additionalProperties"] is JsonObject additional)
            Schema($"{at}.additionalProperties", additional, root: false, problems);
    }

    private static void Check(string at, JsonNode? value, SchemaType type, Problems problems)
    {
        if (type.Rules is not { } rules || (value is null && rules.Nullable))
            return;
        if (!HasType(value, type))
        {
            problems.Add(FieldError.TypeInvalid(at, $"\"{KindOf(value)}\"",
                $"{at} in body must be of type {(type.Kind == SchemaKind.IntOrString ? "integer,string" : rules.Type)}: \"{KindOf(value)}\""));
            return;
        }

        switch (value)
        {
            case JsonObject map:
                Map(at, map, type, rules, problems);
                break;
            case JsonArray list:
                List(at, list, type, rules, problems);
                break;
            case JsonValue text when Json.Text(text) is { } content:
                Text(at, content, rules, problems);
                break;
            case JsonValue number when Json.IsNumber(number):
                Number(at, number, rules, problems);
                break;
        }

        if (rules.Enum is { } allowed && !allowed.Any(candidate => Json.Equal(candidate, value)))
            problems.Add(FieldError.NotSupported(at, value, allowed.Select(candidate => Json.Text(candidate) ?? FieldError.Show(candidate))));
    }

    private static void Map(string at, JsonObject map, SchemaType type, StructuralRules rules, Problems problems)
    {
        if (map.Count < rules.MinProperties)
            problems.Invalid(at, map.Count, Format($"{at} in body should have at least {rules.MinProperties} properties"));
        if (map.Count > rules.MaxProperties)
            problems.Add(TooMany(at, map.Count, rules.MaxProperties.Value));
        foreach (var (name, field) in type.Fields)
            if (field.Required && !map.ContainsKey(name))
                problems.Required($"{at}.{name}");
        foreach (var (name, child) in map)
            Check($"{at}.{name}", child, type.Child(name), problems);
    }

    private static void List(string at, JsonArray list, SchemaType type, StructuralRules rules, Problems problems)
    {
        if (list.Count < rules.MinItems)
            problems.Invalid(at, list.Count, Format($"{at} in body should have at least {rules.MinItems} items"));
        if (list.Count > rules.MaxItems)
            problems.Add(TooMany(at, list.Count, rules.MaxItems.Value));
        if (rules.UniqueItems && list.Index().Any(item => list.Take(item.Index).Any(earlier => Json.Equal(earlier, item.Item))))
            problems.Invalid(at, list, $"{at} in body shouldn't contain duplicates");
        var seen = new List<JsonNode?>();
        for (var index = 0; index < list.Count; index++)
        {
            Check($"{at}[{index}]", list[index], type.Items, problems);
            var key = type.Relation switch
            {
                ListRelation.Map => new JsonObject(type.ListKeys.Select(name => KeyValuePair.Create(name, list[index]?[name]?.DeepClone()))),
                ListRelation.Set => list[index],
                _ => null,
            };
            if (key is null)
                continue;
            if (seen.Any(earlier => Json.Equal(earlier, key)))
                problems.Duplicate($"{at}[{index}]", key);
            seen.Add(key);
        }
    }

    private static void Text(string at, string text, StructuralRules rules, Problems problems)
    {
        var length = new StringInfo(text).LengthInTextElements;
        if (length < rules.MinLength)
            problems.Invalid(at, text, Format($"{at} in body should be at least {rules.MinLength} chars long"));
        if (length > rules.MaxLength)
            problems.Add(FieldError.TooLong(at, (int)rules.MaxLength.Value));
        if (rules.Pattern is { } pattern && !pattern.IsMatch(text))
            problems.Invalid(at, text, $"{at} in body should match '{pattern}'");
        if (rules.Format is "date-time" && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            problems.Invalid(at, text, $"{at} in body must be of type date-time: \"{text}\"");
    }

    private static void Number(string at, JsonValue value, StructuralRules rules, Problems problems)
    {
        var number = Json.ToDouble(value);
        if (rules.Minimum is { } least && (rules.ExclusiveMinimum ? number <= least : number < least))
            problems.Invalid(at, value, Format($"{at} in body should be greater than {(rules.ExclusiveMinimum ? "" : "or equal to ")}{least}"));
        if (rules.Maximum is { } most && (rules.ExclusiveMaximum ? number >= most : number > most))
            problems.Invalid(at, value, Format($"{at} in body should be less than {(rules.ExclusiveMaximum ? "" : "or equal to ")}{most}"));
        if (rules.MultipleOf is { } step && step != 0 && Math.Abs(Math.IEEERemainder(number, step)) > 1e-9)
            problems.Invalid(at, value, Format($"{at} in body should be a multiple of {step}"));
    }

    private static bool HasType(JsonNode? value, SchemaType type) => type.Kind switch
    {
        SchemaKind.Struct or SchemaKind.Map => value is JsonObject,
        SchemaKind.List => value is JsonArray,
        SchemaKind.String => Json.IsString(value),
        SchemaKind.Integer => value is JsonValue whole && Json.IsNumber(value) && Json.ToDouble(whole) % 1 == 0,
        SchemaKind.Number => Json.IsNumber(value),
        SchemaKind.Boolean => Json.Boolean(value) is not null,
        SchemaKind.IntOrString => Json.IsString(value) || Json.TryInteger(value, out _),
        _ => true,
    };

    private static string KindOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => Json.TryInteger(value, out _) ? "integer" : "number",
        _ => "boolean",
    };

    private static FieldError TooMany(string at, int count, long limit) => new(at, "FieldValueTooMany",
        Format($"Too many: {count}: must have at most {limit} {(limit == 1 ? "item" : "items")}"));

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
