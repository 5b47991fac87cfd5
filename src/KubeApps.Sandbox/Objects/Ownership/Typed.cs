using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>The fields in which two versions of an object differ.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed);

/// <summary>
/// Objects seen as sets of fields, as the schema divides them: structs and maps field by field, lists by key or value, and what is atomic
/// as one. Follows kubernetes-sigs/structured-merge-diff.
/// </summary>
internal static class Typed
{
    /// <summary>Stands for "not there" where null means JSON null.</summary>
    private static readonly JsonNode Absent = JsonValue.Create("absent")!;

    /// <summary>The fields that an object has.</summary>
    public static FieldSet Fields(JsonObject value, SchemaType type)
    {
        var set = new FieldSet();
        Collect(value, type, [], set);
        return set;
    }

    private static void Collect(JsonNode? value, SchemaType type, List<string> path, FieldSet into)
    {
        switch (ShapeOf(type, value))
        {
            case Shape.Leaf:
                Add(into, path);
                break;
            case Shape.Map when value is JsonObject map:
                foreach (var (key, child) in map)
                {
                    path.Add("f:" + key);
                    Collect(child, type.Child(key), path, into);
                    if (child is null or JsonObject { Count: 0 } || type.Kind == SchemaKind.Map || type.Field(key) is null)
                        Add(into, path);
                    path.RemoveAt(path.Count - 1);
                }

                break;
            case Shape.List when value is JsonArray list:
                var steps = list.Select(item => Step(type, item)).ToList();
                for (var index = 0; index < list.Count; index++)
                {
                    path.Add(steps[index]);
                    if (steps.IndexOf(steps[index]) == steps.LastIndexOf(steps[index]))
                        Collect(list[index], type.Items, path, into);
                    Add(into, path);
                    path.RemoveAt(path.Count - 1);
                }

                break;
        }
    }

    /// <summary>What differs between two versions.</summary>
    public static Comparison Compare(JsonObject before, JsonObject after, SchemaType type)
    {
        var comparison = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        Compare(before, after, type, [], comparison);
        return comparison;
    }

    private static void Compare(JsonNode? before, JsonNode? after, SchemaType type, List<string> path, Comparison into)
    {
        if (before is not null && ReferenceEquals(before, after))
            return;
        var there = ReferenceEquals(before, Absent) ? ReferenceEquals(after, Absent) ? null : after : ReferenceEquals(after, Absent) ? before : after ?? before;
        var shape = ShapeOf(type, there);
        var bothEmpty = shape switch
        {
            Shape.Map => before is not JsonObject { Count: > 0 } && after is not JsonObject { Count: > 0 },
            Shape.List => before is not JsonArray { Count: > 0 } && after is not JsonArray { Count: > 0 },
            _ => true,
        };
        if (shape == Shape.Leaf || bothEmpty)
        {
            if (ReferenceEquals(before, Absent))
                Add(into.Added, path);
            else if (ReferenceEquals(after, Absent))
                Add(into.Removed, path);
            else if (!Json.Equal(before, after))
                Add(into.Modified, path);
            return;
        }

        if (shape == Shape.Map)
            CompareMaps(before as JsonObject, after as JsonObject, type, path, into);
        else
            CompareLists(before as JsonArray, after as JsonArray, type, path, into);

        if (ReferenceEquals(before, Absent))
            Add(into.Added, path);
        else if (ReferenceEquals(after, Absent))
            Add(into.Removed, path);
    }

    private static void CompareMaps(JsonObject? before, JsonObject? after, SchemaType type, List<string> path, Comparison into)
    {
        foreach (var (key, value) in before ?? [])
        {
            path.Add("f:" + key);
            Compare(value, after is not null && after.TryGetPropertyValue(key, out var other) ? other : Absent, type.Child(key), path, into);
            path.RemoveAt(path.Count - 1);
        }

        foreach (var (key, value) in after ?? [])
        {
            if (before is not null && before.ContainsKey(key))
                continue;
            path.Add("f:" + key);
            Compare(Absent, value, type.Child(key), path, into);
            path.RemoveAt(path.Count - 1);
        }
    }

