namespace KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

internal sealed record DescribeTargetGroupsRequest
{
    public string? LoadBalancerArn { get; init; }

    public IReadOnlyList<string>? TargetGroupArns { get; init; }

    public IReadOnlyList<string>? Names { get; init; }

    public string? Marker { get; init; }

    public int? PageSize { get; init; }
}

internal sealed record DescribeTargetGroupsResponse(IReadOnlyList<TargetGroup>? TargetGroups, string? NextMarker);

internal sealed record TargetGroup(string TargetGroupArn, string TargetGroupName)
{
    public string? Protocol { get; init; }

    public int? Port { get; init; }

    public string? VpcId { get; init; }

    public IReadOnlyList<string>? LoadBalancerArns { get; init; }

    public string? TargetType { get; init; }
}

internal sealed record DeleteTargetGroupRequest(string TargetGroupArn);

internal sealed record DescribeTargetHealthRequest(string TargetGroupArn);

internal sealed record DescribeTargetHealthResponse(IReadOnlyList<TargetHealthDescription>? TargetHealthDescriptions);

internal sealed record TargetHealthDescription(TargetDescription Target, TargetHealth TargetHealth);

internal sealed record TargetDescription(string Id)
{
    public int? Port { get; init; }

    public string? AvailabilityZone { get; init; }
}

internal sealed record TargetHealth(string State)
{
    public string? Reason { get; init; }

    public string? Description { get; init; }
}
