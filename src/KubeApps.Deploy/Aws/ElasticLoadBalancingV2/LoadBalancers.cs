namespace KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

internal sealed record DescribeLoadBalancersRequest
{
    public IReadOnlyList<string>? LoadBalancerArns { get; init; }

    public IReadOnlyList<string>? Names { get; init; }

    public string? Marker { get; init; }

    public int? PageSize { get; init; }
}

internal sealed record DescribeLoadBalancersResponse(IReadOnlyList<LoadBalancer>? LoadBalancers, string? NextMarker);

internal sealed record LoadBalancer(string LoadBalancerArn, string LoadBalancerName, string DNSName, string CanonicalHostedZoneId)
{
    public DateTimeOffset? CreatedTime { get; init; }

    public string? Scheme { get; init; }

    public string? VpcId { get; init; }

    public LoadBalancerState? State { get; init; }

    public string? Type { get; init; }

    public string? IpAddressType { get; init; }

    public IReadOnlyList<string>? SecurityGroups { get; init; }
}

internal sealed record LoadBalancerState(string Code)
{
    public string? Reason { get; init; }
}

internal sealed record DeleteLoadBalancerRequest(string LoadBalancerArn);

internal sealed record DescribeTagsRequest(IReadOnlyList<string> ResourceArns);

internal sealed record DescribeTagsResponse(IReadOnlyList<TagDescription>? TagDescriptions);

internal sealed record TagDescription(string ResourceArn, IReadOnlyList<Tag>? Tags);

internal sealed record Tag(string Key, string? Value);
