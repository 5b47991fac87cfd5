using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>
/// What we applied of an object, as it stands: applied again with one value changed, it takes nothing back of the rest. Like client-go's Extract. Pure.
/// </summary>
internal static class AppliedFields
{
    /// <summary>The object as we would apply it; null where we never did, or only in another version of its kind.</summary>
    public static JsonObject? Of(JsonObject live)
    {
        var entry = Ownership.Entries(live).FirstOrDefault(item =>
            (string?)item["manager"] == KubeClient.FieldManager && (string?)item["operation"] == "Apply" && item["subresource"] is null);
        if (entry?["fieldsV1"] is not JsonObject fields || (string?)entry["apiVersion"] != (string?)live["apiVersion"] || Part(fields, live) is not JsonObject content)
            return null;
        var metadata = content["metadata"] as JsonObject ?? [];
        metadata["name"] = (string?)live["metadata"]!["name"];
        metadata["namespace"] = (string?)live["metadata"]!["namespace"];
        content["metadata"] = metadata;
        content["apiVersion"] = (string?)live["apiVersion"];
        content["kind"] = (string?)live["kind"];
        return content;
    }

    // A leaf is owned whole: a value, or a list or map that is one.
    private static JsonNode? Part(JsonObject fields, JsonNode? node) => (fields.Count, node) switch
    {
        (0, _) => node?.DeepClone(),
        (_, JsonObject map) => Fields(fields, map),
        (_, JsonArray list) => Items(fields, list),
        _ => node?.DeepClone(),
    };

    private static JsonObject Fields(JsonObject fields, JsonObject map)
    {
        var owned = new JsonObject();
        foreach (var (name, inner) in fields)
            if (name.StartsWith("f:", StringComparison.Ordinal) && inner is JsonObject next && map.TryGetPropertyValue(name[2..], out var value))
                owned[name[2..]] = Part(next, value);
        return owned;
    }

    // In the order in which they stand: that of the fields is by their names.
    private static JsonArray Items(JsonObject fields, JsonArray list)
    {
        var owned = new JsonArray();
        foreach (var item in list)
        {
            if (fields.FirstOrDefault(field => IsOf(field.Key, item)).Value is JsonObject inner)
                owned.Add(Part(inner, item));
        }

        return owned;
    }

    private static bool IsOf(string name, JsonNode? item) => name.Length > 2 && name[..2] switch
    {
        "k:" => item is JsonObject map && JsonNode.Parse(name[2..]) is JsonObject keys && keys.All(key => JsonNode.DeepEquals(map[key.Key], key.Value)),
        "v:" => JsonNode.DeepEquals(item, JsonNode.Parse(name[2..])),
        _ => false,
    };
}
