using System.Text.Json.Serialization;
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

    public Task<ListHostedZonesByNameResponse> ListHostedZonesByNameAsync(ListHostedZonesByNameRequest request, CancellationToken cancellationToken) => SendAsync<ListHostedZonesByNameResponse>(new("ListHostedZonesByName", "GET", "/2013-04-01/hostedzonesbyname"), request, cancellationToken);

    public Task<ChangeResourceRecordSetsResponse> ChangeResourceRecordSetsAsync(ChangeResourceRecordSetsRequest request, CancellationToken cancellationToken) => SendAsync<ChangeResourceRecordSetsResponse>(new("ChangeResourceRecordSets", "POST", "/2013-04-01/hostedzone/{Id}/rrset/"), request, cancellationToken);
}

internal sealed record ListHostedZonesByNameRequest(
    [property: JsonPropertyName("dnsname")] string? DNSName = null, [property: JsonPropertyName("maxitems")] string? MaxItems = null);

internal sealed record ListHostedZonesByNameResponse(IReadOnlyList<HostedZone>? HostedZones, bool? IsTruncated);

internal sealed record HostedZone(string Id, string Name);

internal sealed record ChangeResourceRecordSetsRequest([property: JsonPropertyName("Id")] string HostedZoneId, ChangeBatch ChangeBatch);

internal sealed record ChangeBatch(string? Comment, IReadOnlyList<Change> Changes);

internal sealed record Change(string Action, ResourceRecordSet ResourceRecordSet);

internal sealed record ResourceRecordSet(string Name, string Type)
{
    public string? SetIdentifier { get; init; }

    public long? Weight { get; init; }

    [JsonPropertyName("TTL")]
    public long? Ttl { get; init; }

    public IReadOnlyList<ResourceRecord>? ResourceRecords { get; init; }

    public AliasTarget? AliasTarget { get; init; }
}

internal sealed record ResourceRecord(string Value);

internal sealed record AliasTarget(string HostedZoneId, string DNSName, bool EvaluateTargetHealth);

internal sealed record ChangeResourceRecordSetsResponse(ChangeInfo ChangeInfo);

internal sealed record ChangeInfo(string Id, string Status, DateTimeOffset SubmittedAt);

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowReadingFromString, Converters = [typeof(AwsTime), typeof(AwsBoolean)])]
[JsonSerializable(typeof(ListHostedZonesByNameRequest))]
[JsonSerializable(typeof(ListHostedZonesByNameResponse))]
[JsonSerializable(typeof(ChangeResourceRecordSetsRequest))]
[JsonSerializable(typeof(ChangeResourceRecordSetsResponse))]
internal sealed partial class Route53Json : JsonSerializerContext;