    private static void CompareLists(JsonArray? before, JsonArray? after, SchemaType type, List<string> path, Comparison into)
    {
        var old = Index(before, type, out var order);
        var current = Index(after, type, out var added);
        foreach (var step in order.Concat(added.Where(step => !old.ContainsKey(step))))
        {
            path.Add(step);
            var left = old.GetValueOrDefault(step) ?? [];
            var right = current.GetValueOrDefault(step) ?? [];
            if (left.Count <= 1 && right.Count <= 1)
            {
                Compare(left.Count == 0 ? Absent : left[0], right.Count == 0 ? Absent : right[0], type.Items, path, into);
            }
            else if (left.Count >= 2 && right.Count >= 2)
            {
                if (left.Count != right.Count || left.Zip(right).Any(pair => !Json.Equal(pair.First, pair.Second)))
                    Add(into.Modified, path);
            }
            else if (left.Count >= 2)
            {
                if (right.Count == 1)
                    Compare(Absent, right[0], type.Items, path, into);
                Add(into.Removed, path);
            }
            else
            {
                if (left.Count == 1)
                    Compare(left[0], Absent, type.Items, path, into);
                Add(into.Added, path);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    /// <summary><paramref name="live"/> with everything that <paramref name="applied"/> says put in.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject applied, SchemaType type) =>
        Merge((JsonNode)live, applied, type) as JsonObject ?? [];

    /// <returns><see cref="Absent"/> if nothing is left.</returns>
    private static JsonNode? Merge(JsonNode? live, JsonNode? applied, SchemaType type)
    {
        if (ReferenceEquals(applied, Absent))
            return Copy(live);
        if (ReferenceEquals(live, Absent))
            return Copy(applied);
        var shape = ShapeOf(type, applied ?? live);
        switch (shape)
        {
            case Shape.Map when live is JsonObject { Count: > 0 } || applied is JsonObject { Count: > 0 }:
                var map = new JsonObject();
                foreach (var (key, value) in live as JsonObject ?? [])
                {
                    var merged = Merge(value, applied is JsonObject right && right.TryGetPropertyValue(key, out var other) ? other : Absent, type.Child(key));
                    if (!ReferenceEquals(merged, Absent))
                        map[key] = merged;
                }

                foreach (var (key, value) in applied as JsonObject ?? [])
                {
                    if (live is JsonObject left && left.ContainsKey(key))
                        continue;
                    map[key] = Copy(value);
                }

                return map.Count > 0 ? map : Absent;
            case Shape.List when live is JsonArray { Count: > 0 } || applied is JsonArray { Count: > 0 }:
                var list = MergeLists(live as JsonArray ?? [], applied as JsonArray ?? [], type);
                return list.Count > 0 ? list : Absent;
            default:
                return Copy(applied);
        }
    }

    /// <summary>Items keep the order of the applied list; items of the live list only keep their place among their neighbours.</summary>
    private static JsonArray MergeLists(JsonArray live, JsonArray applied, SchemaType type)
    {
        var result = new JsonArray();
        var liveSteps = live.Select(item => Step(type, item)).ToList();
        var appliedSteps = applied.Select(item => Step(type, item)).ToList();
        var inLive = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var index = 0; index < live.Count; index++)
            inLive[liveSteps[index]] = inLive.ContainsKey(liveSteps[index]) ? Absent : live[index];
        var inApplied = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        for (var index = 0; index < applied.Count; index++)
            inApplied[appliedSteps[index]] = applied[index];

        var shared = new Queue<string>(appliedSteps.Where(inLive.ContainsKey));
        var next = shared.Count > 0 ? shared.Dequeue() : null;
        var done = new HashSet<string>(StringComparer.Ordinal);
        int l = 0, r = 0;
        while (l < live.Count || r < applied.Count)
        {
            if (l < live.Count && r < applied.Count)
            {
                var step = liveSteps[l];
                if (step == appliedSteps[r])
                {
                    done.Add(step);
                    Put(step);
                    l++;
                    r++;
                    next = shared.Count > 0 ? shared.Dequeue() : null;
                    continue;
                }

                if (inApplied.ContainsKey(step) && next is not null && next != step)
                {
                    l++;
                    continue;
                }
            }

            if (l < live.Count)
            {
                var step = liveSteps[l];
                if (!inApplied.ContainsKey(step))
                {
                    result.Add(Copy(live[l]));
                    l++;
                    continue;
                }

                if (done.Contains(step))
                    l++;
            }

            if (r < applied.Count)
            {
                var step = appliedSteps[r];
                done.Add(step);
                Put(step);
                r++;
                if (next == step)
                    next = shared.Count > 0 ? shared.Dequeue() : null;
            }
        }

        return result;

        void Put(string step)
        {
            var merged = Merge(inLive.TryGetValue(step, out var old) ? old : Absent, inApplied[step], type.Items);
            if (!ReferenceEquals(merged, Absent))
                result.Add(merged);
        }
    }

    /// <summary>The object without the fields of a set.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet fields, SchemaType type) => Remove((JsonNode)value, fields, type) as JsonObject ?? [];

    private static JsonNode? Remove(JsonNode? value, FieldSet fields, SchemaType type)
    {
        switch (ShapeOf(type, value))
        {
            case Shape.Map when value is JsonObject map:
                var kept = new JsonObject();
                foreach (var (key, child) in map)
                {
                    var below = fields.Child("f:" + key);
                    if (below is { IsMember: true })
                        continue;
                    kept[key] = below is null || below.IsEmpty ? Copy(child) : Remove(child, below, type.Child(key));
                }

                return kept.Count > 0 ? kept : null;
            case Shape.List when value is JsonArray list:
                var items = new JsonArray();
                foreach (var item in list)
                {
                    var below = fields.Child(Step(type, item));
                    if (below is { IsMember: true })
                        continue;
                    items.Add(below is null || below.IsEmpty ? Copy(item) : Remove(item, below, type.Items));
                }

                return items.Count > 0 ? items : null;
            // An atomic value of which something below is to go cannot be taken apart.
            case Shape.Leaf when value is JsonObject or JsonArray:
                return null;
            default:
                return Copy(value);
        }
    }

    private enum Shape
    {
        Leaf,
        Map,
        List,
    }

    private static Shape ShapeOf(SchemaType type, JsonNode? value) => type.Kind switch
    {
        SchemaKind.Struct or SchemaKind.Map => type.Atomic || value is not (null or JsonObject) ? Shape.Leaf : Shape.Map,
        SchemaKind.List => type.Relation == ListRelation.Atomic || value is not (null or JsonArray) ? Shape.Leaf : Shape.List,
        // Nothing is known: objects are divided, lists are not.
        SchemaKind.Any => value is JsonObject ? Shape.Map : Shape.Leaf,
        _ => Shape.Leaf,
    };

    /// <summary>What tells an item of a list apart: its keys (absent ones with their default), or its value.</summary>
    public static string Step(SchemaType list, JsonNode? item)
    {
        if (list.Relation == ListRelation.Set || item is not JsonObject map)
            return "v:" + FieldError.Show(item);
        var text = new StringBuilder("k:{");
        foreach (var key in list.ListKeys.Order(StringComparer.Ordinal))
        {
            if (text.Length > 3)
                text.Append(',');
            text.Append('"').Append(key).Append("\":").Append(FieldError.Show(map[key] ?? list.Items.Field(key)?.Default));
        }

        return text.Append('}').ToString();
    }

    private static Dictionary<string, List<JsonNode?>> Index(JsonArray? list, SchemaType type, out List<string> order)
    {
        var found = new Dictionary<string, List<JsonNode?>>(StringComparer.Ordinal);
        order = [];
        foreach (var item in list ?? [])
        {
            var step = Step(type, item);
            if (!found.TryGetValue(step, out var same))
            {
                found[step] = same = [];
                order.Add(step);
            }

            same.Add(item);
        }

        return found;
    }

    private static JsonNode? Copy(JsonNode? node) => ReferenceEquals(node, Absent) ? Absent : node?.DeepClone();

    private static void Add(FieldSet set, List<string> path) => set.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(path));
}
