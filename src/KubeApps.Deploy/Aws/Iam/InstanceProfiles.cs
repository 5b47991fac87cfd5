namespace KubeApps.Deploy.Aws.Iam;

internal sealed record ListInstanceProfilesForRoleRequest(string RoleName)
{
    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListInstanceProfilesForRoleResponse(IReadOnlyList<InstanceProfile>? InstanceProfiles, bool? IsTruncated, string? Marker);

internal sealed record InstanceProfile(string InstanceProfileName, string Arn, IReadOnlyList<Role>? Roles)
{
    public string? Path { get; init; }

    public DateTimeOffset? CreateDate { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record ListInstanceProfilesRequest
{
    public string? PathPrefix { get; init; }

    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListInstanceProfilesResponse(IReadOnlyList<InstanceProfile>? InstanceProfiles, bool? IsTruncated, string? Marker);

internal sealed record RemoveRoleFromInstanceProfileRequest(string InstanceProfileName, string RoleName);

internal sealed record DeleteInstanceProfileRequest(string InstanceProfileName);
