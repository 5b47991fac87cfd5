using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>
/// What identifies an item of a list, as the API declares it (<c>x-kubernetes-list-map-keys</c>); lists that the API treats as a whole are matched
/// by an obvious key, too, as long as it is unique: a person thinks of "the container web", not of "the second container".
/// </summary>
internal static class ListKeys
{
    private static readonly Dictionary<string, string[][]> Known = new(StringComparer.Ordinal)
    {
        ["ports"] = [["containerPort", "protocol"], ["port", "protocol"]],
        ["volumeMounts"] = [["mountPath"]],
        ["volumeDevices"] = [["devicePath"]],
        ["hostAliases"] = [["ip"]],
        ["topologySpreadConstraints"] = [["topologyKey", "whenUnsatisfiable"]],
        ["ownerReferences"] = [["uid"]],
        ["conditions"] = [["type"]],
        ["subjects"] = [["kind", "namespace", "name"]],
        ["items"] = [["key"]],
    };

    private static readonly string[][] Name = [["name"]];

    /// <summary>The texts that identify the items of lists with one key, list by list; null where items are only known by their place.</summary>
    public static IReadOnlyList<IReadOnlyList<string>>? Of(string field, params ReadOnlySpan<JsonArray> lists)
    {
        foreach (var fields in Known.GetValueOrDefault(field, Name))
        {
            var keys = new List<IReadOnlyList<string>>();
            foreach (var list in lists)
                if (Keys(fields, list) is { } found)
                    keys.Add(found);
            if (keys.Count == lists.Length)
                return keys;
        }

        return null;
    }

    private static List<string>? Keys(string[] fields, JsonArray list)
    {
        var keys = new List<string>();
        foreach (var item in list)
        {
            if (item is not JsonObject map || Text(map[fields[0]]) is null)
                return null;
            // A port without a protocol is TCP.
            keys.Add(string.Join('/', fields.Select(field => Text(map[field]) ?? (field == "protocol" ? "TCP" : null)).OfType<string>()));
        }

        return keys.Distinct(StringComparer.Ordinal).Count() == keys.Count ? keys : null;
    }

    private static string? Text(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => (string?)value,
        JsonValueKind.Number => value.ToJsonString(),
        _ => null,
    };
}
