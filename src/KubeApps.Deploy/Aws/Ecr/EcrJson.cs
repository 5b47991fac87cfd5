using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Ecr;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(AwsTime)])]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(GetAuthorizationTokenResponse))]
[JsonSerializable(typeof(DescribeRegistryResponse))]
[JsonSerializable(typeof(PutReplicationConfigurationRequest))]
[JsonSerializable(typeof(PutReplicationConfigurationResponse))]
[JsonSerializable(typeof(CreatePullThroughCacheRuleRequest))]
[JsonSerializable(typeof(CreatePullThroughCacheRuleResponse))]
[JsonSerializable(typeof(DescribePullThroughCacheRulesRequest))]
[JsonSerializable(typeof(DescribePullThroughCacheRulesResponse))]
[JsonSerializable(typeof(DescribeRepositoriesRequest))]
[JsonSerializable(typeof(DescribeRepositoriesResponse))]
[JsonSerializable(typeof(CreateRepositoryRequest))]
[JsonSerializable(typeof(CreateRepositoryResponse))]
[JsonSerializable(typeof(GetLifecyclePolicyRequest))]
[JsonSerializable(typeof(GetLifecyclePolicyResponse))]
[JsonSerializable(typeof(PutLifecyclePolicyRequest))]
[JsonSerializable(typeof(PutLifecyclePolicyResponse))]
[JsonSerializable(typeof(GetRepositoryPolicyRequest))]
[JsonSerializable(typeof(GetRepositoryPolicyResponse))]
[JsonSerializable(typeof(SetRepositoryPolicyRequest))]
[JsonSerializable(typeof(SetRepositoryPolicyResponse))]
[JsonSerializable(typeof(DeleteRepositoryPolicyRequest))]
[JsonSerializable(typeof(DeleteRepositoryPolicyResponse))]
[JsonSerializable(typeof(ListTagsForResourceRequest))]
[JsonSerializable(typeof(ListTagsForResourceResponse))]
[JsonSerializable(typeof(EmptyAnswer))]
[JsonSerializable(typeof(DescribeImageReplicationStatusRequest))]
[JsonSerializable(typeof(DescribeImageReplicationStatusResponse))]
internal sealed partial class EcrJson : JsonSerializerContext;
