namespace KubeApps.Deploy.Aws.CloudWatchLogs;

internal sealed record DescribeLogGroupsRequest
{
    public string? LogGroupNamePrefix { get; init; }

    public string? NextToken { get; init; }

    public int? Limit { get; init; }
}

internal sealed record DescribeLogGroupsResponse(IReadOnlyList<LogGroup> LogGroups, string? NextToken);

internal sealed record LogGroup(string LogGroupName)
{
    public int? RetentionInDays { get; init; }

    public long? StoredBytes { get; init; }

    public string? LogGroupArn { get; init; }
}

internal sealed record DeleteLogGroupRequest(string LogGroupName);
