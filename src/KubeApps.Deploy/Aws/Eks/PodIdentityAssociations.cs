namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreatePodIdentityAssociationRequest(string ClusterName, string Namespace, string ServiceAccount, string RoleArn)
{
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record CreatePodIdentityAssociationResponse(PodIdentityAssociation Association);

internal sealed record PodIdentityAssociation(string AssociationId, string AssociationArn, string Namespace, string ServiceAccount, string RoleArn)
{
    public string? ClusterName { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }
}

internal sealed record DescribePodIdentityAssociationRequest(string ClusterName, string AssociationId);

internal sealed record DescribePodIdentityAssociationResponse(PodIdentityAssociation Association);

internal sealed record ListPodIdentityAssociationsRequest(string ClusterName)
{
    public string? Namespace { get; init; }

    public string? ServiceAccount { get; init; }

    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListPodIdentityAssociationsResponse(IReadOnlyList<PodIdentityAssociationSummary> Associations, string? NextToken);

internal sealed record PodIdentityAssociationSummary(string AssociationId, string AssociationArn, string Namespace, string ServiceAccount)
{
    public string? ClusterName { get; init; }
}

internal sealed record UpdatePodIdentityAssociationRequest(string ClusterName, string AssociationId)
{
    public string? RoleArn { get; init; }
}

internal sealed record UpdatePodIdentityAssociationResponse(PodIdentityAssociation Association);

internal sealed record DeletePodIdentityAssociationRequest(string ClusterName, string AssociationId);

internal sealed record DeletePodIdentityAssociationResponse(PodIdentityAssociation Association);
