using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.ServiceQuotas;

/// <summary>Service Quotas: how much of what an account may have.</summary>
/// <seealso href="https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/Welcome.html"/>
internal sealed class AmazonServiceQuotasClient(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, ServiceQuotasJson.Default)
{
    public static readonly AwsService Service = new("Service Quotas", "servicequotas", "servicequotas", "2019-06-24", AwsProtocol.Json) { TargetPrefix = "ServiceQuotasV20190624" };

    public Task<GetServiceQuotaResponse> GetServiceQuotaAsync(GetServiceQuotaRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetServiceQuotaResponse>(new("GetServiceQuota"), request, cancellationToken);

    public Task<GetAWSDefaultServiceQuotaResponse> GetAWSDefaultServiceQuotaAsync(GetAWSDefaultServiceQuotaRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetAWSDefaultServiceQuotaResponse>(new("GetAWSDefaultServiceQuota"), request, cancellationToken);
}
