namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateAccessEntryRequest(string ClusterName, string PrincipalArn)
{
    public IReadOnlyList<string>? KubernetesGroups { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? Username { get; init; }

    public string? Type { get; init; }
}

internal sealed record CreateAccessEntryResponse(AccessEntry AccessEntry);

internal sealed record AccessEntry(string PrincipalArn, string AccessEntryArn)
{
    public string? ClusterName { get; init; }

    public IReadOnlyList<string>? KubernetesGroups { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? Username { get; init; }

    public string? Type { get; init; }
}

internal sealed record DescribeAccessEntryRequest(string ClusterName, string PrincipalArn);

internal sealed record DescribeAccessEntryResponse(AccessEntry AccessEntry);

internal sealed record ListAccessEntriesRequest(string ClusterName)
{
    public string? AssociatedPolicyArn { get; init; }

    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListAccessEntriesResponse(IReadOnlyList<string> AccessEntries, string? NextToken);

internal sealed record DeleteAccessEntryRequest(string ClusterName, string PrincipalArn);

internal sealed record AssociateAccessPolicyRequest(string ClusterName, string PrincipalArn, string PolicyArn, AccessScope AccessScope);

internal sealed record AccessScope(string Type)
{
    public IReadOnlyList<string>? Namespaces { get; init; }
}

internal sealed record AssociateAccessPolicyResponse(string ClusterName, string PrincipalArn, AssociatedAccessPolicy AssociatedAccessPolicy);

internal sealed record AssociatedAccessPolicy(string PolicyArn, AccessScope AccessScope)
{
    public DateTimeOffset? AssociatedAt { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }
}
