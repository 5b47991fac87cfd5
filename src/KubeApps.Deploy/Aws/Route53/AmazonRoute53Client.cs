using Amazon.Runtime;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws.Route53;

/// <summary>Amazon Route 53: hosted zones and their records.</summary>
/// <seealso href="https://docs.aws.amazon.com/Route53/latest/APIReference/Welcome.html"/>
internal sealed class AmazonRoute53Client(AWSCredentials credentials, AwsServiceConfig config) : AwsServiceClient(credentials, config, Route53Json.Default)
{
    public static readonly AwsService Service = new("Route 53", "route53", "route53", "2013-04-01", AwsProtocol.RestXml)
    {
        IsGlobal = true,
        XmlNamespace = "https://route53.amazonaws.com/doc/2013-04-01/",
    };

    public Task<ListHostedZonesByNameResponse> ListHostedZonesByNameAsync(ListHostedZonesByNameRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListHostedZonesByNameResponse>(new("ListHostedZonesByName", "GET", "/2013-04-01/hostedzonesbyname"), request, cancellationToken);

    public Task<ListResourceRecordSetsResponse> ListResourceRecordSetsAsync(ListResourceRecordSetsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ListResourceRecordSetsResponse>(new("ListResourceRecordSets", "GET", "/2013-04-01/hostedzone/{Id}/rrset"), request, cancellationToken);

    public Task<ChangeResourceRecordSetsResponse> ChangeResourceRecordSetsAsync(ChangeResourceRecordSetsRequest request, CancellationToken cancellationToken) =>
        SendAsync<ChangeResourceRecordSetsResponse>(new("ChangeResourceRecordSets", "POST", "/2013-04-01/hostedzone/{Id}/rrset/"), request, cancellationToken);

    public Task<GetChangeResponse> GetChangeAsync(GetChangeRequest request, CancellationToken cancellationToken) =>
        SendAsync<GetChangeResponse>(new("GetChange", "GET", "/2013-04-01/change/{Id}"), request, cancellationToken);
}
