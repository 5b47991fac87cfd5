using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>
/// Keeps the books of who manages which field: server-side apply, and the managers of plain writes. The algorithm is that of
/// kubernetes-sigs/structured-merge-diff and of apimachinery's managedfields.
/// </summary>
internal static class FieldManager
{
    private static readonly FieldSet Stripped = SetOf(
        ["f:apiVersion"], ["f:kind"], ["f:metadata"], ["f:metadata", "f:name"], ["f:metadata", "f:namespace"], ["f:metadata", "f:creationTimestamp"],
        ["f:metadata", "f:selfLink"], ["f:metadata", "f:uid"], ["f:metadata", "f:clusterName"], ["f:metadata", "f:generation"],
        ["f:metadata", "f:managedFields"], ["f:metadata", "f:resourceVersion"]);

    /// <summary>Fields that a manager lost to the one that applies, with the manager's description and in the order of the messages.</summary>
    internal sealed record Conflict(string Manager, FieldSet Fields);

    internal sealed class ConflictException(IReadOnlyList<Conflict> conflicts) : Exception
    {
        public IReadOnlyList<Conflict> Conflicts { get; } = conflicts;
    }

    /// <summary>
    /// <paramref name="after"/> with managedFields brought up to date for a write by <paramref name="writer"/>.
    /// <paramref name="ignored"/> are the fields that such a write cannot change.
    /// </summary>
    public static JsonObject Update(JsonObject? before, JsonObject after, SchemaType type, string apiVersion, Writer writer, FieldSet ignored)
    {
        var result = (JsonObject)after.DeepClone();
        var managed = RequestedOrLive(before, result, writer.Subresource is not null);
        (result["metadata"] as JsonObject)?.Remove("managedFields");
        if (managed.Entries.Count == 0 && before?["metadata"]?["uid"] is not null)
        {
            // Somebody took the books away: an object that is there is not tracked again until it is applied.
            managed.WriteTo(result);
            return result;
        }

        var live = Bare(before, type);
        var comparison = TakeFromOthers(managed, live, result, type, apiVersion, applying: null, force: true, ignored);
        var own = comparison.Modified.Union(comparison.Added).ExceptBelow(ignored).Except(Stripped);
        if (!own.IsEmpty)
        {
            var key = KeyOf(writer, ManagedFields.UpdateOperation, apiVersion);
            var previous = managed.Entries.TryGetValue(key, out var entry) ? entry.Fields : FieldSet.Empty;
            // What is written through the scale subresource carries no time: that is lost on the way from the Scale to its object.
            managed.Entries[key] = new ManagerEntry(own.Union(previous), writer.Subresource == "scale" ? null : ManagedFields.Time(writer.Now));
        }

        managed.Cap();
        managed.WriteTo(result);
        return result;
    }

    /// <summary>Server-side apply of a configuration that was checked against the schema.</summary>
    /// <returns>
    /// The object with its managedFields, and whether anything but those changed: then nulls and defaults are the caller's to take care of.
    /// </returns>
    /// <exception cref="ConflictException" />
    public static (JsonObject Result, bool Changed) Apply(JsonObject? before, JsonObject applied, SchemaType type, string apiVersion, Writer writer, bool force, FieldSet ignored)
    {
        var managed = ManagedFields.Of(before);
        var live = Bare(before, type);
        if (managed.Entries.Count == 0 && before is not null)
        {
            var all = Typed.Compare(Bare(null, type), live, type).Added.ExceptBelow(ignored).Except(Stripped);
            if (!all.IsEmpty)
                managed.Entries[KeyOf(writer with { Manager = "before-first-apply" }, ManagedFields.UpdateOperation, apiVersion)] = new ManagerEntry(all, ManagedFields.Time(writer.Now));
        }

        var key = KeyOf(writer, ManagedFields.ApplyOperation, apiVersion);
        var last = managed.Entries.TryGetValue(key, out var lastEntry) ? lastEntry : null;
        var merged = Typed.Merge(live, applied, type);
        var set = Typed.Fields(applied, type).ExceptBelow(ignored);
        managed.Entries[key] = new ManagerEntry(set, last?.Time);
        var pruned = Prune(merged, managed, type, last?.Fields, set);
        TakeFromOthers(managed, live, pruned, type, apiVersion, key, force, ignored);

        var changed = !Json.Equal(live, pruned);
        if (managed.Entries.TryGetValue(key, out var own))
        {
            var kept = own.Fields.Except(Stripped);
            if (kept.IsEmpty)
                managed.Entries.Remove(key);
            else
                managed.Entries[key] = new ManagerEntry(kept, changed ? ManagedFields.Time(writer.Now) : own.Time);
        }

        var result = changed ? pruned : live;
        managed.WriteTo(result);
        return (result, changed);
    }

