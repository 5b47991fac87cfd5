namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateClusterRequest(string Name, string RoleArn, VpcConfigRequest ResourcesVpcConfig)
{
    public string? Version { get; init; }

    public KubernetesNetworkConfigRequest? KubernetesNetworkConfig { get; init; }

    public Logging? Logging { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public IReadOnlyList<EncryptionConfig>? EncryptionConfig { get; init; }

    public CreateAccessConfigRequest? AccessConfig { get; init; }

    public bool? BootstrapSelfManagedAddons { get; init; }

    public UpgradePolicyRequest? UpgradePolicy { get; init; }
}

internal sealed record VpcConfigRequest
{
    public IReadOnlyList<string>? SubnetIds { get; init; }

    public IReadOnlyList<string>? SecurityGroupIds { get; init; }

    public bool? EndpointPublicAccess { get; init; }

    public bool? EndpointPrivateAccess { get; init; }

    public IReadOnlyList<string>? PublicAccessCidrs { get; init; }
}

internal sealed record KubernetesNetworkConfigRequest
{
    public string? ServiceIpv4Cidr { get; init; }

    public string? IpFamily { get; init; }
}

internal sealed record Logging(IReadOnlyList<LogSetup> ClusterLogging);

internal sealed record LogSetup(IReadOnlyList<string> Types, bool Enabled);

internal sealed record EncryptionConfig(IReadOnlyList<string> Resources, Provider Provider);

internal sealed record Provider(string KeyArn);

internal sealed record CreateAccessConfigRequest(string AuthenticationMode, bool BootstrapClusterCreatorAdminPermissions);

internal sealed record UpgradePolicyRequest(string SupportType);

internal sealed record CreateClusterResponse(Cluster Cluster);

internal sealed record Cluster(string Name, string Arn, string Status)
{
    public DateTimeOffset? CreatedAt { get; init; }

    public string? Version { get; init; }

    public string? Endpoint { get; init; }

    public string? RoleArn { get; init; }

    public VpcConfigResponse? ResourcesVpcConfig { get; init; }

    public KubernetesNetworkConfigResponse? KubernetesNetworkConfig { get; init; }

    public Logging? Logging { get; init; }

    public Identity? Identity { get; init; }

    public Certificate? CertificateAuthority { get; init; }

    public string? PlatformVersion { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public IReadOnlyList<EncryptionConfig>? EncryptionConfig { get; init; }

    public ClusterHealth? Health { get; init; }

    public AccessConfigResponse? AccessConfig { get; init; }

    public UpgradePolicyResponse? UpgradePolicy { get; init; }
}

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

internal sealed record KubernetesNetworkConfigResponse
{
    public string? ServiceIpv4Cidr { get; init; }

    public string? ServiceIpv6Cidr { get; init; }

    public string? IpFamily { get; init; }
}

internal sealed record Identity(OIDC Oidc);

internal sealed record OIDC(string Issuer);

internal sealed record Certificate(string? Data);

internal sealed record ClusterHealth(IReadOnlyList<ClusterIssue>? Issues);

internal sealed record ClusterIssue(string? Code, string? Message, IReadOnlyList<string>? ResourceIds);

internal sealed record AccessConfigResponse(string AuthenticationMode)
{
    public bool? BootstrapClusterCreatorAdminPermissions { get; init; }
}

internal sealed record UpgradePolicyResponse(string SupportType);

internal sealed record DescribeClusterRequest(string Name);

internal sealed record DescribeClusterResponse(Cluster Cluster);

internal sealed record ListClustersRequest
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListClustersResponse(IReadOnlyList<string> Clusters, string? NextToken);

internal sealed record DeleteClusterRequest(string Name);

internal sealed record DeleteClusterResponse(Cluster Cluster);

internal sealed record UpdateClusterConfigRequest(string Name)
{
    public VpcConfigRequest? ResourcesVpcConfig { get; init; }

    public Logging? Logging { get; init; }

    public UpdateAccessConfigRequest? AccessConfig { get; init; }

    public UpgradePolicyRequest? UpgradePolicy { get; init; }
}

internal sealed record UpdateAccessConfigRequest(string AuthenticationMode);

internal sealed record UpdateClusterConfigResponse(Update Update);

internal sealed record UpdateClusterVersionRequest(string Name, string Version);

internal sealed record UpdateClusterVersionResponse(Update Update);

internal sealed record AssociateEncryptionConfigRequest(string ClusterName, IReadOnlyList<EncryptionConfig> EncryptionConfig);

internal sealed record AssociateEncryptionConfigResponse(Update Update);

internal sealed record DescribeClusterVersionsRequest
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }

    public bool? DefaultOnly { get; init; }

    public bool? IncludeAll { get; init; }

    public IReadOnlyList<string>? ClusterVersions { get; init; }

    public string? VersionStatus { get; init; }
}

internal sealed record DescribeClusterVersionsResponse(string? NextToken, IReadOnlyList<ClusterVersionInformation> ClusterVersions);

internal sealed record ClusterVersionInformation(string ClusterVersion, string VersionStatus)
{
    public bool? DefaultVersion { get; init; }

    public DateTimeOffset? ReleaseDate { get; init; }

    public DateTimeOffset? EndOfStandardSupportDate { get; init; }

    public DateTimeOffset? EndOfExtendedSupportDate { get; init; }
}

internal sealed record ListInsightsRequest(string ClusterName)
{
    public InsightsFilter? Filter { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record InsightsFilter
{
    public IReadOnlyList<string>? Categories { get; init; }

    public IReadOnlyList<string>? KubernetesVersions { get; init; }

    public IReadOnlyList<string>? Statuses { get; init; }
}

internal sealed record ListInsightsResponse(IReadOnlyList<InsightSummary> Insights, string? NextToken);

internal sealed record InsightSummary(string Id, string Name)
{
    public string? Category { get; init; }

    public string? KubernetesVersion { get; init; }

    public InsightStatus? InsightStatus { get; init; }
}

internal sealed record InsightStatus(string? Status, string? Reason);
