namespace KubeApps.Deploy.Aws.Eks;

internal sealed record CreateNodegroupRequest(string ClusterName, string NodegroupName, IReadOnlyList<string> Subnets, string NodeRole)
{
    public NodegroupScalingConfig? ScalingConfig { get; init; }

    public IReadOnlyList<string>? InstanceTypes { get; init; }

    public string? AmiType { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<Taint>? Taints { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public LaunchTemplateSpecification? LaunchTemplate { get; init; }

    public NodegroupUpdateConfig? UpdateConfig { get; init; }

    public string? CapacityType { get; init; }

    public string? Version { get; init; }

    public string? ReleaseVersion { get; init; }
}

internal sealed record NodegroupScalingConfig(int MinSize, int MaxSize, int DesiredSize);

internal sealed record Taint(string Key, string Effect)
{
    public string? Value { get; init; }
}

internal sealed record LaunchTemplateSpecification(string Id, string Version)
{
    public string? Name { get; init; }
}

internal sealed record NodegroupUpdateConfig
{
    public int? MaxUnavailable { get; init; }

    public int? MaxUnavailablePercentage { get; init; }
}

internal sealed record CreateNodegroupResponse(Nodegroup Nodegroup);

internal sealed record Nodegroup(string NodegroupName, string NodegroupArn, string Status)
{
    public string? ClusterName { get; init; }

    public string? Version { get; init; }

    public string? ReleaseVersion { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? ModifiedAt { get; init; }

    public string? CapacityType { get; init; }

    public NodegroupScalingConfig? ScalingConfig { get; init; }

    public IReadOnlyList<string>? InstanceTypes { get; init; }

    public IReadOnlyList<string>? Subnets { get; init; }

    public string? AmiType { get; init; }

    public string? NodeRole { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<Taint>? Taints { get; init; }

    public NodegroupResources? Resources { get; init; }

    public NodegroupHealth? Health { get; init; }

    public NodegroupUpdateConfig? UpdateConfig { get; init; }

    public LaunchTemplateSpecification? LaunchTemplate { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record NodegroupResources(IReadOnlyList<AutoScalingGroup>? AutoScalingGroups);

internal sealed record AutoScalingGroup(string Name);

internal sealed record NodegroupHealth
{
    public IReadOnlyList<Issue>? Issues { get; init; }
}

internal sealed record Issue(string? Code, string? Message, IReadOnlyList<string>? ResourceIds);

internal sealed record DescribeNodegroupRequest(string ClusterName, string NodegroupName);

internal sealed record DescribeNodegroupResponse(Nodegroup Nodegroup);

internal sealed record ListNodegroupsRequest(string ClusterName)
{
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record ListNodegroupsResponse(IReadOnlyList<string> Nodegroups, string? NextToken);

internal sealed record DeleteNodegroupRequest(string ClusterName, string NodegroupName);

internal sealed record DeleteNodegroupResponse(Nodegroup Nodegroup);

internal sealed record UpdateNodegroupConfigRequest(string ClusterName, string NodegroupName)
{
    public UpdateLabelsPayload? Labels { get; init; }

    public UpdateTaintsPayload? Taints { get; init; }

    public NodegroupScalingConfig? ScalingConfig { get; init; }

    public NodegroupUpdateConfig? UpdateConfig { get; init; }
}

internal sealed record UpdateLabelsPayload
{
    public IReadOnlyDictionary<string, string>? AddOrUpdateLabels { get; init; }

    public IReadOnlyList<string>? RemoveLabels { get; init; }
}

internal sealed record UpdateTaintsPayload
{
    public IReadOnlyList<Taint>? AddOrUpdateTaints { get; init; }

    public IReadOnlyList<Taint>? RemoveTaints { get; init; }
}

internal sealed record UpdateNodegroupConfigResponse(Update Update);

/// <summary>There is no force: where a disruption budget lets no pod go, an update fails and says so, and no pod is ended against its budget.</summary>
internal sealed record UpdateNodegroupVersionRequest(string ClusterName, string NodegroupName)
{
    public string? Version { get; init; }

    public string? ReleaseVersion { get; init; }

    public LaunchTemplateSpecification? LaunchTemplate { get; init; }
}

internal sealed record UpdateNodegroupVersionResponse(Update Update);
