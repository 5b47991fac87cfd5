using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Models;

/// <summary>What a value may be at one place of a request or an answer.</summary>
public sealed class Shape
{
    private readonly ServiceModel _service;
    private readonly JsonObject _place;
    private readonly JsonObject _named;
    private IReadOnlyDictionary<string, Shape>? _members;

    internal Shape(ServiceModel service, JsonObject place, string? typeName)
    {
        (_service, _place, TypeName) = (service, place, typeName);
        _named = (string?)place["shape"] is { } name ? service.Named(name) : place;
    }

    /// <summary>structure, list, map, string, integer, long, float, double, boolean, timestamp or blob.</summary>
    public string Type => (string?)_named["type"] ?? (IsStructure ? "structure" : "string");

    /// <summary>What the type is called in AWS's packages, where that is known.</summary>
    public string? TypeName { get; }

    /// <summary>The members of a structure, by name.</summary>
    public IReadOnlyDictionary<string, Shape> Members => _members ??= (_named["members"] as JsonObject ?? [])
        .ToDictionary(entry => entry.Key, entry => new Shape(_service, entry.Value!.AsObject(), _service.Types.OfMember(TypeName, entry.Key)));

    public IReadOnlyList<string> Required => Strings("required");

    /// <summary>What a list consists of.</summary>
    public Shape Element => new(_service, _named["member"]!.AsObject(), _service.Types.OfElement(TypeName));

    public Shape Key => new(_service, _named["key"]!.AsObject(), _service.Types.OfKey(TypeName));

    /// <summary>What the values of a map are.</summary>
    public Shape Value => new(_service, _named["value"]!.AsObject(), _service.Types.OfElement(TypeName));

    /// <summary>Where a member of a request or an answer goes: uri, querystring, header, headers, statusCode; null for the body.</summary>
    public string? Location => At("location");

    public string? LocationName => At("locationName");

    /// <summary>With EC2: its name in requests, where it is not the usual one.</summary>
    public string? QueryName => At("queryName");

    public bool IsIdempotencyToken => (bool?)_place["idempotencyToken"] ?? false;

    /// <summary>What a text may be, where AWS counts it up. Of new types of instances the package, which is frozen, knows nothing.</summary>
    public IReadOnlyList<string>? Enumeration => Type != "string" || TypeName == "InstanceType" ? null : Strings("enum") is { Count: > 0 } values ? values : _service.Types.ValuesOf(TypeName);

    internal Limits? Limits => TypeName is { } name ? _service.LimitsOf(name) : null;

    internal bool IsStructure { get; init; }

    private string? At(string name) => (string?)_place[name] ?? (string?)_named[name];

    private List<string> Strings(string name) => _named[name] is JsonArray items ? [.. items.Select(item => (string)item!)] : [];
}
