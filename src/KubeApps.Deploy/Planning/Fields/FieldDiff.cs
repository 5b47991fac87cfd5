using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

internal enum FieldChangeKind
{
    Added,
    Removed,
    Changed,
}

/// <summary>One field and what becomes of it. A hidden one never carries its values, nor anything that is made of them.</summary>
/// <param name="Path">See <see cref="FieldPath"/>.</param>
/// <param name="Kind">Whether it is new, gone, or another.</param>
/// <param name="Old">What stands; null where nothing does.</param>
/// <param name="New">What will stand; null where nothing will.</param>
/// <param name="IsHidden">Whether the values are none of a reader's business.</param>
internal sealed record FieldChange(string Path, FieldChangeKind Kind, JsonNode? Old, JsonNode? New, bool IsHidden = false)
{
    /// <summary>Whether the items of a list are the same, but in another order: the values are their keys.</summary>
    public bool IsOrder { get; init; }
}

/// <summary>
/// From what stands and what the server would store to the fields that differ. Only what a person or the server's defaults decide counts; lists
/// whose items have a key are compared by it. Everything of a Secret is hidden.
/// </summary>
internal static class FieldDiff
{
    /// <param name="live">What stands.</param>
    /// <param name="wanted">What would stand.</param>
    /// <param name="names">Whether the two have different names on purpose: then neither their names nor their labels are compared.</param>
    public static IReadOnlyList<FieldChange> Of(JsonObject live, JsonObject wanted, bool names = true)
    {
        if (ReferenceEquals(live, wanted))
            return [];
        var changes = new List<FieldChange>();
        var isSecret = (string?)live["kind"] == "Secret" || (string?)wanted["kind"] == "Secret";
        Compare(FieldPath.Root, FieldPath.Root, Decided(live, names), Decided(wanted, names), isSecret, changes);
        return changes;
    }

    private static JsonObject Decided(JsonObject content, bool names)
    {
        var decided = LiveComparison.Decided(content);
        if (!names)
            decided.Remove("metadata");
        if (decided["metadata"] is JsonObject metadata)
            foreach (var field in (string[])["ours", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
                metadata.Remove(field);
        // What kubectl keeps for itself of a whole object.
        if (decided["metadata"]?["annotations"] is JsonObject annotations && annotations.Remove("kubectl.kubernetes.io/last-applied-configuration") && annotations.Count == 0)
            decided["metadata"]!.AsObject().Remove("annotations");
        return decided;
    }

    private static void Compare(string path, string field, JsonNode? old, JsonNode? wanted, bool isSecret, List<FieldChange> changes)
    {
        if (JsonNode.DeepEquals(old, wanted))
            return;
        switch (old, wanted)
        {
            case (JsonObject or null, JsonObject or null) when isSecret || (old is not null && wanted is not null):
                // A Secret's keys are told one by one, because nothing of a whole may be shown.
                var (oldMap, newMap) = (old as JsonObject ?? [], wanted as JsonObject ?? []);
                foreach (var name in oldMap.Select(item => item.Key).Union(newMap.Select(item => item.Key)))
                    Compare(FieldPath.Child(path, name), name, oldMap[name], newMap[name], isSecret, changes);
                break;
            case (JsonArray oldList, JsonArray newList) when oldList.Concat(newList).All(item => item is JsonObject):
                CompareLists(path, field, oldList, newList, isSecret, changes);
                break;
            default:
                var kind = old is null ? FieldChangeKind.Added : wanted is null ? FieldChangeKind.Removed : FieldChangeKind.Changed;
                changes.Add(isSecret ? new FieldChange(path, kind, null, null, true) : new FieldChange(path, kind, old?.DeepClone(), wanted?.DeepClone()));
                break;
        }
    }

    private static void CompareLists(string path, string field, JsonArray old, JsonArray wanted, bool isSecret, List<FieldChange> changes)
    {
        if (ListKeys.Of(field, old, wanted) is not [var oldKeys, var newKeys])
        {
            CompareByPlace(path, field, old, wanted, isSecret, changes);
            return;
        }

        foreach (var key in oldKeys.Union(newKeys))
            Compare(FieldPath.Item(path, key), field, ItemOf(old, oldKeys, key), ItemOf(wanted, newKeys, key), isSecret, changes);
        // The order of variables and of init containers has a meaning.
        var (oldOrder, newOrder) = (oldKeys.Where(newKeys.Contains).ToList(), newKeys.Where(oldKeys.Contains).ToList());
        if (!oldOrder.SequenceEqual(newOrder))
            changes.Add(new FieldChange(path, FieldChangeKind.Changed, Texts(isSecret ? [] : oldOrder), Texts(isSecret ? [] : newOrder), isSecret) { IsOrder = true });
    }

    // Only what lies between the equal beginning and the equal end: an item that is put in does not make all behind it differ.
    private static void CompareByPlace(string path, string field, JsonArray old, JsonArray wanted, bool isSecret, List<FieldChange> changes)
    {
        var start = 0;
        while (start < Math.Min(old.Count, wanted.Count) && JsonNode.DeepEquals(old[start], wanted[start]))
            start++;
        var end = 0;
        while (end < Math.Min(old.Count, wanted.Count) - start && JsonNode.DeepEquals(old[^(end + 1)], wanted[^(end + 1)]))
            end++;
        var (oldCount, newCount) = (old.Count - start - end, wanted.Count - start - end);
        for (var index = 0; index < Math.Max(oldCount, newCount); index++)
            Compare(
                FieldPath.Item(path, $"{start + index}"), field, index < oldCount ? old[start + index] : null, index < newCount ? wanted[start + index] : null, isSecret,
                changes);
    }

    private static JsonNode? ItemOf(JsonArray list, IReadOnlyList<string> keys, string key)
    {
        for (var index = 0; index < keys.Count; index++)
            if (keys[index] == key)
                return list[index];
        return null;
    }

    private static JsonArray? Texts(List<string> texts) => texts.Count == 0 ? null : [.. texts.Select(text => (JsonNode)text)];
}
