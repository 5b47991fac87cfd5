using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>Who wrote a field, and when.</summary>
internal sealed record FieldWriter(string Manager, DateTimeOffset? At)
{
    /// <inheritdoc/>
    public override string ToString() =>
        At is { } at ? $"{Manager} at {KubeTime.Write(at)}" : Manager;
}

/// <summary>What an object's <c>managedFields</c> say: which fields belong to whom.</summary>
internal static class FieldOwners
{
    /// <summary>The fields that are ours: those that our field managers applied.</summary>
    public static IReadOnlySet<string> OursOf(JsonObject live) => Of(live, IsOurs);

    /// <summary>The fields of some managers: of those whose entries are meant.</summary>
    public static HashSet<string> Of(JsonObject live, Func<JsonObject, bool> isMeant) =>
        Ownership.Entries(live).Where(isMeant).SelectMany(entry => PathsOf(entry, live)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Who wrote a field last; where nobody owns it (it is gone), who wrote the object last.</summary>
    public static FieldWriter? WriterOf(JsonObject live, string path)
    {
        // What reports a status writes all the time, and decides nothing.
        var entries = Ownership.Entries(live).Where(entry => (string?)entry["subresource"] != "status").OrderByDescending(entry => KubeTime.Read(entry["time"])).ToList();
        var owner = entries.FirstOrDefault(entry => PathsOf(entry, live).Any(owned => FieldPath.IsWithin(owned, path) || FieldPath.IsWithin(path, owned)));
        return (owner ?? entries.FirstOrDefault()) is { } entry ? new FieldWriter((string?)entry["manager"] ?? "somebody", KubeTime.Read(entry["time"])) : null;
    }

    private static bool IsOurs(JsonObject entry) =>
        (string?)entry["operation"] == "Apply" && (string?)entry["manager"] is { } manager
        && (manager == KubeClient.FieldManager || manager.StartsWith(KubeClient.FieldManager + "-", StringComparison.Ordinal));

    private static List<string> PathsOf(JsonObject entry, JsonObject live)
    {
        var paths = new List<string>();
        if (entry["fieldsV1"] is JsonObject fields)
            Add(fields, FieldPath.Root, FieldPath.Root, live, paths);
        return paths;
    }

    // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ : f: a field, k: an item by its keys, v: an item of a
    // set, '.' the place itself. A leaf has nothing in it.
    private static void Add(JsonObject fields, string path, string field, JsonNode node, List<string> paths)
    {
        foreach (var (name, value) in fields)
        {
            if (value is not JsonObject inner || Step(name, path, field, node) is not { } next)
                continue;
            if (inner.Count == 0)
                paths.Add(next.Path);
            else
                Add(inner, next.Path, next.Field, next.Node, paths);
        }
    }

    private static (string Path, string Field, JsonNode Node)? Step(string name, string path, string field, JsonNode node)
    {
        if (name.StartsWith("f:", StringComparison.Ordinal) && node is JsonObject map && map[name[2..]] is { } child)
            return (FieldPath.Child(path, name[2..]), name[2..], child);
        if (!name.StartsWith("k:", StringComparison.Ordinal) || node is not JsonArray list || Parse(name[2..]) is not { } keys)
            return null;
        var texts = ListKeys.Of(field, list)?[0];
        for (var index = 0; index < list.Count; index++)
            if (list[index] is JsonObject item && keys.All(key => JsonNode.DeepEquals(item[key.Key], key.Value)))
                return (FieldPath.Item(path, texts?[index] ?? $"{index}"), field, item);
        return null;
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
