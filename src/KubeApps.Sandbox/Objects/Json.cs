using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>What is asked of JSON nodes everywhere here, whatever they are made of (parsed text or .NET numbers).</summary>
internal static class Json
{
    private static readonly JsonElement[] SmallNumbers = [.. Enumerable.Range(0, 512).Select(number => Element(number))];

    /// <summary>
    /// A whole number that can be read as any .NET number, as one that was parsed (a value made of a <see cref="long"/> cannot be read as
    /// <see cref="int"/>).
    /// </summary>
    public static JsonValue Number(long number) =>
        JsonValue.Create(number >= 0 && number < SmallNumbers.Length ? SmallNumbers[number] : Element(number))!;

    public static bool IsString(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String;

    public static bool IsNumber(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number;

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The number if it is a whole one that fits; <c>1.0</c> is not whole, as in Go.</summary>
    public static bool TryInteger(JsonNode? node, out long number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return false;
        if (value.TryGetValue(out number))
            return true;
        if (value.TryGetValue<int>(out var small))
        {
            number = small;
            return true;
        }

        return long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    public static long? Integer(JsonNode? node) => TryInteger(node, out var number) ? number : null;

    /// <summary>The same for what .NET counts in <see cref="int"/>s: what is larger reads as the largest.</summary>
    public static int? SmallInteger(JsonNode? node) => TryInteger(node, out var number) ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;

    public static bool? Boolean(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static double ToDouble(JsonValue value) =>
        TryInteger(value, out var whole) ? whole : double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public static JsonObject? Object(JsonNode? node, string first, params ReadOnlySpan<string> path)
    {
        var current = (node as JsonObject)?[first];
        foreach (var name in path)
            current = (current as JsonObject)?[name];
        return current as JsonObject;
    }

    /// <summary>Whether two objects are equal in all but one of their members.</summary>
    public static bool EqualBut(string ignored, JsonObject left, JsonObject right)
    {
        var same = 0;
        foreach (var (key, value) in left)
        {
            if (key == ignored)
                continue;
            if (!right.TryGetPropertyValue(key, out var other) || !Equal(value, other))
                return false;
            same++;
        }

        return same == right.Count - (right.ContainsKey(ignored) ? 1 : 0);
    }

    public static bool Equal(JsonNode? left, JsonNode? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (JsonObject a, JsonObject b):
                if (a.Count != b.Count)
                    return false;
                foreach (var (key, value) in a)
                    if (!b.TryGetPropertyValue(key, out var other) || !Equal(value, other))
                        return false;
                return true;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count)
                    return false;
                for (var index = 0; index < a.Count; index++)
                    if (!Equal(a[index], b[index]))
                        return false;
                return true;
            case (JsonValue a, JsonValue b):
                var kind = a.GetValueKind();
                if (kind != b.GetValueKind())
                    return false;
                return kind switch
                {
                    JsonValueKind.String => Text(a) is { } text ? text == Text(b) : (string)a! == (string)b!,
                    JsonValueKind.Number => TryInteger(a, out var x) && TryInteger(b, out var y) ? x == y : ToDouble(a) == ToDouble(b),
                    _ => true,
                };
            default:
                return false;
        }
    }

    private static JsonElement Element(long number)
    {
        Span<byte> text = stackalloc byte[20];
        number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        var reader = new Utf8JsonReader(text[..length]);
        return JsonElement.ParseValue(ref reader);
    }
}
