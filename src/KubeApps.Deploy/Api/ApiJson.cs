using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Api;

/// <summary>A page of a list. Each item is read by itself, so that a long list is nowhere in memory as a whole.</summary>
internal sealed record ObjectList(ListMetadata? Metadata, IReadOnlyList<JsonObject?>? Items);

/// <summary>Where a list stands: <see cref="Continue"/> leads to its next page, and is null or empty on the last one.</summary>
internal sealed record ListMetadata(string? Continue, string? ResourceVersion);

/// <summary>One line of a watch.</summary>
internal sealed record WatchLine(string? Type, JsonObject? Object);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ObjectList))]
[JsonSerializable(typeof(WatchLine))]
internal sealed partial class ApiJson : JsonSerializerContext;
