namespace KubeApps.Deploy.Aws.Ecr;

internal sealed record DescribeImagesRequest(string RepositoryName)
{
    public string? RegistryId { get; init; }

    public IReadOnlyList<ImageIdentifier>? ImageIds { get; init; }

    public string? NextToken { get; init; }

    public int? MaxResults { get; init; }

    public DescribeImagesFilter? Filter { get; init; }
}

internal sealed record ImageIdentifier
{
    public string? ImageDigest { get; init; }

    public string? ImageTag { get; init; }
}

internal sealed record DescribeImagesFilter(string TagStatus);

internal sealed record DescribeImagesResponse(IReadOnlyList<ImageDetail> ImageDetails, string? NextToken);

internal sealed record ImageDetail(string ImageDigest)
{
    public string? RepositoryName { get; init; }

    public IReadOnlyList<string>? ImageTags { get; init; }

    public long? ImageSizeInBytes { get; init; }

    public DateTimeOffset? ImagePushedAt { get; init; }

    public string? ImageManifestMediaType { get; init; }
}

internal sealed record BatchGetImageRequest(string RepositoryName, IReadOnlyList<ImageIdentifier> ImageIds)
{
    public string? RegistryId { get; init; }

    public IReadOnlyList<string>? AcceptedMediaTypes { get; init; }
}

internal sealed record BatchGetImageResponse(IReadOnlyList<Image> Images, IReadOnlyList<ImageFailure> Failures);

internal sealed record Image(ImageIdentifier ImageId, string ImageManifest)
{
    public string? ImageManifestMediaType { get; init; }
}

internal sealed record ImageFailure(ImageIdentifier ImageId, string FailureCode, string FailureReason);

internal sealed record DescribeImageReplicationStatusRequest(string RepositoryName, ImageIdentifier ImageId)
{
    public string? RegistryId { get; init; }
}

internal sealed record DescribeImageReplicationStatusResponse(string RepositoryName, ImageIdentifier ImageId, IReadOnlyList<ImageReplicationStatus> ReplicationStatuses);

internal sealed record ImageReplicationStatus(string Region, string RegistryId, string Status)
{
    public string? FailureCode { get; init; }
}
