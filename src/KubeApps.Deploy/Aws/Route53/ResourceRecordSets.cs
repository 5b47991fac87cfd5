using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Aws.Route53;

internal sealed record ListResourceRecordSetsRequest([property: JsonPropertyName("Id")] string HostedZoneId)
{
    [JsonPropertyName("name")]
    public string? StartRecordName { get; init; }

    [JsonPropertyName("type")]
    public string? StartRecordType { get; init; }

    [JsonPropertyName("identifier")]
    public string? StartRecordIdentifier { get; init; }

    [JsonPropertyName("maxitems")]
    public string? MaxItems { get; init; }
}

internal sealed record ListResourceRecordSetsResponse(
    IReadOnlyList<ResourceRecordSet>? ResourceRecordSets, bool IsTruncated, string? NextRecordName, string? NextRecordType, string? NextRecordIdentifier);

internal sealed record ChangeResourceRecordSetsRequest([property: JsonPropertyName("Id")] string HostedZoneId, ChangeBatch ChangeBatch);

internal sealed record ChangeBatch(string? Comment, IReadOnlyList<Change> Changes);

internal sealed record Change(string Action, ResourceRecordSet ResourceRecordSet);

// In the order of Route 53's schema, which XML keeps.
internal sealed record ResourceRecordSet(string Name, string Type)
{
    public string? SetIdentifier { get; init; }

    public long? Weight { get; init; }

    public long? TTL { get; init; }

    public IReadOnlyList<ResourceRecord>? ResourceRecords { get; init; }

    public AliasTarget? AliasTarget { get; init; }

    public string? HealthCheckId { get; init; }
}

internal sealed record ResourceRecord(string Value);

internal sealed record AliasTarget(string HostedZoneId, string DNSName, bool EvaluateTargetHealth);

internal sealed record ChangeResourceRecordSetsResponse(ChangeInfo ChangeInfo);

internal sealed record ChangeInfo([property: JsonConverter(typeof(Route53Id))] string Id, string Status, DateTimeOffset SubmittedAt);

internal sealed record GetChangeRequest(string Id);

internal sealed record GetChangeResponse(ChangeInfo ChangeInfo);

internal static class ChangeAction
{
    public const string Create = "CREATE";
    public const string Delete = "DELETE";
    public const string Upsert = "UPSERT";
}

internal static class ChangeStatus
{
    public const string Pending = "PENDING";
    public const string Insync = "INSYNC";
}
