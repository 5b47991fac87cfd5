using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>
/// What an apply would make of an object, as far as that can be told without the server: what we set is set, what we set before and do not any
/// more is gone, and what others set stays. The server's defaults for new fields, its admission and its validation are not in it.
/// </summary>
internal static class LocalApply
{
    private const string Resources = "resources";

    public static JsonObject Estimate(JsonObject? live, JsonObject content)
    {
        if (live is null)
            return (JsonObject)content.DeepClone();
        var result = (JsonObject)live.DeepClone();
        var ours = FieldOwners.OursOf(live);
        var wanted = FieldTree.Of(content);
        Remove(result, null, FieldPath.Root, FieldPath.Root, path => ours.Contains(path) && !wanted.ContainsKey(path));
        Merge(result, content, FieldPath.Root, ours);
        return result;
    }

    /// <summary>
    /// What becomes of an object whose fields were others' until they became ours: what the server would store of it as things are, without
    /// what was theirs and is not wanted.
    /// </summary>
    /// <param name="stored">What the server would store beside what they have written.</param>
    /// <param name="content">What is wanted.</param>
    /// <param name="alone">What the server would store of that alone: its defaults take the place of what goes.</param>
    /// <param name="theirs">The fields that were theirs.</param>
    public static JsonObject Migrate(JsonObject stored, JsonObject content, JsonObject alone, IReadOnlySet<string> theirs)
    {
        var result = (JsonObject)stored.DeepClone();
        var wanted = FieldTree.Of(content);
        Remove(result, alone, FieldPath.Root, FieldPath.Root, path => theirs.Contains(path) && !wanted.ContainsKey(path));
        return result;
    }

    // An item or a map that only we had things in goes with the last of them.
    private static void Remove(JsonNode node, JsonNode? defaults, string path, string field, Func<string, bool> isGone)
    {
        if (node is JsonObject map)
        {
            foreach (var (name, value) in map.ToList())
            {
                var child = FieldPath.Child(path, name);
                var other = defaults is JsonObject known ? known[name] : null;
                if (value is null)
                    continue;
                if (isGone(child) && other is not null)
                    map[name] = other.DeepClone();
                else if (isGone(child))
                    map.Remove(name);
                else if (HadSomething(value))
                {
                    Remove(value, other, child, name, isGone);
                    // What a container needs is there, whatever is in it.
                    if (!HadSomething(value) && name != Resources)
                        map.Remove(name);
                }
            }
        }
        else if (node is JsonArray list && ListKeys.Of(field, list)?[0] is { } keys)
        {
            for (var index = list.Count - 1; index >= 0; index--)
            {
                var item = FieldPath.Item(path, keys[index]);
                var before = FieldTree.Of((JsonObject)list[index]!).Count;
                Remove(list[index]!, ItemOf(defaults, field, keys[index]), item, field, isGone);
                if (list[index] is JsonObject { Count: 0 } || (before > 0 && KeyIsGone(list[index]!, keys[index], field)))
                    list.RemoveAt(index);
            }
        }
    }

    private static JsonNode? ItemOf(JsonNode? list, string field, string key) =>
        list is JsonArray items && ListKeys.Of(field, items)?[0].IndexOf(key) is >= 0 and var index ? items[index] : null;

    private static bool HadSomething(JsonNode value) => value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 };

    // Its key was ours and is not wanted any more: the item itself is.
    private static bool KeyIsGone(JsonNode item, string key, string field) => ListKeys.Of(field, [item.DeepClone()])?[0][0] != key;

    private static void Merge(JsonObject target, JsonObject content, string path, IReadOnlySet<string> ours)
    {
        foreach (var (name, value) in content)
        {
            // The server keeps no empty lists.
            if (value is null || (value is JsonArray { Count: 0 } && target[name] is null))
                continue;
            var child = FieldPath.Child(path, name);
            // A map that is ours as a whole is one that the API treats as a whole.
            if (value is JsonObject wanted && target[name] is JsonObject stands && !ours.Contains(child))
                Merge(stands, wanted, child, ours);
            else if (value is JsonArray items && target[name] is JsonArray list && ListKeys.Of(name, list, items) is [var oldKeys, var newKeys] && !ours.Contains(child))
                MergeItems(list, oldKeys, items, newKeys, child, ours);
            else if (!IsSameAmount(child, target[name], value))
                target[name] = value.DeepClone();
        }
    }

    // The server writes amounts in its own way: 1 for 1000m.
    private static bool IsSameAmount(string path, JsonNode? stands, JsonNode wanted) =>
        path.Contains($".{Resources}.", StringComparison.Ordinal) && stands is JsonValue && wanted is JsonValue
        && QuantityRules.Parse(stands.ToString()) is { } amount && amount == QuantityRules.Parse(wanted.ToString());

    private static void MergeItems(JsonArray list, IReadOnlyList<string> oldKeys, JsonArray items, IReadOnlyList<string> newKeys, string path, IReadOnlySet<string> ours)
    {
        for (var index = 0; index < items.Count; index++)
        {
            var place = oldKeys.IndexOf(newKeys[index]);
            if (place >= 0 && list[place] is JsonObject stands)
                Merge(stands, (JsonObject)items[index]!, FieldPath.Item(path, newKeys[index]), ours);
            else
                list.Add(items[index]!.DeepClone());
        }
    }

    private static int IndexOf(this IReadOnlyList<string> keys, string key)
    {
        for (var index = 0; index < keys.Count; index++)
            if (keys[index] == key)
                return index;
        return -1;
    }
}
