namespace KubeApps.Deploy.Aws.Ecr;

internal sealed record ImageIdentifier
{
    public string? ImageDigest { get; init; }

    public string? ImageTag { get; init; }
}

internal sealed record DescribeImageReplicationStatusRequest(string RepositoryName, ImageIdentifier ImageId)
{
    public string? RegistryId { get; init; }
}

internal sealed record DescribeImageReplicationStatusResponse(string RepositoryName, ImageIdentifier ImageId, IReadOnlyList<ImageReplicationStatus> ReplicationStatuses);

internal sealed record ImageReplicationStatus(string Region, string RegistryId, string Status)
{
    public string? FailureCode { get; init; }
}
