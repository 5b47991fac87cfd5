using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.CloudWatch;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = [typeof(AwsTime), typeof(AwsBoolean)])]
[JsonSerializable(typeof(GetMetricDataRequest))]
[JsonSerializable(typeof(GetMetricDataResponse))]
internal sealed partial class CloudWatchJson : JsonSerializerContext;
