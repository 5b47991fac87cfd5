using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>The columns of custom resources: those of the definition (<c>additionalPrinterColumns</c>), else the age.</summary>
internal static class CustomColumns
{
    private const string NameDescription =
        "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. "
        + "Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. "
        + "More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";

    private static readonly TableColumn Age = new("Age", (o, now) => HumanDuration.Since(o["metadata"]!["creationTimestamp"], now))
    {
        Type = "date",
        Description = "CustomResourceDefinition's creation time",
    };

    public static IReadOnlyList<TableColumn> Of(ServedResource served, ObjectStore store)
    {
        var columns = new List<TableColumn>
        {
            new("Name", (o, _) => (string?)o["metadata"]!["name"]) { Format = "name", Description = NameDescription },
        };
        var definition = store.Get(new ObjectKey(ResourceTypes.CustomResourceDefinition, null, $"{served.Type.Plural}.{served.Type.Group}"));
        var version = definition?["spec"]?["versions"]?.AsArray().FirstOrDefault(each => (string?)each!["name"] == served.Type.Version);
        if (version?["additionalPrinterColumns"] is not JsonArray { Count: > 0 } defined)
            return [.. columns, Age];
        foreach (var column in defined)
        {
            var path = JsonPath.Parse((string)column!["jsonPath"]!);
            var type = (string?)column["type"] ?? "string";
            columns.Add(new TableColumn((string)column["name"]!, (o, now) => Cell(path.Select(o), type, now))
            {
                Type = type,
                Format = (string?)column["format"] ?? "",
                Description = (string?)column["description"] ?? "",
                Priority = (int?)column["priority"] ?? 0,
            });
        }

        return columns;
    }

    private static JsonNode? Cell(IReadOnlyList<JsonNode?> found, string type, DateTimeOffset now)
    {
        if (found.Count == 0)
            return null;
        if (type == "date")
            return HumanDuration.Since(found[0], now);
        if (type is "integer" or "number" or "boolean" && found[0]?.GetValueKind() is not (JsonValueKind.Object or JsonValueKind.Array))
            return found[0]?.DeepClone();
        return found.Count == 1 ? TableRenderer.Text(found[0]) : string.Join(",", found.Select(TableRenderer.Text));
    }
}
