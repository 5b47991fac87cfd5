using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Patches;

/// <summary>JSON merge patch, RFC 7386.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var result = target is JsonObject map ? (JsonObject)map.DeepClone() : [];
        foreach (var (key, value) in changes)
        {
            if (value is null)
                result.Remove(key);
            else
                result[key] = Apply(result[key], value);
        }

        return result;
    }
}
