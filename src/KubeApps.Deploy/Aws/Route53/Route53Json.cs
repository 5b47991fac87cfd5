using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Route53;

/// <summary>Answers have <c>/hostedzone/Z1</c> where requests want <c>Z1</c>.</summary>
internal sealed class Route53Id : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!.Split('/')[^1];

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = [typeof(AwsTime), typeof(AwsBoolean)])]
[JsonSerializable(typeof(ListHostedZonesByNameRequest))]
[JsonSerializable(typeof(ListHostedZonesByNameResponse))]
[JsonSerializable(typeof(ListResourceRecordSetsRequest))]
[JsonSerializable(typeof(ListResourceRecordSetsResponse))]
[JsonSerializable(typeof(ChangeResourceRecordSetsRequest))]
[JsonSerializable(typeof(ChangeResourceRecordSetsResponse))]
[JsonSerializable(typeof(GetChangeRequest))]
[JsonSerializable(typeof(GetChangeResponse))]
internal sealed partial class Route53Json : JsonSerializerContext;
