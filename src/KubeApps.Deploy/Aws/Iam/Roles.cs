using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Iam;

internal sealed record CreateRoleRequest(string RoleName, string AssumeRolePolicyDocument)
{
    public string? Path { get; init; }

    public string? Description { get; init; }

    public int? MaxSessionDuration { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record Tag(string Key, string Value);

internal sealed record CreateRoleResponse(Role Role);

internal sealed record Role(string RoleName, string Arn)
{
    public string? Path { get; init; }

    public DateTimeOffset? CreateDate { get; init; }

    [JsonConverter(typeof(AwsEscaped))]
    public string? AssumeRolePolicyDocument { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record GetRoleRequest(string RoleName);

internal sealed record GetRoleResponse(Role Role);

internal sealed record ListRolesRequest
{
    public string? PathPrefix { get; init; }

    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListRolesResponse(IReadOnlyList<Role>? Roles, bool? IsTruncated, string? Marker);

internal sealed record ListRoleTagsRequest(string RoleName)
{
    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListRoleTagsResponse(IReadOnlyList<Tag>? Tags, bool? IsTruncated, string? Marker);

internal sealed record DeleteRoleRequest(string RoleName);
