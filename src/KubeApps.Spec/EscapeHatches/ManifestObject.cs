using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>A Kubernetes object that goes into the bundle as it is; see <see cref="KubeAppModel.AddObject"/>.</summary>
public sealed class ManifestObject
{
    /// <summary>As the typed models of KubernetesClient are meant, and anonymous types written like them: camel case, and nothing where nothing is said.</summary>
    private static readonly JsonSerializerOptions Typed = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    [JsonConstructor]
    internal ManifestObject()
    {
    }

    internal ManifestObject(JsonObject content, SourceLocation location) => (Content, Location) = (content, location);

    /// <summary>The object itself.</summary>
    [JsonInclude]
    public JsonObject Content { get; internal set; } = [];

    /// <summary>The file of the specification that says so, relative to the project's directory.</summary>
    [JsonInclude]
    public string? File { get; internal set; }

    /// <summary>The line in <see cref="File"/>.</summary>
    [JsonInclude]
    public int Line { get; internal set; }

    internal SourceLocation? Location { get; }

    /// <summary>Any value as JSON: JSON itself, a text, a number, a typed model, an anonymous object.</summary>
    internal static JsonNode? ToJson(object? value) => value is JsonNode node ? node.DeepClone() : JsonSerializer.SerializeToNode(value, Typed);
}
