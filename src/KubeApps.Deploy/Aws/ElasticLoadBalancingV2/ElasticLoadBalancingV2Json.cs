using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = [typeof(AwsTime), typeof(AwsBoolean)])]
[JsonSerializable(typeof(DescribeLoadBalancersRequest))]
[JsonSerializable(typeof(DescribeLoadBalancersResponse))]
[JsonSerializable(typeof(DeleteLoadBalancerRequest))]
[JsonSerializable(typeof(EmptyAnswer))]
[JsonSerializable(typeof(DescribeTagsRequest))]
[JsonSerializable(typeof(DescribeTagsResponse))]
[JsonSerializable(typeof(DescribeTargetGroupsRequest))]
[JsonSerializable(typeof(DescribeTargetGroupsResponse))]
[JsonSerializable(typeof(DeleteTargetGroupRequest))]
[JsonSerializable(typeof(DescribeTargetHealthRequest))]
[JsonSerializable(typeof(DescribeTargetHealthResponse))]
internal sealed partial class ElasticLoadBalancingV2Json : JsonSerializerContext;
