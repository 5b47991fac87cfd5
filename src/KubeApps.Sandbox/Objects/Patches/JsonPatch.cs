using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Patches;

/// <summary>JSON patch, RFC 6902, with the array indices that the real server takes (<c>-</c>, and negative ones counted from the end).</summary>
internal static class JsonPatch
{
    /// <exception cref="FormatException">The patch is not a JSON patch.</exception>
    public static JsonArray Read(JsonNode? patch)
    {
        if (patch is not JsonArray operations)
            throw new FormatException("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        foreach (var operation in operations)
            if (operation is not JsonObject)
                throw new FormatException("json: cannot unmarshal array into Go value of type jsonpatch.Operation");
        return operations;
    }

    /// <exception cref="PatchFailedException">An operation cannot be carried out, or a test failed.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        // One level up, so that the whole document has a place like everything else.
        var root = new JsonObject { [""] = target.DeepClone() };
        foreach (var node in operations)
        {
            var operation = node!.AsObject();
            var path = Pointer(operation, "path");
            var value = operation["value"]?.DeepClone();
            switch (Json.Text(operation["op"]))
            {
                case "add":
                    Put(root, path, value, insert: true);
                    break;
                case "replace":
                    Find(root, path);
                    Put(root, path, value, insert: false);
                    break;
                case "remove":
                    Take(root, path);
                    break;
                case "move":
                    Put(root, path, Take(root, Pointer(operation, "from")), insert: true);
                    break;
                case "copy":
                    Put(root, path, Find(root, Pointer(operation, "from"))?.DeepClone(), insert: true);
                    break;
                case "test":
                    if (!Json.Equal(TryFind(root, path), value))
                        throw new PatchFailedException($"testing value {string.Join('/', path)} failed: test failed");
                    break;
                default:
                    throw new PatchFailedException($"Unexpected kind: {Json.Text(operation["op"])}");
            }
        }

        return root[""] as JsonObject ?? throw new PatchFailedException("the patched document is not an object");
    }

    private static List<string> Pointer(JsonObject operation, string name)
    {
        var text = Json.Text(operation[name]) ?? throw new PatchFailedException($"operation missing {name} field");
        if (text.Length > 0 && text[0] != '/')
            throw new PatchFailedException($"missing path: \"{text}\"");
        return [.. text.Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonObject root, List<string> path) => Find(root, path, out var found) is var node && found
        ? node
        : throw new PatchFailedException($"missing path: {string.Join('/', path)}");

    private static JsonNode? TryFind(JsonObject root, List<string> path) => Find(root, path, out _);

    private static JsonNode? Find(JsonObject root, List<string> path, out bool found)
    {
        JsonNode? node = root;
        foreach (var step in path)
        {
            switch (node)
            {
                case JsonObject map when map.TryGetPropertyValue(step, out var child):
                    node = child;
                    break;
                case JsonArray list when Index(step, list.Count, out var index) && index < list.Count:
                    node = list[index];
                    break;
                default:
                    found = false;
                    return null;
            }
        }

        found = true;
        return node;
    }

    private static void Put(JsonObject root, List<string> path, JsonNode? value, bool insert)
    {
        switch (Find(root, path[..^1]))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list when Index(path[^1], list.Count + (insert ? 1 : 0), out var index):
                if (insert)
                    list.Insert(index, value);
                else
                    list[index] = value;
                break;
            default:
                throw new PatchFailedException($"Unable to access invalid index: {path[^1]}");
        }
    }

    private static JsonNode? Take(JsonObject root, List<string> path)
    {
        var taken = Find(root, path);
        switch (Find(root, path[..^1]))
        {
            case JsonObject map:
                map.Remove(path[^1]);
                break;
            case JsonArray list when Index(path[^1], list.Count, out var index):
                list.RemoveAt(index);
                break;
        }

        return taken;
    }

    private static bool Index(string step, int count, out int index)
    {
        if (!int.TryParse(step, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index))
            return false;
        if (index < 0)
            index += count;
        return index >= 0 && index < count;
    }
}
