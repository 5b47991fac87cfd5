using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Rendering;

/// <summary>
/// Appends a hash of the content to the names of configurations and jobs: what cannot be changed in place gets a new name with every change, and
/// an old version keeps what it names.
/// </summary>
internal static class HashedNames
{
    public static void Apply(RenderContext context)
    {
        Dictionary<string, string> configs = new(StringComparer.Ordinal);
        foreach (var item in context.Objects.Where(item => item.Part is Config))
            configs[item.Name] = Rename(item.Content, item.Content["data"]);

        if (configs.Count > 0)
            foreach (var item in context.Objects)
                RewriteConfigReferences(item.Content, configs);

        // After the references to configurations: a job whose configuration changed is another job.
        foreach (var item in context.Objects.Where(item => item.Part is Job))
            Rename(item.Content, item.Content["spec"]);
    }

    private static string Rename(JsonObject item, JsonNode? content)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(content?.ToJsonString() ?? ""));
        var name = $"{(string?)item["metadata"]!["name"]}-{Convert.ToHexStringLower(hash)[..10]}";
        item["metadata"]!["name"] = name;
        return name;
    }

    /// <summary>
    /// Follows every way in which a pod can name a ConfigMap: <c>configMapKeyRef</c>, <c>configMapRef</c>, and <c>configMap</c> volumes.
    /// </summary>
    private static void RewriteConfigReferences(JsonNode? node, Dictionary<string, string> names)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (key is "configMapKeyRef" or "configMapRef" or "configMap" && value is JsonObject reference
                        && reference["name"] is JsonValue name && name.TryGetValue<string>(out var old) && names.TryGetValue(old, out var hashed))
                        reference["name"] = hashed;
                    else
                        RewriteConfigReferences(value, names);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                    RewriteConfigReferences(item, names);
                break;
        }
    }
}
