using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Aws.Route53;

internal sealed record ListHostedZonesByNameRequest
{
    [JsonPropertyName("dnsname")]
    public string? DNSName { get; init; }

    [JsonPropertyName("hostedzoneid")]
    public string? HostedZoneId { get; init; }

    [JsonPropertyName("maxitems")]
    public string? MaxItems { get; init; }
}

internal sealed record ListHostedZonesByNameResponse(IReadOnlyList<HostedZone>? HostedZones, bool IsTruncated, string? NextDNSName, string? NextHostedZoneId);

internal sealed record HostedZone([property: JsonConverter(typeof(Route53Id))] string Id, string Name)
{
    public HostedZoneConfig? Config { get; init; }
}

internal sealed record HostedZoneConfig(bool PrivateZone);
