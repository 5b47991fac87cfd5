using Amazon;
using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Eks;

/// <summary>Amazon EKS: clusters, their nodes and what belongs to them.</summary>
/// <seealso href="https://docs.aws.amazon.com/eks/latest/APIReference/Welcome.html"/>
internal sealed class AmazonEKSClient(AWSCredentials credentials, RegionEndpoint region) : AwsServiceClient(Service, credentials, new AwsServiceConfig(Service, region))
{
    private static readonly AwsService Service = new("EKS", "eks", "eks", "2017-11-01", AwsProtocol.RestJson) { FipsPrefix = "fips.eks" };

    public Task<CreateClusterResponse> CreateClusterAsync(CreateClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync(new("CreateCluster", "POST", "/clusters"), request, EksJson.Default.CreateClusterRequest, EksJson.Default.CreateClusterResponse, cancellationToken);

    public Task<DescribeClusterResponse> DescribeClusterAsync(DescribeClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync(new("DescribeCluster", "GET", "/clusters/{name}"), request, EksJson.Default.DescribeClusterRequest, EksJson.Default.DescribeClusterResponse, cancellationToken);

    public Task<ListClustersResponse> ListClustersAsync(ListClustersRequest request, CancellationToken cancellationToken) =>
        SendAsync(new("ListClusters", "GET", "/clusters"), request, EksJson.Default.ListClustersRequest, EksJson.Default.ListClustersResponse, cancellationToken);

    public Task<DeleteClusterResponse> DeleteClusterAsync(DeleteClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync(new("DeleteCluster", "DELETE", "/clusters/{name}"), request, EksJson.Default.DeleteClusterRequest, EksJson.Default.DeleteClusterResponse, cancellationToken);
}
