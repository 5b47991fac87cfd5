using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Bundles;

/// <summary>
/// An object as its text. It gets nodes where somebody looks into it, and those take ten times as much: what holds thousands of objects keeps them unread,
/// and gives away copies, which share the text.
/// </summary>
internal static class UnreadObject
{
    // How deep an object may be is decided where it comes from.
    private const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };

    public static JsonObject Of(JsonObject content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            content.WriteTo(writer);
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = MaxDepth });
        return JsonObject.Create(JsonElement.ParseValue(ref reader))!;
    }

    /// <summary>A copy that may be looked into, and changed.</summary>
    public static JsonObject Open(JsonObject unread) => (JsonObject)unread.DeepClone();
}
