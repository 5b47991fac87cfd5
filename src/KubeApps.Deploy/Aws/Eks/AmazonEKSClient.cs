using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Eks;

/// <summary>Amazon EKS: clusters, their nodes and what belongs to them.</summary>
/// <seealso href="https://docs.aws.amazon.com/eks/latest/APIReference/Welcome.html"/>
internal sealed class AmazonEKSClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, EksJson.Default)
{
    public static readonly AwsService Service = new("EKS", "eks", "eks", "2017-11-01", AwsProtocol.RestJson) { FipsPrefix = "fips.eks" };

    // What is sent again is the same request to EKS.
    private const string Token = "clientRequestToken";

    // Clusters.
    public Task<CreateClusterResponse> CreateClusterAsync(CreateClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateClusterResponse>(new("CreateCluster", "POST", "/clusters", Token), request, cancellationToken);

    public Task<DescribeClusterResponse> DescribeClusterAsync(DescribeClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeClusterResponse>(new("DescribeCluster", "GET", "/clusters/{name}"), request, cancellationToken);

    public Task<ListClustersResponse> ListClustersAsync(ListClustersRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListClustersResponse>(new("ListClusters", "GET", "/clusters"), request, cancellationToken);

    public Task<DeleteClusterResponse> DeleteClusterAsync(DeleteClusterRequest request, CancellationToken cancellationToken) =>
        SendAsync<DeleteClusterResponse>(new("DeleteCluster", "DELETE", "/clusters/{name}"), request, cancellationToken);

    public Task<UpdateClusterConfigResponse> UpdateClusterConfigAsync(UpdateClusterConfigRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdateClusterConfigResponse>(new("UpdateClusterConfig", "POST", "/clusters/{name}/update-config", Token), request, cancellationToken);

    public Task<UpdateClusterVersionResponse> UpdateClusterVersionAsync(UpdateClusterVersionRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdateClusterVersionResponse>(new("UpdateClusterVersion", "POST", "/clusters/{name}/updates", Token), request, cancellationToken);

    public Task<AssociateEncryptionConfigResponse> AssociateEncryptionConfigAsync(AssociateEncryptionConfigRequest request, CancellationToken cancellationToken) =>
        SendAsync<AssociateEncryptionConfigResponse>(new("AssociateEncryptionConfig", "POST", "/clusters/{clusterName}/encryption-config/associate", Token), request, cancellationToken);

    public Task<DescribeClusterVersionsResponse> DescribeClusterVersionsAsync(DescribeClusterVersionsRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeClusterVersionsResponse>(new("DescribeClusterVersions", "GET", "/cluster-versions"), request, cancellationToken);

    public Task<ListInsightsResponse> ListInsightsAsync(ListInsightsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListInsightsResponse>(new("ListInsights", "POST", "/clusters/{clusterName}/insights"), request, cancellationToken);

    // What becomes of a change.
    public Task<DescribeUpdateResponse> DescribeUpdateAsync(DescribeUpdateRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeUpdateResponse>(new("DescribeUpdate", "GET", "/clusters/{name}/updates/{updateId}"), request, cancellationToken);

    // Machines.
    public Task<CreateNodegroupResponse> CreateNodegroupAsync(CreateNodegroupRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateNodegroupResponse>(new("CreateNodegroup", "POST", "/clusters/{clusterName}/node-groups", Token), request, cancellationToken);

    public Task<DescribeNodegroupResponse> DescribeNodegroupAsync(DescribeNodegroupRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeNodegroupResponse>(new("DescribeNodegroup", "GET", "/clusters/{clusterName}/node-groups/{nodegroupName}"), request, cancellationToken);

    public Task<ListNodegroupsResponse> ListNodegroupsAsync(ListNodegroupsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListNodegroupsResponse>(new("ListNodegroups", "GET", "/clusters/{clusterName}/node-groups"), request, cancellationToken);

    public Task<DeleteNodegroupResponse> DeleteNodegroupAsync(DeleteNodegroupRequest request, CancellationToken cancellationToken) =>
        SendAsync<DeleteNodegroupResponse>(new("DeleteNodegroup", "DELETE", "/clusters/{clusterName}/node-groups/{nodegroupName}"), request, cancellationToken);

    public Task<UpdateNodegroupConfigResponse> UpdateNodegroupConfigAsync(UpdateNodegroupConfigRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdateNodegroupConfigResponse>(new("UpdateNodegroupConfig", "POST", "/clusters/{clusterName}/node-groups/{nodegroupName}/update-config", Token), request, cancellationToken);

    public Task<UpdateNodegroupVersionResponse> UpdateNodegroupVersionAsync(UpdateNodegroupVersionRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdateNodegroupVersionResponse>(new("UpdateNodegroupVersion", "POST", "/clusters/{clusterName}/node-groups/{nodegroupName}/update-version", Token), request, cancellationToken);

    // Pods without machines.
    public Task<CreateFargateProfileResponse> CreateFargateProfileAsync(CreateFargateProfileRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateFargateProfileResponse>(new("CreateFargateProfile", "POST", "/clusters/{clusterName}/fargate-profiles", Token), request, cancellationToken);

    public Task<DescribeFargateProfileResponse> DescribeFargateProfileAsync(DescribeFargateProfileRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeFargateProfileResponse>(new("DescribeFargateProfile", "GET", "/clusters/{clusterName}/fargate-profiles/{fargateProfileName}"), request, cancellationToken);

    public Task<ListFargateProfilesResponse> ListFargateProfilesAsync(ListFargateProfilesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListFargateProfilesResponse>(new("ListFargateProfiles", "GET", "/clusters/{clusterName}/fargate-profiles"), request, cancellationToken);

    public Task<DeleteFargateProfileResponse> DeleteFargateProfileAsync(DeleteFargateProfileRequest request, CancellationToken cancellationToken) =>
        SendAsync<DeleteFargateProfileResponse>(new("DeleteFargateProfile", "DELETE", "/clusters/{clusterName}/fargate-profiles/{fargateProfileName}"), request, cancellationToken);

    // Add-ons.
    public Task<CreateAddonResponse> CreateAddonAsync(CreateAddonRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateAddonResponse>(new("CreateAddon", "POST", "/clusters/{clusterName}/addons", Token), request, cancellationToken);

    public Task<DescribeAddonResponse> DescribeAddonAsync(DescribeAddonRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeAddonResponse>(new("DescribeAddon", "GET", "/clusters/{clusterName}/addons/{addonName}"), request, cancellationToken);

    public Task<ListAddonsResponse> ListAddonsAsync(ListAddonsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListAddonsResponse>(new("ListAddons", "GET", "/clusters/{clusterName}/addons"), request, cancellationToken);

    public Task<UpdateAddonResponse> UpdateAddonAsync(UpdateAddonRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdateAddonResponse>(new("UpdateAddon", "POST", "/clusters/{clusterName}/addons/{addonName}/update", Token), request, cancellationToken);

    public Task<DescribeAddonVersionsResponse> DescribeAddonVersionsAsync(DescribeAddonVersionsRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeAddonVersionsResponse>(new("DescribeAddonVersions", "GET", "/addons/supported-versions"), request, cancellationToken);

    // Who may use the Kubernetes API.
    public Task<CreateAccessEntryResponse> CreateAccessEntryAsync(CreateAccessEntryRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateAccessEntryResponse>(new("CreateAccessEntry", "POST", "/clusters/{clusterName}/access-entries", Token), request, cancellationToken);

    public Task<DescribeAccessEntryResponse> DescribeAccessEntryAsync(DescribeAccessEntryRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeAccessEntryResponse>(new("DescribeAccessEntry", "GET", "/clusters/{clusterName}/access-entries/{principalArn}"), request, cancellationToken);

    public Task<ListAccessEntriesResponse> ListAccessEntriesAsync(ListAccessEntriesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListAccessEntriesResponse>(new("ListAccessEntries", "GET", "/clusters/{clusterName}/access-entries"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteAccessEntryAsync(DeleteAccessEntryRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteAccessEntry", "DELETE", "/clusters/{clusterName}/access-entries/{principalArn}"), request, cancellationToken);

    public Task<AssociateAccessPolicyResponse> AssociateAccessPolicyAsync(AssociateAccessPolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<AssociateAccessPolicyResponse>(new("AssociateAccessPolicy", "POST", "/clusters/{clusterName}/access-entries/{principalArn}/access-policies"), request, cancellationToken);

    // Roles of pods.
    public Task<CreatePodIdentityAssociationResponse> CreatePodIdentityAssociationAsync(CreatePodIdentityAssociationRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreatePodIdentityAssociationResponse>(new("CreatePodIdentityAssociation", "POST", "/clusters/{clusterName}/pod-identity-associations", Token), request, cancellationToken);

    public Task<DescribePodIdentityAssociationResponse> DescribePodIdentityAssociationAsync(DescribePodIdentityAssociationRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribePodIdentityAssociationResponse>(new("DescribePodIdentityAssociation", "GET", "/clusters/{clusterName}/pod-identity-associations/{associationId}"), request, cancellationToken);

    public Task<ListPodIdentityAssociationsResponse> ListPodIdentityAssociationsAsync(ListPodIdentityAssociationsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListPodIdentityAssociationsResponse>(new("ListPodIdentityAssociations", "GET", "/clusters/{clusterName}/pod-identity-associations"), request, cancellationToken);

    public Task<UpdatePodIdentityAssociationResponse> UpdatePodIdentityAssociationAsync(UpdatePodIdentityAssociationRequest request, CancellationToken cancellationToken) =>
        SendAsync<UpdatePodIdentityAssociationResponse>(new("UpdatePodIdentityAssociation", "POST", "/clusters/{clusterName}/pod-identity-associations/{associationId}", Token), request, cancellationToken);

    public Task<DeletePodIdentityAssociationResponse> DeletePodIdentityAssociationAsync(DeletePodIdentityAssociationRequest request, CancellationToken cancellationToken) =>
        SendAsync<DeletePodIdentityAssociationResponse>(new("DeletePodIdentityAssociation", "DELETE", "/clusters/{clusterName}/pod-identity-associations/{associationId}"), request, cancellationToken);

    // Tags.
    public Task<EmptyAnswer> TagResourceAsync(TagResourceRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("TagResource", "POST", "/tags/{resourceArn}"), request, cancellationToken);

    public Task<EmptyAnswer> UntagResourceAsync(UntagResourceRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("UntagResource", "DELETE", "/tags/{resourceArn}"), request, cancellationToken);
}
