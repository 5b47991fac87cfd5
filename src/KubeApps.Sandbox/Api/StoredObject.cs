using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// One version of an object with its bytes, which are written once and sent as they are to whoever lists or watches. Kind and
/// apiVersion come first in them, so that the item of a typed list is a tail of the same bytes.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly byte[] _json;
    private readonly int _afterTypeMeta;

    public StoredObject(ObjectKey key, JsonObject value, long version)
    {
        Key = key;
        Version = version;
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Relaxed);
        writer.WriteStartObject();
        writer.WriteString("kind", key.Type.Kind);
        writer.WriteString("apiVersion", key.Type.ApiVersion);
        _afterTypeMeta = (int)(writer.BytesCommitted + writer.BytesPending);
        foreach (var (name, node) in value)
        {
            if (name is "kind" or "apiVersion")
                continue;
            writer.WritePropertyName(name);
            if (node is null)
                writer.WriteNullValue();
            else
                node.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        _json = buffer.WrittenSpan.ToArray();
        // Read back: whoever made the value (a client's JSON or a controller's C# numbers), readers meet the same kinds of nodes.
        Value = (JsonObject)JsonNode.Parse(_json)!;
    }

    public ObjectKey Key { get; }

    public JsonObject Value { get; }

    public long Version { get; }

    public ReadOnlySpan<byte> Json => _json;

    public static string VersionText(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes the object as an item of a typed list: without kind and apiVersion.</summary>
    public void WriteItem(IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        output.Write(_json.AsSpan(_afterTypeMeta + 1));
    }
}
