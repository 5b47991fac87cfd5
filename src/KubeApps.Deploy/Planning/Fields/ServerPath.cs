using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>
/// A place in an object as the API server writes it in its refusals, <c>.spec.template.spec.containers[name="web"].image</c>, turned into the
/// <see cref="FieldPath"/> of the same place. The server does not quote names: which dots belong to one, only the object itself says.
/// </summary>
internal static class ServerPath
{
    /// <param name="field">What the server wrote.</param>
    /// <param name="content">An object that has the place.</param>
    /// <returns>The path; where the object does not have the place, as far as it goes, and the rest as the server wrote it.</returns>
    public static string ToFieldPath(string field, JsonObject content)
    {
        var (rest, path, name) = (field, FieldPath.Root, FieldPath.Root);
        JsonNode? node = content;
        while (rest.Length > 0)
        {
            if (rest[0] == '[' && node is JsonArray list && EndOf(rest) is > 0 and var end && Find(list, name, rest[1..end]) is var (index, key))
            {
                (path, node, rest) = (FieldPath.Item(path, key), list[index], rest[(end + 1)..]);
                continue;
            }

            var after = rest.TrimStart('.');
            if (node is not JsonObject map || Longest(map, after) is not { } child)
                return rest[0] == '[' || path.Length == 0 ? path + after : $"{path}.{after}";
            (path, name, node, rest) = (FieldPath.Child(path, child), child, map[child], after[child.Length..]);
        }

        return path;
    }

    private static string? Longest(JsonObject map, string text) => map.Select(item => item.Key)
        .Where(name => text.StartsWith(name, StringComparison.Ordinal) && (text.Length == name.Length || text[name.Length] is '.' or '['))
        .MaxBy(name => name.Length);

    // Where the item's key ends: a bracket in quotes is a part of a value.
    private static int EndOf(string text)
    {
        var isQuoted = false;
        for (var index = 1; index < text.Length; index++)
            switch (text[index])
            {
                case '\\' when isQuoted:
                    index++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ']' when !isQuoted:
                    return index;
            }

        return -1;
    }

    private static (int Index, string Key)? Find(JsonArray list, string field, string selector)
    {
        var texts = ListKeys.Of(field, list)?[0];
        if (int.TryParse(selector, out var place))
            return place >= 0 && place < list.Count ? (place, texts?[place] ?? selector) : null;
        var isValue = selector.StartsWith('=');
        if (Parse(isValue ? "value" + selector : selector) is not { } keys)
            return null;
        for (var index = 0; index < list.Count; index++)
            if (isValue ? JsonNode.DeepEquals(list[index], keys["value"])
                : list[index] is JsonObject item && keys.All(key => JsonNode.DeepEquals(item[key.Key] ?? DefaultOf(key.Key), key.Value)))
                return (index, texts?[index] ?? $"{index}");
        return null;
    }

    // The only key of a list that may be left out.
    private static JsonNode? DefaultOf(string key) => key == "protocol" ? "TCP" : null;

    // port=80,protocol="TCP": JSON but for the braces, the quotes of names, and what stands between.
    private static JsonObject? Parse(string selector)
    {
        var keys = new JsonObject();
        var rest = selector;
        try
        {
            while (rest.Length > 0)
            {
                var equals = rest.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0)
                    return null;
                var end = equals + 1;
                for (var isQuoted = false; end < rest.Length && (isQuoted || rest[end] != ','); end++)
                    if (rest[end] == '\\' && isQuoted)
                        end++;
                    else if (rest[end] == '"')
                        isQuoted = !isQuoted;
                end = Math.Min(end, rest.Length);
                keys[rest[..equals]] = JsonNode.Parse(rest[(equals + 1)..end]);
                rest = end == rest.Length ? "" : rest[(end + 1)..];
            }

            return keys;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
