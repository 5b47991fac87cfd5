namespace KubeApps.Deploy.Aws.Eks;

internal sealed record DescribeUpdateRequest(string Name, string UpdateId)
{
    public string? NodegroupName { get; init; }

    public string? AddonName { get; init; }
}

internal sealed record DescribeUpdateResponse(Update Update);

internal sealed record Update(string Id, string Status, string Type)
{
    public IReadOnlyList<UpdateParam>? Params { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public IReadOnlyList<ErrorDetail>? Errors { get; init; }
}

internal sealed record UpdateParam(string Type, string Value);

internal sealed record ErrorDetail
{
    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public IReadOnlyList<string>? ResourceIds { get; init; }
}
