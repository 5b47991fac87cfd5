using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn;

/// <summary>Something that is, or once was, in an account.</summary>
public sealed class Resource
{
    internal Resource(string kind, string region, string key, JsonObject content, DateTimeOffset createdAt) => (Kind, Region, Key, Content, CreatedAt) = (kind, region, key, content, createdAt);

    /// <summary>Its service and what it is there: <c>eks:cluster</c>.</summary>
    public string Kind { get; }

    /// <summary>Empty where it belongs to all regions.</summary>
    public string Region { get; }

    /// <summary>What it is found by within its kind: an id, a name.</summary>
    public string Key { get; }

    /// <summary>As its service describes it.</summary>
    public JsonObject Content { get; }

    /// <summary>What its service knows of it, but does not say.</summary>
    internal JsonObject Hidden { get; } = [];

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset? DeletedAt { get; internal set; }

    public string? Status => (Content["status"] ?? (Content["State"] is JsonObject state ? state["Code"] ?? state["Name"] : Content["State"]) ?? Content["Status"])?.ToString();

    public IReadOnlyDictionary<string, string> Tags => (Content["tags"] ?? Content["Tags"] ?? Content["TagSet"] ?? Hidden["tags"]) switch
    {
        JsonObject map => map.ToDictionary(tag => tag.Key, tag => (string)tag.Value!),
        JsonArray items => items.ToDictionary(item => (string)(item!["Key"] ?? item["key"])!, item => (string?)(item!["Value"] ?? item["value"]) ?? ""),
        _ => new Dictionary<string, string>(),
    };

    public override string ToString() => $"{Kind} {Key}{(Status is { } status ? $" {status}" : "")}{(DeletedAt is null ? "" : " (gone)")}";
}
