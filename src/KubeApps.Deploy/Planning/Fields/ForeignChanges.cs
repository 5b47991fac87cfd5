using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>A field of ours that another manager has written since.</summary>
internal sealed record ForeignChange(string Path, FieldWriter Writer, JsonNode? Applied, JsonNode? Live)
{
    /// <summary>Whether other pods run than those that were deployed.</summary>
    public bool ConcernsPods => FieldPath.IsWithin(Path, "spec.template");

    /// <inheritdoc/>
    public override string ToString() => $"{Path} {Text(Applied)} → {Text(Live)} (by {Writer.Manager})";

    private static string Text(JsonNode? value) => value is null ? "(nothing)" : value is JsonValue single ? single.ToString() : value.ToJsonString();
}

/// <summary>What others did to an object since we applied it, as its <c>managedFields</c> tell. Pure.</summary>
internal static class ForeignChanges
{
    /// <param name="applied">As the server stored it for us.</param>
    /// <param name="live">As it stands.</param>
    public static IReadOnlyList<ForeignChange> Of(JsonObject applied, JsonObject live)
    {
        // What changes no generation and no owner is a status.
        if ((string?)applied["metadata"]?["resourceVersion"] == (string?)live["metadata"]?["resourceVersion"])
            return [];
        var ours = FieldOwners.OursOf(applied);
        return
        [
            .. from field in FieldDiff.Of(applied, live)
               where ours.Any(path => FieldPath.IsWithin(path, field.Path) || FieldPath.IsWithin(field.Path, path))
               let writer = FieldOwners.WriterOf(live, field.Path)
               where writer is not null && !writer.Manager.StartsWith(KubeClient.FieldManager, StringComparison.Ordinal)
               select new ForeignChange(field.Path, writer, field.Old, field.New),
        ];
    }
}
