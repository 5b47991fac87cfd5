using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Patches;

/// <summary>
/// Strategic merge patch: a merge patch in which lists merge by the keys of the schema, with directives (<c>$patch</c>,
/// <c>$retainKeys</c>, <c>$setElementOrder/…</c>, <c>$deleteFromPrimitiveList/…</c>).
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetElementOrder = "$setElementOrder/";
    private const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <exception cref="PatchFailedException" />
    public static JsonObject Apply(JsonObject target, JsonObject patch, SchemaType type) =>
        MergeMap((JsonObject)target.DeepClone(), (JsonObject)patch.DeepClone(), type);

    private static JsonObject MergeMap(JsonObject original, JsonObject patch, SchemaType type)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            patch.Remove(Directive);
            return Json.Text(directive) switch
            {
                "replace" => (JsonObject)WithoutDirectives(patch)!,
                "delete" => [],
                "merge" => MergeMap(original, patch, type),
                var other => throw new PatchFailedException($"unknown patch type: {other} in map: {FieldError.Show(patch)}"),
            };
        }

        MergeOrdered(original, patch, type);
        if (patch[RetainKeys] is { } retained)
        {
            Retain(original, patch, retained);
            patch.Remove(RetainKeys);
        }

        foreach (var (name, value) in patch.ToList())
        {
            var deletes = name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal);
            var key = deletes ? name[DeleteFromPrimitiveList.Length..] : name;
            if (deletes && value is not JsonArray)
                throw new PatchFailedException("Bad patch format for primitive list, expected a list of primitives", badRequest: true);
            if (value is null)
            {
                original.Remove(key);
                continue;
            }

            if (!original.TryGetPropertyValue(key, out var current) || current is null)
            {
                if (!deletes)
                    original[key] = WithoutDirectives(value);
                continue;
            }

            var field = type.Field(key);
            var strategies = (field?.PatchStrategy ?? "").Split(',');
            var child = type.Child(key);
            original[key] = (current, value) switch
            {
                (JsonObject left, JsonObject right) when strategies.Contains("replace") => WithoutDirectives(right.DeepClone()),
                (JsonObject left, JsonObject right) => MergeMap((JsonObject)left.DeepClone(), (JsonObject)right.DeepClone(), child),
                (JsonArray left, JsonArray right) when deletes => Without(left, right),
                (JsonArray left, JsonArray right) when strategies.Contains("merge") => MergeList(left, right, field?.PatchMergeKey, child),
                _ when deletes => current.DeepClone(),
                _ => WithoutDirectives(value.DeepClone()),
            };
        }

        return original;
    }

    /// <summary>Carries out <c>$setElementOrder</c>: merges those lists here, and puts their items into the order that was asked for.</summary>
    private static void MergeOrdered(JsonObject original, JsonObject patch, SchemaType type)
    {
        foreach (var (name, value) in patch.ToList())
        {
            if (!name.StartsWith(SetElementOrder, StringComparison.Ordinal))
                continue;
            var order = value as JsonArray ?? throw new PatchFailedException("invalid format of the $setElementOrder list", badRequest: true);
            patch.Remove(name);
            var key = name[SetElementOrder.Length..];
            var field = type.Field(key);
            var mergeKey = field?.PatchMergeKey;
            var current = original[key] as JsonArray;
            var changes = patch[key] as JsonArray;
            if (current is null && changes is null)
                continue;
            var merged = (current, changes) switch
            {
                (not null, not null) => MergeList(current, changes, mergeKey, type.Child(key)),
                (not null, _) => (JsonArray)current.DeepClone(),
                _ => MergeList([], changes!, mergeKey, type.Child(key)),
            };
            original[key] = InOrder(merged, order, current ?? [], mergeKey);
            patch.Remove(key);
        }
    }

    private static void Retain(JsonObject original, JsonObject patch, JsonNode retained)
    {
        var keys = (retained as JsonArray ?? throw new PatchFailedException("invalid patch format of retainKeys", badRequest: true))
            .Select(key => Json.Text(key) ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in patch)
            if (value is not null && !key.StartsWith('$') && !keys.Contains(key))
                throw new PatchFailedException("patch contains fields not in retainKeys");
        foreach (var key in original.Select(pair => pair.Key).Where(key => !keys.Contains(key)).ToList())
            original.Remove(key);
    }

    private static JsonArray MergeList(JsonArray original, JsonArray patch, string? mergeKey, SchemaType list)
    {
        if (original.Concat(patch).All(item => item is not JsonObject))
        {
            var values = new List<JsonNode?>();
            foreach (var item in original.Concat(patch))
                if (!values.Any(known => Json.Equal(known, item)))
                    values.Add(item);
            return InOrder(new JsonArray([.. values.Select(value => value?.DeepClone())]), patch, original, null);
        }

        if (mergeKey is null)
            throw new PatchFailedException($"cannot merge lists without merge key for {list.GoName}");
        var merged = original.Select(item => item!.DeepClone()).ToList();
        var plain = new JsonArray();
        var replaces = false;
        foreach (var node in patch)
        {
            var item = node as JsonObject ?? throw new PatchFailedException("expected a map in a list of maps");
            switch (Json.Text(item[Directive]))
            {
                case null:
                    plain.Add(item.DeepClone());
                    break;
                case "delete":
                    if (item[mergeKey] is not { } gone)
                        throw new PatchFailedException("delete patch type with no merge key defined");
                    merged.RemoveAll(candidate => Json.Equal(candidate[mergeKey], gone));
                    break;
                case "replace":
                    replaces = true;
                    break;
                case var other:
                    throw new PatchFailedException(other == "merge" ? "merging lists cannot yet be specified in the patch" : $"unknown patch type: {other}");
            }
        }

        if (replaces)
            return plain;
        var before = new JsonArray([.. merged.Select(item => item.DeepClone())]);
        foreach (var node in plain)
        {
            var item = node!.AsObject();
            var value = item[mergeKey] ?? throw new PatchFailedException($"map: {FieldError.Show(item)} does not contain declared merge key: {mergeKey}");
            var index = merged.FindIndex(candidate => Json.Equal(candidate[mergeKey], value));
            if (index >= 0)
                merged[index] = MergeMap(merged[index].AsObject(), (JsonObject)item.DeepClone(), list.Items);
            else
                merged.Add(WithoutDirectives(item.DeepClone())!);
        }

        return InOrder(new JsonArray([.. merged]), plain, before, mergeKey);
    }

    /// <summary>
    /// Items that the patch names take its order; the others keep theirs, each before those patched items that it stood before.
    /// </summary>
    private static JsonArray InOrder(JsonArray merged, JsonArray patchOrder, JsonArray serverOrder, string? mergeKey)
    {
        var items = merged.Select(item => item?.DeepClone()).ToList();
        var patched = items.Where(item => Place(patchOrder, item) >= 0).OrderBy(item => Place(patchOrder, item)).ToList();
        var others = items.Where(item => Place(patchOrder, item) < 0).OrderBy(item => Place(serverOrder, item)).ToList();
        var result = new JsonArray();
        int left = 0, right = 0;
        while (left < others.Count || right < patched.Count)
        {
            var takeOther = right >= patched.Count;
            if (left < others.Count && right < patched.Count)
            {
                var (l, r) = (Place(serverOrder, others[left]), Place(serverOrder, patched[right]));
                takeOther = l >= 0 && r >= 0 && l < r;
            }

            result.Add(takeOther ? others[left++] : patched[right++]);
        }

        return result;

        int Place(JsonArray order, JsonNode? item)
        {
            for (var index = 0; index < order.Count; index++)
                if (mergeKey is null ? Json.Equal(order[index], item) : Json.Equal((order[index] as JsonObject)?[mergeKey], (item as JsonObject)?[mergeKey]))
                    return index;
            return -1;
        }
    }

    private static JsonArray Without(JsonArray list, JsonArray gone) =>
        new([.. list.Where(item => !gone.Any(value => Json.Equal(value, item))).Select(item => item?.DeepClone())]);

    /// <summary>A value that is new to the object: directives and nulls in it have nothing to act on.</summary>
    private static JsonNode? WithoutDirectives(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                var result = new JsonObject();
                foreach (var (key, child) in map)
                    if (child is not null && key is not (Directive or RetainKeys)
                        && !key.StartsWith(SetElementOrder, StringComparison.Ordinal) && !key.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
                        result[key] = WithoutDirectives(child);
                return result;
            case JsonArray list:
                return new JsonArray([.. list.Where(item => item is not JsonObject map || !map.ContainsKey(Directive)).Select(WithoutDirectives)]);
            default:
                return value?.DeepClone();
        }
    }
}
