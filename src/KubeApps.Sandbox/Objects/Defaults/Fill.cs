using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Defaults;

/// <summary>The small steps of which defaulting is made; all work on the object itself.</summary>
internal static class Fill
{
    public static void Default(this JsonObject map, string key, string value)
    {
        if (map[key] is null)
            map[key] = value;
    }

    public static void Default(this JsonObject map, string key, long value)
    {
        if (map[key] is null)
            map[key] = Json.Number(value);
    }

    public static void Default(this JsonObject map, string key, bool value)
    {
        if (map[key] is null)
            map[key] = value;
    }

    /// <summary>The object below a key, made if it is not there.</summary>
    public static JsonObject Ensure(this JsonObject map, string key)
    {
        if (map[key] is JsonObject child)
            return child;
        child = [];
        map[key] = child;
        return child;
    }

    /// <summary>The objects of a list; none if there is no such list.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject map, string key) => (map[key] as JsonArray)?.OfType<JsonObject>() ?? [];
}
