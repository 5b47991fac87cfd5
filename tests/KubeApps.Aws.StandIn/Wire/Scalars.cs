using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>Texts, numbers, truths and times between the wire and the stand-in, which keeps times as ISO 8601.</summary>
internal static class Scalars
{
    /// <summary>What a text means at its place; the text itself where it means nothing there, so that the check finds it.</summary>
    public static JsonNode Parse(string text, Shape shape) => shape.Type switch
    {
        "integer" when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        "long" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        "float" or "double" when double.TryParse(text, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        "boolean" when text is "true" or "false" => JsonValue.Create(text == "true"),
        _ => JsonValue.Create(text),
    };

    public static string Text(JsonNode value) => value.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string)value! : value.ToJsonString();

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset Time(JsonNode value) => value.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? DateTimeOffset.UnixEpoch.AddSeconds((double)value)
        : DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
