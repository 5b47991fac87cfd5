using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.CloudWatchLogs;

/// <summary>CloudWatch Logs: the log groups that clusters leave.</summary>
/// <seealso href="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html"/>
internal sealed class AmazonCloudWatchLogsClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, CloudWatchLogsJson.Default)
{
    public static readonly AwsService Service = new("CloudWatch Logs", "logs", "logs", "2014-03-28", AwsProtocol.Json) { TargetPrefix = "Logs_20140328" };

    public Task<DescribeLogGroupsResponse> DescribeLogGroupsAsync(DescribeLogGroupsRequest request, CancellationToken cancellationToken) =>
        SendAsync<DescribeLogGroupsResponse>(new("DescribeLogGroups"), request, cancellationToken);

    public Task<EmptyAnswer> DeleteLogGroupAsync(DeleteLogGroupRequest request, CancellationToken cancellationToken) =>
        SendAsync<EmptyAnswer>(new("DeleteLogGroup"), request, cancellationToken);
}
