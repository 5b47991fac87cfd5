using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>A field's value in a sentence.</summary>
internal static class FieldValue
{
    private const int Longest = 120;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonNode? value)
    {
        var text = value?.ToJsonString(Relaxed) ?? "not set";
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }
}
