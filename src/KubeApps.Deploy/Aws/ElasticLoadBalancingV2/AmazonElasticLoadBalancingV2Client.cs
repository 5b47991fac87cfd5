using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

/// <summary>Elastic Load Balancing: the balancers that clusters make.</summary>
/// <seealso href="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html"/>
internal sealed class AmazonElasticLoadBalancingV2Client(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, ElasticLoadBalancingV2Json.Default)
{
    public static readonly AwsService Service = new("Elastic Load Balancing v2", "elasticloadbalancing", "elasticloadbalancing", "2015-12-01", AwsProtocol.Query);

    public Task<DescribeLoadBalancersResponse> DescribeLoadBalancersAsync(DescribeLoadBalancersRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeLoadBalancersResponse>(new("DescribeLoadBalancers"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteLoadBalancerAsync(DeleteLoadBalancerRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteLoadBalancer"), request, cancellationToken);

    public Task<DescribeTagsResponse> DescribeTagsAsync(DescribeTagsRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeTagsResponse>(new("DescribeTags"), request, cancellationToken);

    public Task<DescribeTargetGroupsResponse> DescribeTargetGroupsAsync(DescribeTargetGroupsRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeTargetGroupsResponse>(new("DescribeTargetGroups"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteTargetGroupAsync(DeleteTargetGroupRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteTargetGroup"), request, cancellationToken);

    public Task<DescribeTargetHealthResponse> DescribeTargetHealthAsync(DescribeTargetHealthRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeTargetHealthResponse>(new("DescribeTargetHealth"), request, cancellationToken);
}
