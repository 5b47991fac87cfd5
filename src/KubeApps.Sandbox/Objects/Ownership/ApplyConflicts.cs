using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Ownership;

/// <summary>Conflicts as the Status that kubectl and the deploy engine read.</summary>
internal static class ApplyConflicts
{
    public static ApiStatusException ToStatus(IReadOnlyList<FieldManager.Conflict> conflicts)
    {
        var causes = new JsonArray();
        var lines = new List<string>();
        foreach (var conflict in conflicts)
        {
            lines.Add($"conflicts with {conflict.Manager}:");
            foreach (var path in conflict.Fields.Paths())
            {
                lines.Add($"- {path}");
                causes.Add(new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {conflict.Manager}", ["field"] = path });
            }
        }

        var message = causes.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {conflicts[0].Fields.Paths().First()}"
            : $"Apply failed with {causes.Count} conflicts: {string.Join('\n', lines)}";
        return ApiStatusException.ApplyConflict(message, causes);
    }
}
