using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Api;

/// <summary>
/// JSON as it is sent. Objects that hold long texts, an inventory of thousands of items above all, are written piece by piece: escaped as a whole, a text
/// takes six times its size, in buffers that stay.
/// </summary>
internal static class RequestBody
{
    private const int Piece = 4096;

    // Nobody reads it as HTML: what need not be escaped is not.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Of(JsonNode body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            Write(writer, body);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject content:
                writer.WriteStartObject();
                foreach (var (name, value) in content)
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValue value when value.TryGetValue<string>(out var text) && text.Length > Piece:
                for (var at = 0; at < text.Length; at += Piece)
                    writer.WriteStringValueSegment(text.AsSpan(at, Math.Min(Piece, text.Length - at)), at + Piece >= text.Length);
                break;
            case JsonValue value:
                value.WriteTo(writer);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
