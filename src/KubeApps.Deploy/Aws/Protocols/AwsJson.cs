using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>Times as the protocols have them: seconds since 1970 in JSON, ISO 8601 in XML.</summary>
internal sealed class AwsTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.Number
        ? DateTimeOffset.UnixEpoch.AddSeconds(reader.GetDouble())
        : DateTimeOffset.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}

/// <summary>XML has only text.</summary>
internal sealed class AwsBoolean : JsonConverter<bool>
{
    public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? bool.Parse(reader.GetString()!) : reader.GetBoolean();

    public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
}

/// <summary>IAM gives documents as they stand in addresses.</summary>
internal sealed class AwsEscaped : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Uri.UnescapeDataString(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>A request that says nothing.</summary>
internal sealed record EmptyRequest;

/// <summary>An answer without content.</summary>
internal sealed record EmptyAnswer;
