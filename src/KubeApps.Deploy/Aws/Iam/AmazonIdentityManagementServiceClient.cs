using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Iam;

/// <summary>AWS IAM: roles and what they may do.</summary>
/// <seealso href="https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html"/>
internal sealed class AmazonIdentityManagementServiceClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, IamJson.Default)
{
    public static readonly AwsService Service = new("IAM", "iam", "iam", "2010-05-08", AwsProtocol.Query) { IsGlobal = true };

    public Task<CreateRoleResponse> CreateRoleAsync(CreateRoleRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateRoleResponse>(new("CreateRole"), request, cancellationToken);

    public Task<GetRoleResponse> GetRoleAsync(GetRoleRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetRoleResponse>(new("GetRole"), request, cancellationToken);

    public Task<ListRolesResponse> ListRolesAsync(ListRolesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListRolesResponse>(new("ListRoles"), request, cancellationToken);

    public Task<ListRoleTagsResponse> ListRoleTagsAsync(ListRoleTagsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListRoleTagsResponse>(new("ListRoleTags"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteRoleAsync(DeleteRoleRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteRole"), request, cancellationToken);

    public Task<EmptyAnswer> AttachRolePolicyAsync(AttachRolePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("AttachRolePolicy"), request, cancellationToken);

    public Task<EmptyAnswer> DetachRolePolicyAsync(DetachRolePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DetachRolePolicy"), request, cancellationToken);

    public Task<ListAttachedRolePoliciesResponse> ListAttachedRolePoliciesAsync(ListAttachedRolePoliciesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListAttachedRolePoliciesResponse>(new("ListAttachedRolePolicies"), request, cancellationToken);

    public Task<EmptyAnswer> PutRolePolicyAsync(PutRolePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("PutRolePolicy"), request, cancellationToken);

    public Task<GetRolePolicyResponse> GetRolePolicyAsync(GetRolePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetRolePolicyResponse>(new("GetRolePolicy"), request, cancellationToken);

    public Task<ListRolePoliciesResponse> ListRolePoliciesAsync(ListRolePoliciesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListRolePoliciesResponse>(new("ListRolePolicies"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteRolePolicyAsync(DeleteRolePolicyRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteRolePolicy"), request, cancellationToken);

    public Task<ListInstanceProfilesForRoleResponse> ListInstanceProfilesForRoleAsync(ListInstanceProfilesForRoleRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListInstanceProfilesForRoleResponse>(new("ListInstanceProfilesForRole"), request, cancellationToken);

    public Task<ListInstanceProfilesResponse> ListInstanceProfilesAsync(ListInstanceProfilesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListInstanceProfilesResponse>(new("ListInstanceProfiles"), request, cancellationToken);

    public Task<EmptyAnswer> RemoveRoleFromInstanceProfileAsync(RemoveRoleFromInstanceProfileRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("RemoveRoleFromInstanceProfile"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteInstanceProfileAsync(DeleteInstanceProfileRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteInstanceProfile"), request, cancellationToken);

    public Task<CreateOpenIDConnectProviderResponse> CreateOpenIDConnectProviderAsync(CreateOpenIDConnectProviderRequest request, CancellationToken cancellationToken) =>
        SendAsync<CreateOpenIDConnectProviderResponse>(new("CreateOpenIDConnectProvider"), request, cancellationToken);

    public Task<GetOpenIDConnectProviderResponse> GetOpenIDConnectProviderAsync(GetOpenIDConnectProviderRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetOpenIDConnectProviderResponse>(new("GetOpenIDConnectProvider"), request, cancellationToken);

    public Task<ListOpenIDConnectProvidersResponse> ListOpenIDConnectProvidersAsync(CancellationToken cancellationToken) =>
        SendAsync<ListOpenIDConnectProvidersResponse>(new("ListOpenIDConnectProviders"), new EmptyRequest(), cancellationToken);

    public Task<EmptyAnswer> DeleteOpenIDConnectProviderAsync(DeleteOpenIDConnectProviderRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteOpenIDConnectProvider"), request, cancellationToken);
}
