using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Iam;

internal sealed record AttachRolePolicyRequest(string RoleName, string PolicyArn);

internal sealed record DetachRolePolicyRequest(string RoleName, string PolicyArn);

internal sealed record ListAttachedRolePoliciesRequest(string RoleName)
{
    public string? PathPrefix { get; init; }

    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListAttachedRolePoliciesResponse(IReadOnlyList<AttachedPolicy>? AttachedPolicies, bool? IsTruncated, string? Marker);

internal sealed record AttachedPolicy(string PolicyName, string PolicyArn);

internal sealed record PutRolePolicyRequest(string RoleName, string PolicyName, string PolicyDocument);

internal sealed record GetRolePolicyRequest(string RoleName, string PolicyName);

internal sealed record GetRolePolicyResponse(string RoleName, string PolicyName, [property: JsonConverter(typeof(AwsEscaped))] string PolicyDocument);

internal sealed record ListRolePoliciesRequest(string RoleName)
{
    public string? Marker { get; init; }

    public int? MaxItems { get; init; }
}

internal sealed record ListRolePoliciesResponse(IReadOnlyList<string>? PolicyNames, bool? IsTruncated, string? Marker);

internal sealed record DeleteRolePolicyRequest(string RoleName, string PolicyName);
