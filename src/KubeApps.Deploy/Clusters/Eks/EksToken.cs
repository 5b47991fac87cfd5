using System.Buffers.Text;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// What EKS takes for a password: a request to STS that asks who we are, signed for one cluster and not sent. The cluster sends it, and knows us by the answer.
/// </summary>
/// <param name="Value">The token.</param>
/// <param name="ExpiresAt">Until when the cluster takes it, with a minute to spare.</param>
/// <seealso href="https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html"/>
internal sealed record EksToken(string Value, DateTimeOffset ExpiresAt)
{
    private const string Prefix = "k8s-aws-v1.";
    private const string ClusterHeader = "x-k8s-aws-id";

    // EKS counts a quarter of an hour from the signature, whatever the request says of its own life.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(14);

    /// <summary>Signs one. Nothing is sent, unless the credentials have to be renewed.</summary>
    /// <param name="credentials">Who we are.</param>
    /// <param name="region">The cluster's region, whose STS is asked.</param>
    /// <param name="cluster">The cluster's name; no other cluster takes the token.</param>
    /// <param name="now">The time of the signature.</param>
    public static async Task<EksToken> SignAsync(AWSCredentials credentials, string region, string cluster, DateTimeOffset now)
    {
        var keys = await credentials.GetCredentialsAsync();
        // A cluster sends it to AWS's own addresses only, whatever leads us to others.
        var place = RegionEndpoint.GetBySystemName(region);
        using var request = new DefaultRequest(new GetCallerIdentityRequest(), "sts")
        {
            HttpMethod = "GET",
            UseQueryString = true,
            Endpoint = new Uri($"https://sts.{region}.{place.PartitionDnsSuffix}"),
            ResourcePath = "/",
        };
        request.Headers[ClusterHeader] = cluster;
        var parameters = new Dictionary<string, string> { ["Action"] = "GetCallerIdentity", ["Version"] = "2011-06-15", ["X-Amz-Expires"] = "60" };
        if (keys.UseToken)
            parameters["X-Amz-Security-Token"] = keys.Token;
        foreach (var (name, value) in parameters)
            request.Parameters[name] = value;
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, new AmazonSecurityTokenServiceConfig { RegionEndpoint = place }, new RequestMetrics(), keys.AccessKey, keys.SecretKey, "sts", region, now.UtcDateTime);
        var query = string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        var url = $"{request.Endpoint}?{query}&{signature.ForQueryParameters}";
        return new EksToken(Prefix + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(url)), now + Lifetime);
    }

    /// <inheritdoc/>
    public override string ToString() => $"token until {ExpiresAt:u}";
}