    /// <summary>A write that changed nothing but times in managedFields changed nothing.</summary>
    public static JsonObject KeepTimesIfUnchanged(JsonObject? before, JsonObject after)
    {
        if (before?["metadata"] is not JsonObject old || after["metadata"] is not JsonObject metadata
            || old["managedFields"] is not JsonArray entries || metadata["managedFields"] is not JsonArray current || entries.Count != current.Count
            || !entries.Zip(current).All(pair => pair is (JsonObject left, JsonObject right) && Json.EqualBut("time", left, right))
            || Json.Equal(entries, current) || !Json.EqualBut("metadata", before, after))
            return after;
        var (oldMeta, newMeta) = (Shallow(old), Shallow(metadata));
        if (oldMeta.Count != newMeta.Count || !oldMeta.All(pair => newMeta.TryGetValue(pair.Key, out var value) && Json.Equal(pair.Value, value)))
            return after;
        var result = (JsonObject)after.DeepClone();
        result["metadata"]!["managedFields"] = entries.DeepClone();
        return result;

        static Dictionary<string, JsonNode?> Shallow(JsonObject map) =>
            map.Where(pair => pair.Key is not ("managedFields" or "resourceVersion")).ToDictionary(StringComparer.Ordinal);
    }

    public static FieldSet SetOf(params ReadOnlySpan<string[]> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
            set.Add(path);
        return set;
    }

    private static ManagedFields RequestedOrLive(JsonObject? before, JsonObject after, bool subresource)
    {
        if (!subresource && after["metadata"]?["managedFields"] is JsonArray requested)
        {
            if (requested.Count == 0 || (requested.Count == 1 && requested[0] is JsonObject { Count: 0 }))
                return new ManagedFields();
            var managed = ManagedFields.Of(after);
            if (managed.Entries.Count > 0)
                return managed;
        }

        return ManagedFields.Of(before);
    }

    /// <summary>Takes changed and removed fields from all managers but the one that applies.</summary>
    private static Comparison TakeFromOthers(
        ManagedFields managed, JsonObject before, JsonObject after, SchemaType type, string apiVersion, ManagerKey? applying, bool force, FieldSet ignored)
    {
        var all = Typed.Compare(before, after, type);
        var seen = new Comparison(all.Added.ExceptBelow(ignored), all.Modified.ExceptBelow(ignored), all.Removed.ExceptBelow(ignored));
        var touched = seen.Modified.Union(seen.Added);
        var conflicts = new Dictionary<ManagerKey, FieldSet>();
        foreach (var (key, entry) in managed.Entries)
        {
            if (key == applying || key.ApiVersion != apiVersion)
                continue;
            var lost = entry.Fields.Intersect(touched);
            if (!lost.IsEmpty)
                conflicts[key] = lost;
        }

        if (!force && conflicts.Count > 0)
            throw new ConflictException([.. conflicts
                .OrderBy(pair => Identify(pair.Key), StringComparer.Ordinal)
                .Select(pair => new Conflict(Describe(pair.Key), pair.Value))]);

        foreach (var (key, entry) in managed.Entries.ToList())
        {
            if (key.ApiVersion == apiVersion && key != applying)
            {
                var kept = conflicts.TryGetValue(key, out var lost) ? entry.Fields.Except(lost) : entry.Fields;
                managed.Entries[key] = entry with { Fields = kept.Except(seen.Removed) };
            }

            if (managed.Entries[key].Fields.IsEmpty)
                managed.Entries.Remove(key);
        }

        return all;
    }

    /// <summary>Takes out what this manager applied before and no longer does, unless somebody else manages it too.</summary>
    private static JsonObject Prune(JsonObject merged, ManagedFields managed, SchemaType type, FieldSet? last, FieldSet applied)
    {
        // Nothing to do as well if all of it is applied again, which is the usual case.
        if (last is null || last.Except(applied).IsEmpty)
            return merged;
        var lastFields = last.WithNamedFields(type);
        var pruned = Typed.Remove(merged, lastFields, type);

        // Back in: what anybody (this configuration included) manages now.
        var owned = managed.Entries.Values.Aggregate(FieldSet.Empty, (set, entry) => set.Union(entry.Fields)).WithNamedFields(type);
        var mergedFields = Typed.Fields(merged, type).WithNamedFields(type);
        pruned = Typed.Remove(merged, mergedFields.Except(Typed.Fields(pruned, type).WithNamedFields(type).Union(owned)), type);

        // And what was not applied by this manager at all, but went with something that was.
        return Typed.Remove(merged, mergedFields.Except(Typed.Fields(pruned, type).WithNamedFields(type)).Intersect(lastFields), type);
    }

    private static ManagerKey KeyOf(Writer writer, string operation, string apiVersion) =>
        new(writer.Manager.Length == 0 ? "unknown" : writer.Manager, operation, apiVersion, writer.Subresource ?? "");

    private static string Identify(ManagerKey key) => $"{key.Manager}\n{key.Operation}\n{key.ApiVersion}\n{key.Subresource}";

    private static string Describe(ManagerKey key)
    {
        var subresource = key.Subresource.Length > 0 ? $" with subresource \"{key.Subresource}\"" : "";
        var version = key.Operation == ManagedFields.UpdateOperation ? $" using {key.ApiVersion}" : "";
        return $"\"{key.Manager}\"{subresource}{version}";
    }

    /// <summary>An object without its books; of one that is not there yet, what the server's type is before anything is set.</summary>
    private static JsonObject Bare(JsonObject? value, SchemaType type)
    {
        if (value is null)
            return type.Rules is null ? Decoding.Read([], type).Object : [];
        var bare = (JsonObject)value.DeepClone();
        (bare["metadata"] as JsonObject)?.Remove("managedFields");
        return bare;
    }
}
