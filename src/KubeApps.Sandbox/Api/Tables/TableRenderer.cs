using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>Objects as the rows that <c>kubectl get</c> shows.</summary>
internal static class TableRenderer
{
    private static readonly ConcurrentDictionary<ResourceType, IReadOnlyList<TableColumn>> BuiltIn = [];

    public static JsonObject Render(
        ServedResource served, string? includeObject, IEnumerable<JsonObject> items, JsonObject metadata, DateTimeOffset now, ObjectStore store)
    {
        var columns = served.IsCustom ? CustomColumns.Of(served, store) : BuiltIn.GetOrAdd(served.Type, BuiltInColumns.Of);
        var rows = new JsonArray();
        foreach (var item in items)
        {
            var cells = new JsonArray();
            foreach (var column in columns)
                cells.Add(column.Cell(item, now));
            var row = new JsonObject { ["cells"] = cells };
            switch (includeObject)
            {
                case "None":
                    break;
                case "Object":
                    row["object"] = item.DeepClone();
                    break;
                default:
                    row["object"] = MetadataOf(item);
                    break;
            }

            rows.Add(row);
        }

        var definitions = new JsonArray();
        foreach (var column in columns)
        {
            definitions.Add(new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["format"] = column.Format,
                ["description"] = column.Field is null ? column.Description : SchemaDescriptions.Of(served.Type, column.Field),
                ["priority"] = column.Priority,
            });
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = definitions,
            ["rows"] = rows,
        };
    }

    /// <summary>The metadata alone.</summary>
    public static JsonObject MetadataOf(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };

    public static string Text(JsonNode? node) => node?.GetValueKind() switch
    {
        null => "",
        JsonValueKind.String => (string)node!,
        _ => node.ToJsonString(),
    };
}
