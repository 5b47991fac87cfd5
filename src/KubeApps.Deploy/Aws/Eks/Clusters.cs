using System.Text.Json.Serialization;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateClusterRequest(string Name, string RoleArn, VpcConfigRequest ResourcesVpcConfig)
{
    public string? Version { get; init; }

    public CreateAccessConfigRequest? AccessConfig { get; init; }

    public IReadOnlyList<EncryptionConfig>? EncryptionConfig { get; init; }

    public Logging? Logging { get; init; }

    public UpgradePolicyRequest? UpgradePolicy { get; init; }

    public bool? BootstrapSelfManagedAddons { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? ClientRequestToken { get; init; }
}

internal sealed record VpcConfigRequest
{
    public IReadOnlyList<string>? SubnetIds { get; init; }

    public IReadOnlyList<string>? SecurityGroupIds { get; init; }

    public bool? EndpointPublicAccess { get; init; }

    public bool? EndpointPrivateAccess { get; init; }

    public IReadOnlyList<string>? PublicAccessCidrs { get; init; }
}

internal sealed record CreateAccessConfigRequest(string AuthenticationMode, bool BootstrapClusterCreatorAdminPermissions);

internal sealed record EncryptionConfig(IReadOnlyList<string> Resources, Provider Provider);

internal sealed record Provider(string KeyArn);

internal sealed record Logging(IReadOnlyList<LogSetup> ClusterLogging);

internal sealed record LogSetup(IReadOnlyList<string> Types, bool Enabled);

internal sealed record UpgradePolicyRequest(string SupportType);

internal sealed record CreateClusterResponse(Cluster Cluster);

internal sealed record DescribeClusterRequest(string Name);

internal sealed record DescribeClusterResponse(Cluster Cluster);

internal sealed record DeleteClusterRequest(string Name);

internal sealed record DeleteClusterResponse(Cluster Cluster);

internal sealed record ListClustersRequest
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListClustersResponse(IReadOnlyList<string> Clusters, string? NextToken);

internal sealed record Cluster(string Name, string Arn, string Status)
{
    public string? Version { get; init; }

    public string? Endpoint { get; init; }

    public string? RoleArn { get; init; }

    public string? PlatformVersion { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public Certificate? CertificateAuthority { get; init; }

    public VpcConfigResponse? ResourcesVpcConfig { get; init; }

    public ClusterHealth? Health { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record Certificate(string? Data);

internal sealed record VpcConfigResponse
{
    public IReadOnlyList<string>? SubnetIds { get; init; }

    public IReadOnlyList<string>? SecurityGroupIds { get; init; }

    public string? ClusterSecurityGroupId { get; init; }

    public string? VpcId { get; init; }

    public bool? EndpointPublicAccess { get; init; }

    public bool? EndpointPrivateAccess { get; init; }

    public IReadOnlyList<string>? PublicAccessCidrs { get; init; }
}

internal sealed record ClusterHealth(IReadOnlyList<ClusterIssue>? Issues);

internal sealed record ClusterIssue(string? Code, string? Message, IReadOnlyList<string>? ResourceIds);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(AwsTime)])]
[JsonSerializable(typeof(CreateClusterRequest))]
[JsonSerializable(typeof(CreateClusterResponse))]
[JsonSerializable(typeof(DescribeClusterRequest))]
[JsonSerializable(typeof(DescribeClusterResponse))]
[JsonSerializable(typeof(ListClustersRequest))]
[JsonSerializable(typeof(ListClustersResponse))]
[JsonSerializable(typeof(DeleteClusterRequest))]
[JsonSerializable(typeof(DeleteClusterResponse))]
internal sealed partial class EksJson : JsonSerializerContext;
