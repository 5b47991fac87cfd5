using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>Values as Go prints them (<c>%v</c>): <c>map[spec:map[replicas:3]]</c>, <c>[a b]</c>.</summary>
internal static class GoValue
{
    public static string Show(JsonNode? value) => value switch
    {
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}:{Show(pair.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Show))}]",
        null => "<nil>",
        _ => Json.Text(value) ?? value.ToJsonString(),
    };
}
