using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>Every place of an object by its path, leaves and what holds them.</summary>
internal static class FieldTree
{
    public static IReadOnlyDictionary<string, JsonNode> Of(JsonObject content)
    {
        var fields = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        Add(FieldPath.Root, FieldPath.Root, content, fields);
        return fields;
    }

    private static void Add(string path, string field, JsonNode node, Dictionary<string, JsonNode> fields)
    {
        if (path.Length > 0)
            fields[path] = node;
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map)
                if (value is not null)
                    Add(FieldPath.Child(path, name), name, value, fields);
        }
        else if (node is JsonArray list)
        {
            var keys = ListKeys.Of(field, list)?[0];
            for (var index = 0; index < list.Count; index++)
                if (list[index] is { } item)
                    Add(FieldPath.Item(path, keys?[index] ?? $"{index}"), field, item, fields);
        }
    }
}
