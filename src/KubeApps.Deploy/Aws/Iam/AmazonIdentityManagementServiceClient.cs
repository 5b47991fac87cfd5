using System.Text.Json.Serialization;
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

    public Task<ListRolesResponse> ListRolesAsync(ListRolesRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListRolesResponse>(new("ListRoles"), request, cancellationToken);
}

internal sealed record CreateRoleRequest(string RoleName, string AssumeRolePolicyDocument)
{
    public string? Path { get; init; }

    public string? Description { get; init; }

    public int? MaxSessionDuration { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record CreateRoleResponse(Role Role);

internal sealed record ListRolesRequest(string? PathPrefix = null, string? Marker = null, int? MaxItems = null);

internal sealed record ListRolesResponse(IReadOnlyList<Role>? Roles, bool? IsTruncated, string? Marker);

internal sealed record Role(string RoleName, string Arn, string? Path)
{
    public DateTimeOffset? CreateDate { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }
}

internal sealed record Tag(string Key, string Value);

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = [typeof(AwsTime), typeof(AwsBoolean)])]
[JsonSerializable(typeof(CreateRoleRequest))]
[JsonSerializable(typeof(CreateRoleResponse))]
[JsonSerializable(typeof(ListRolesRequest))]
[JsonSerializable(typeof(ListRolesResponse))]
internal sealed partial class IamJson : JsonSerializerContext;
