using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>A column of a table, and its cell of an object at a time.</summary>
internal sealed record TableColumn(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    public string Type { get; init; } = "string";

    public string Format { get; init; } = "";

    /// <summary>0 is always shown, 1 with <c>-o wide</c>.</summary>
    public int Priority { get; init; }

    /// <summary>Where the schema describes the column, from the object down; null if <see cref="Description"/> does.</summary>
    public string? Field { get; init; }

    public string Description { get; init; } = "";
}
