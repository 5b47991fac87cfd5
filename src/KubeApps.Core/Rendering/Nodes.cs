using System.Text.Json.Nodes;

namespace KubeApps.Rendering;

/// <summary>Short ways to write a manifest in code: what is null is left out, so that no empty field is ever rendered.</summary>
internal static class Nodes
{
    /// <summary>An object with those fields that have a value, in this order.</summary>
    public static JsonObject Object(params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var result = new JsonObject();
        foreach (var (name, value) in fields)
            if (value is not null)
                result.Add(name, value);
        return result;
    }

    /// <summary>The same, but null when no field has a value.</summary>
    public static JsonObject? ObjectOrNull(params ReadOnlySpan<(string Name, JsonNode? Value)> fields) =>
        Object(fields) is { Count: > 0 } result ? result : null;

    /// <summary>A list; null when it is empty.</summary>
    public static JsonArray? List<T>(IEnumerable<T> items, Func<T, JsonNode?> render)
    {
        JsonArray? result = null;
        foreach (var item in items)
            (result ??= []).Add(render(item));
        return result;
    }

    /// <summary>A list of texts; null when it is empty.</summary>
    public static JsonArray? List(IReadOnlyCollection<string> items) => List(items, static item => JsonValue.Create(item));

    /// <summary>A map of texts, sorted by key; null when it is empty.</summary>
    public static JsonObject? Map(IEnumerable<KeyValuePair<string, string>> items)
    {
        if (items.TryGetNonEnumeratedCount(out var count) && count == 0)
            return null;
        JsonObject? result = null;
        foreach (var (key, value) in items.OrderBy(static item => item.Key, StringComparer.Ordinal))
            (result ??= [])[key] = value;
        return result;
    }

    /// <summary>Whole seconds.</summary>
    public static int Seconds(TimeSpan duration) => (int)duration.TotalSeconds;

    /// <summary>The number, unless it is what Kubernetes takes anyway.</summary>
    public static JsonNode? Unless(int standard, int value) => value == standard ? null : value;
}
