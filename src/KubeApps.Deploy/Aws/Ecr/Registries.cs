namespace KubeApps.Deploy.Aws.Ecr;

internal sealed record GetAuthorizationTokenResponse(IReadOnlyList<AuthorizationData> AuthorizationData);

internal sealed record AuthorizationData(string AuthorizationToken, DateTimeOffset ExpiresAt, string ProxyEndpoint)
{
    public override string ToString() => $"token for {ProxyEndpoint}";
}

internal sealed record DescribeRegistryResponse(string RegistryId, ReplicationConfiguration ReplicationConfiguration);

internal sealed record ReplicationConfiguration(IReadOnlyList<ReplicationRule> Rules);

internal sealed record ReplicationRule(IReadOnlyList<ReplicationDestination> Destinations)
{
    public IReadOnlyList<RepositoryFilter>? RepositoryFilters { get; init; }
}

internal sealed record ReplicationDestination(string Region, string RegistryId);

internal sealed record RepositoryFilter(string Filter, string FilterType);

internal sealed record PutReplicationConfigurationRequest(ReplicationConfiguration ReplicationConfiguration);

internal sealed record PutReplicationConfigurationResponse(ReplicationConfiguration ReplicationConfiguration);

internal sealed record CreatePullThroughCacheRuleRequest(string EcrRepositoryPrefix, string UpstreamRegistryUrl)
{
    public string? RegistryId { get; init; }

    public string? UpstreamRegistry { get; init; }

    public string? CredentialArn { get; init; }
}

internal sealed record CreatePullThroughCacheRuleResponse(string EcrRepositoryPrefix, string UpstreamRegistryUrl, string RegistryId, string UpstreamRegistry, string CredentialArn);

internal sealed record DescribePullThroughCacheRulesRequest
{
    public string? RegistryId { get; init; }

    public IReadOnlyList<string>? EcrRepositoryPrefixes { get; init; }

    public string? NextToken { get; init; }

    public int? MaxResults { get; init; }
}

internal sealed record DescribePullThroughCacheRulesResponse(IReadOnlyList<PullThroughCacheRule> PullThroughCacheRules, string? NextToken);

internal sealed record PullThroughCacheRule(string EcrRepositoryPrefix, string UpstreamRegistryUrl)
{
    public string? RegistryId { get; init; }

    public string? CredentialArn { get; init; }

    public string? UpstreamRegistry { get; init; }
}
