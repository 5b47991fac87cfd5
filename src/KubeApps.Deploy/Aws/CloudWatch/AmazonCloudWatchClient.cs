using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.CloudWatch;

/// <summary>CloudWatch: what was measured.</summary>
/// <seealso href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/Welcome.html"/>
internal sealed class AmazonCloudWatchClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, CloudWatchJson.Default)
{
    public static readonly AwsService Service = new("CloudWatch", "monitoring", "monitoring", "2010-08-01", AwsProtocol.Query);

    public Task<GetMetricDataResponse> GetMetricDataAsync(GetMetricDataRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetMetricDataResponse>(new("GetMetricData"), request, cancellationToken);
}
