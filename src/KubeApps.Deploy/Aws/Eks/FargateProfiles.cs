namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateFargateProfileRequest(string ClusterName, string FargateProfileName, string PodExecutionRoleArn)
{
    public IReadOnlyList<string>? Subnets { get; init; }

    public IReadOnlyList<FargateProfileSelector>? Selectors { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record FargateProfileSelector(string Namespace)
{
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

internal sealed record CreateFargateProfileResponse(FargateProfile FargateProfile);

internal sealed record FargateProfile(string FargateProfileName, string FargateProfileArn, string Status)
{
    public string? ClusterName { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public string? PodExecutionRoleArn { get; init; }

    public IReadOnlyList<string>? Subnets { get; init; }

    public IReadOnlyList<FargateProfileSelector>? Selectors { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public FargateProfileHealth? Health { get; init; }
}

internal sealed record FargateProfileHealth(IReadOnlyList<FargateProfileIssue>? Issues);

internal sealed record FargateProfileIssue(string? Code, string? Message, IReadOnlyList<string>? ResourceIds);

internal sealed record DescribeFargateProfileRequest(string ClusterName, string FargateProfileName);

internal sealed record DescribeFargateProfileResponse(FargateProfile FargateProfile);

internal sealed record ListFargateProfilesRequest(string ClusterName)
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListFargateProfilesResponse(IReadOnlyList<string> FargateProfileNames, string? NextToken);

internal sealed record DeleteFargateProfileRequest(string ClusterName, string FargateProfileName);

internal sealed record DeleteFargateProfileResponse(FargateProfile FargateProfile);
