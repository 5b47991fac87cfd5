using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>Who manages fields: one line of <c>metadata.managedFields</c>, without its fields and time.</summary>
internal sealed record ManagerKey(string Manager, string Operation, string ApiVersion, string Subresource);

/// <summary>The fields of one manager, and when it last changed one of them (null: never).</summary>
internal sealed record ManagerEntry(FieldSet Fields, string? Time);

/// <summary><c>metadata.managedFields</c>, read and written.</summary>
internal sealed class ManagedFields
{
    public const string ApplyOperation = "Apply";
    public const string UpdateOperation = "Update";

    private const string CollectiveManager = "ancient-changes";
    private const int MostUpdateManagers = 10;

    public Dictionary<ManagerKey, ManagerEntry> Entries { get; } = [];

    public static ManagedFields Of(JsonObject? value)
    {
        var result = new ManagedFields();
        if (value?["metadata"] is not JsonObject metadata || metadata["managedFields"] is not JsonArray entries)
            return result;
        foreach (var node in entries)
        {
            if (node is not JsonObject entry)
                continue;
            var key = new ManagerKey(
                Json.Text(entry["manager"]) ?? "", Json.Text(entry["operation"]) ?? "", Json.Text(entry["apiVersion"]) ?? "", Json.Text(entry["subresource"]) ?? "");
            var fields = FieldSet.FromFieldsV1(entry["fieldsV1"] as JsonObject);
            if (result.Entries.TryGetValue(key, out var same))
                fields = fields.Union(same.Fields);
            result.Entries[key] = new ManagerEntry(fields, Json.Text(entry["time"]));
        }

        return result;
    }

    /// <summary>
    /// Writes the entries into an object's metadata, in the server's order: applied ones first, then by time and name. Removes the field
    /// if nobody manages anything.
    /// </summary>
    public void WriteTo(JsonObject value)
    {
        var entries = new JsonArray();
        foreach (var (key, entry) in Entries
            .OrderBy(pair => pair.Key.Operation, StringComparer.Ordinal).ThenBy(pair => pair.Value.Time ?? "", StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Manager, StringComparer.Ordinal).ThenBy(pair => pair.Key.ApiVersion, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Subresource, StringComparer.Ordinal))
        {
            var line = new JsonObject { ["manager"] = key.Manager, ["operation"] = key.Operation, ["apiVersion"] = key.ApiVersion };
            if (entry.Time is not null)
                line["time"] = entry.Time;
            line["fieldsType"] = "FieldsV1";
            line["fieldsV1"] = entry.Fields.ToFieldsV1();
            if (key.Subresource.Length > 0)
                line["subresource"] = key.Subresource;
            entries.Add(line);
        }

        var metadata = value["metadata"] as JsonObject;
        if (entries.Count == 0)
        {
            metadata?.Remove("managedFields");
            return;
        }

        if (metadata is null)
            value["metadata"] = metadata = [];
        metadata["managedFields"] = entries;
    }

    /// <summary>Folds the oldest updates into one when there are too many of them.</summary>
    public void Cap()
    {
        var updates = Entries.Where(pair => pair.Key.Operation == UpdateOperation)
            .OrderBy(pair => pair.Value.Time ?? "", StringComparer.Ordinal).ThenBy(pair => pair.Key.Manager, StringComparer.Ordinal).ToList();
        var surplus = updates.Count - MostUpdateManagers;
        if (surplus <= 0)
            return;
        foreach (var (key, entry) in updates)
        {
            var collective = key with { Manager = CollectiveManager, Subresource = "" };
            if (key == collective)
                continue;
            Entries.Remove(key);
            var fields = entry.Fields;
            var adds = true;
            if (Entries.TryGetValue(collective, out var same))
            {
                fields = fields.Union(same.Fields);
                adds = false;
            }

            Entries[collective] = new ManagerEntry(fields, entry.Time);
            // The first one folded only changes its name; from then on each saves one line.
            if (!adds)
                surplus--;
            if (surplus <= 0)
                return;
        }
    }

    public static string Time(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
