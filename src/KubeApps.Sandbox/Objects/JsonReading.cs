using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// Reads JSON the way the API server does: of a key that is there twice the last one counts, and the fact is noted.
/// </summary>
internal static class JsonReading
{
    private const int MaxDepth = 512;

    /// <exception cref="FormatException">With the reason in Go's words.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> body, List<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var path = new List<string>();
            var node = ReadValue(ref reader, path, duplicates);
            if (reader.Read())
                throw new FormatException("invalid character after top-level value");
            return node;
        }
        catch (JsonException error)
        {
            throw new FormatException(Reason(body, error), error);
        }
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, List<string> path, List<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JsonObject();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    path.Add(path.Count == 0 ? name : "." + name);
                    if (map.ContainsKey(name))
                        duplicates?.Add(string.Concat(path));
                    reader.Read();
                    map[name] = ReadValue(ref reader, path, duplicates);
                    path.RemoveAt(path.Count - 1);
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    path.Add($"[{list.Count}]");
                    list.Add(ReadValue(ref reader, path, duplicates));
                    path.RemoveAt(path.Count - 1);
                }

                return list;
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Number when reader.TryGetInt64(out var whole):
                return Json.Number(whole);
            case JsonTokenType.Number:
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
            case JsonTokenType.True:
                return JsonValue.Create(true);
            case JsonTokenType.False:
                return JsonValue.Create(false);
            default:
                return null;
        }
    }

    private static string Reason(ReadOnlySpan<byte> body, JsonException error)
    {
        var line = error.LineNumber ?? 0;
        var offset = 0;
        while (line-- > 0)
            offset += body[offset..].IndexOf((byte)'\n') + 1;
        offset += (int)(error.BytePositionInLine ?? 0);
        if (offset >= body.Length)
            return "unexpected end of JSON input";
        Rune.DecodeFromUtf8(body[offset..], out var rune, out _);
        return $"invalid character '{rune}' looking for beginning of value";
    }
}
