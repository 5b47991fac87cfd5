using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Pods;

/// <summary>Numbers of stored objects: they may have come over HTTP (JSON text) or from a controller (an int or a long).</summary>
internal static class JsonNumber
{
    public static long? AsLong(this JsonNode? node) => node is not JsonValue value ? null
        : value.TryGetValue(out long number) ? number
        : value.TryGetValue(out int small) ? small
        : null;

    public static int? AsInt(this JsonNode? node) => (int?)node.AsLong();
}
