using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Aws.Ecr;

internal sealed record DescribeRepositoriesRequest
{
    public string? RegistryId { get; init; }

    public IReadOnlyList<string>? RepositoryNames { get; init; }

    public string? NextToken { get; init; }

    public int? MaxResults { get; init; }
}

internal sealed record DescribeRepositoriesResponse(IReadOnlyList<Repository> Repositories, string? NextToken);

internal sealed record Repository(string RepositoryName, string RepositoryArn, string RegistryId, string RepositoryUri)
{
    public DateTimeOffset? CreatedAt { get; init; }

    public string? ImageTagMutability { get; init; }

    public ImageScanningConfiguration? ImageScanningConfiguration { get; init; }

    public EncryptionConfiguration? EncryptionConfiguration { get; init; }
}

internal sealed record ImageScanningConfiguration(bool ScanOnPush);

internal sealed record EncryptionConfiguration(string EncryptionType)
{
    public string? KmsKey { get; init; }
}

internal sealed record CreateRepositoryRequest(string RepositoryName)
{
    public string? RegistryId { get; init; }

    public IReadOnlyList<Tag>? Tags { get; init; }

    public string? ImageTagMutability { get; init; }

    public ImageScanningConfiguration? ImageScanningConfiguration { get; init; }

    public EncryptionConfiguration? EncryptionConfiguration { get; init; }
}

// Alone here with capital letters.
internal sealed record Tag([property: JsonPropertyName("Key")] string Key, [property: JsonPropertyName("Value")] string Value);

internal sealed record CreateRepositoryResponse(Repository Repository);

internal sealed record GetLifecyclePolicyRequest(string RepositoryName)
{
    public string? RegistryId { get; init; }
}

internal sealed record GetLifecyclePolicyResponse(string RegistryId, string RepositoryName, string LifecyclePolicyText);

internal sealed record PutLifecyclePolicyRequest(string RepositoryName, string LifecyclePolicyText)
{
    public string? RegistryId { get; init; }
}

internal sealed record PutLifecyclePolicyResponse(string RegistryId, string RepositoryName, string LifecyclePolicyText);

internal sealed record GetRepositoryPolicyRequest(string RepositoryName)
{
    public string? RegistryId { get; init; }
}

internal sealed record GetRepositoryPolicyResponse(string RegistryId, string RepositoryName, string PolicyText);

internal sealed record SetRepositoryPolicyRequest(string RepositoryName, string PolicyText)
{
    public string? RegistryId { get; init; }
}

internal sealed record SetRepositoryPolicyResponse(string RegistryId, string RepositoryName, string PolicyText);

internal sealed record DeleteRepositoryPolicyRequest(string RepositoryName)
{
    public string? RegistryId { get; init; }
}

internal sealed record DeleteRepositoryPolicyResponse(string RegistryId, string RepositoryName, string PolicyText);

internal sealed record ListTagsForResourceRequest(string ResourceArn);

internal sealed record ListTagsForResourceResponse(IReadOnlyList<Tag> Tags);

