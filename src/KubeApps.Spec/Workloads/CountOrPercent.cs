using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>A number of pods (<c>1</c>) or a share of them (<c>"25%"</c>); both convert by themselves.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct CountOrPercent
{
    private readonly string? _text;

    private CountOrPercent(string text) => _text = text;

    /// <summary>The number, unless it is a share.</summary>
    public int? Count => int.TryParse(ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>The share in percent, unless it is a number.</summary>
    public int? Percent =>
        ToString() is [.. var digits, '%'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;

    /// <summary>A number of pods.</summary>
    public static implicit operator CountOrPercent(int count) => new(count.ToString(CultureInfo.InvariantCulture));

    /// <summary>A share: <c>"25%"</c>.</summary>
    public static implicit operator CountOrPercent(string text) => new(text);

    /// <inheritdoc/>
    public override string ToString() => _text ?? "0";

    internal sealed class Converter : JsonConverter<CountOrPercent>
    {
        public override CountOrPercent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? reader.GetInt32() : reader.GetString() ?? "0";

        public override void Write(Utf8JsonWriter writer, CountOrPercent value, JsonSerializerOptions options)
        {
            if (value.Count is { } count)
                writer.WriteNumberValue(count);
            else
                writer.WriteStringValue(value.ToString());
        }
    }
}
