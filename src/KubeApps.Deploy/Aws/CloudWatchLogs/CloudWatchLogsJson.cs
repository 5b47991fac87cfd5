using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.CloudWatchLogs;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(AwsTime)])]
[JsonSerializable(typeof(DescribeLogGroupsRequest))]
[JsonSerializable(typeof(DescribeLogGroupsResponse))]
[JsonSerializable(typeof(DeleteLogGroupRequest))]
[JsonSerializable(typeof(EmptyAnswer))]
internal sealed partial class CloudWatchLogsJson : JsonSerializerContext;
