using System.Text.Json.Serialization;
using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>Amazon ECR: repositories of images.</summary>
/// <seealso href="https://docs.aws.amazon.com/AmazonECR/latest/APIReference/Welcome.html"/>
internal sealed class AmazonECRClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, EcrJson.Default)
{
    public static readonly AwsService Service = new("ECR", "ecr", "api.ecr", "2015-09-21", AwsProtocol.Json)
    {
        TargetPrefix = "AmazonEC2ContainerRegistry_V20150921",
        FipsPrefix = "ecr-fips",
        DualStackPrefix = "ecr",
    };

    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) =>
        SendAsync<GetAuthorizationTokenResponse>(new("GetAuthorizationToken"), new EmptyAnswer(), cancellationToken);
}

internal sealed record GetAuthorizationTokenResponse(IReadOnlyList<AuthorizationData> AuthorizationData);

internal sealed record AuthorizationData(string AuthorizationToken, DateTimeOffset ExpiresAt, string ProxyEndpoint)
{
    public override string ToString() => $"token for {ProxyEndpoint}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(AwsTime)])]
[JsonSerializable(typeof(EmptyAnswer))]
[JsonSerializable(typeof(GetAuthorizationTokenResponse))]
internal sealed partial class EcrJson : JsonSerializerContext;
