namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateAddonRequest(string ClusterName, string AddonName)
{
    public string? AddonVersion { get; init; }

    public string? ServiceAccountRoleArn { get; init; }

    public string? ResolveConflicts { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? ConfigurationValues { get; init; }

    public IReadOnlyList<AddonPodIdentityAssociations>? PodIdentityAssociations { get; init; }
}

internal sealed record AddonPodIdentityAssociations(string ServiceAccount, string RoleArn);

internal sealed record CreateAddonResponse(Addon Addon);

internal sealed record Addon(string AddonName, string AddonArn, string Status)
{
    public string? ClusterName { get; init; }

    public string? AddonVersion { get; init; }

    public AddonHealth? Health { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }

    public string? ServiceAccountRoleArn { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? ConfigurationValues { get; init; }

    public IReadOnlyList<string>? PodIdentityAssociations { get; init; }
}

internal sealed record AddonHealth(IReadOnlyList<AddonIssue>? Issues);

internal sealed record AddonIssue(string? Code, string? Message, IReadOnlyList<string>? ResourceIds);

internal sealed record DescribeAddonRequest(string ClusterName, string AddonName);

internal sealed record DescribeAddonResponse(Addon Addon);

internal sealed record ListAddonsRequest(string ClusterName)
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListAddonsResponse(IReadOnlyList<string> Addons, string? NextToken);

internal sealed record UpdateAddonRequest(string ClusterName, string AddonName)
{
    public string? AddonVersion { get; init; }

    public string? ServiceAccountRoleArn { get; init; }

    public string? ResolveConflicts { get; init; }

    public string? ConfigurationValues { get; init; }

    public IReadOnlyList<AddonPodIdentityAssociations>? PodIdentityAssociations { get; init; }
}

internal sealed record UpdateAddonResponse(Update Update);

internal sealed record DescribeAddonVersionsRequest
{
    public string? KubernetesVersion { get; init; }

    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }

    public string? AddonName { get; init; }
}

internal sealed record DescribeAddonVersionsResponse(IReadOnlyList<AddonInfo> Addons, string? NextToken);

internal sealed record AddonInfo(string AddonName, IReadOnlyList<AddonVersionInfo> AddonVersions);

internal sealed record AddonVersionInfo(string AddonVersion)
{
    public IReadOnlyList<string>? Architecture { get; init; }

    public IReadOnlyList<Compatibility>? Compatibilities { get; init; }

    public bool? RequiresConfiguration { get; init; }

    public bool? RequiresIamPermissions { get; init; }
}

internal sealed record Compatibility(string ClusterVersion, bool DefaultVersion)
{
    public IReadOnlyList<string>? PlatformVersions { get; init; }
}
