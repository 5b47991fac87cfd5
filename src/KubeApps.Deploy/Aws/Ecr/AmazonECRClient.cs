using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>Amazon ECR: repositories of images.</summary>
/// <seealso href="https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html"/>
internal sealed class AmazonECRClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, EcrJson.Default)
{
    public static readonly AwsService Service = new("ECR", "ecr", "api.ecr", "2015-09-21", AwsProtocol.Json)
    {
        TargetPrefix = "AmazonEC2ContainerRegistry_V20150921",
        DualStackPrefix = "ecr",
        HasFipsInGovCloud = true,
    };

    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) =>
        SendAsync<GetAuthorizationTokenResponse>(new("GetAuthorizationToken"), new EmptyRequest(), cancellationToken);

    public Task<DescribeRegistryResponse> DescribeRegistryAsync(CancellationToken cancellationToken) =>
        SendAsync<DescribeRegistryResponse>(new("DescribeRegistry"), new EmptyRequest(), cancellationToken);

    public Task<PutReplicationConfigurationResponse> PutReplicationConfigurationAsync(PutReplicationConfigurationRequest request, CancellationToken cancellationToken) =>
        SendAsync<PutReplicationConfigurationResponse>(new("PutReplicationConfiguration"), request, cancellationToken);

    public Task<CreatePullThroughCacheRuleResponse> CreatePullThroughCacheRuleAsync(CreatePullThroughCacheRuleRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreatePullThroughCacheRuleResponse>(new("CreatePullThroughCacheRule"), request, cancellationToken);

    public Task<DescribePullThroughCacheRulesResponse> DescribePullThroughCacheRulesAsync(DescribePullThroughCacheRulesRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribePullThroughCacheRulesResponse>(new("DescribePullThroughCacheRules"), request, cancellationToken);

    public Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(DescribeRepositoriesRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeRepositoriesResponse>(new("DescribeRepositories"), request, cancellationToken);

    public Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateRepositoryResponse>(new("CreateRepository"), request, cancellationToken);

    public Task<GetLifecyclePolicyResponse> GetLifecyclePolicyAsync(GetLifecyclePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetLifecyclePolicyResponse>(new("GetLifecyclePolicy"), request, cancellationToken);

    public Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(PutLifecyclePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<PutLifecyclePolicyResponse>(new("PutLifecyclePolicy"), request, cancellationToken);

    public Task<GetRepositoryPolicyResponse> GetRepositoryPolicyAsync(GetRepositoryPolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetRepositoryPolicyResponse>(new("GetRepositoryPolicy"), request, cancellationToken);

    public Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(SetRepositoryPolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<SetRepositoryPolicyResponse>(new("SetRepositoryPolicy"), request, cancellationToken);

    public Task<DeleteRepositoryPolicyResponse> DeleteRepositoryPolicyAsync(DeleteRepositoryPolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<DeleteRepositoryPolicyResponse>(new("DeleteRepositoryPolicy"), request, cancellationToken);

    public Task<ListTagsForResourceResponse> ListTagsForResourceAsync(ListTagsForResourceRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListTagsForResourceResponse>(new("ListTagsForResource"), request, cancellationToken);

    public Task<DescribeImageReplicationStatusResponse> DescribeImageReplicationStatusAsync(DescribeImageReplicationStatusRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeImageReplicationStatusResponse>(new("DescribeImageReplicationStatus"), request, cancellationToken);
}
