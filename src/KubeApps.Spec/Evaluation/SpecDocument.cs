using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>The outcome of evaluating a specification for all its environments, all defaults made explicit: what <c>model.json</c> holds.</summary>
/// <param name="SchemaVersion">1. A reader refuses a version that it does not know.</param>
/// <param name="App">The app's name.</param>
/// <param name="Files">The files that were read (config files, manifests, templates), relative to the project's directory: inputs of the build.</param>
/// <param name="Environments">One model for each environment; <c>local</c> first.</param>
internal sealed record SpecDocument(
    int SchemaVersion, string App, IReadOnlyList<string> Files, IReadOnlyList<KubeAppModel> Environments)
{
    public const int CurrentSchemaVersion = 1;

    /// <summary>The patterns by which <see cref="Files"/> were found (<c>k8s/*.yaml</c>): for the build alone, no part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>
    /// The images that containers run, in all environments or the one that is named: one for each key, in the order of their first use, for
    /// all processors that any of the uses wants.
    /// </summary>
    public IReadOnlyList<Image> Images(string? environment = null) =>
    [
        .. Environments
            .Where(model => environment is null || model.Environment.Is(environment))
            .SelectMany(model => model.All<Workload>())
            .SelectMany(workload => workload.AllContainers)
            .Select(container => container.Image)
            .GroupBy(image => image.Key, StringComparer.Ordinal)
            .Select(uses => uses.First().For(uses.Key, [.. uses.SelectMany(image => image.Architectures).Distinct().Order()])),
    ];

    public string ToJson() => JsonSerializer.Serialize(this, SpecJson.Document) + "\n";

    public static SpecDocument FromJson(string json)
    {
        SpecDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, SpecJson.Document);
        }
        catch (JsonException exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.ModelUnreadable.Because($"The model is not what this version writes: {exception.Message}"), exception);
        }

        return document is { SchemaVersion: CurrentSchemaVersion }
            ? document
            : throw new DiagnosticException(DiagnosticDescriptors.ModelUnreadable.Because(
                $"The model has schema version {document?.SchemaVersion ?? 0}; this version of the tool reads {CurrentSchemaVersion}."));
    }
}

/// <summary>The model's JSON: camel case, nulls and empty collections omitted, in the order of declaration.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SpecDocument))]
internal sealed partial class SpecJsonContext : JsonSerializerContext;

internal static class SpecJson
{
    /// <summary>How a <see cref="KubeApps.SpecDocument"/> reads and writes.</summary>
    public static readonly JsonTypeInfo<SpecDocument> Document = (JsonTypeInfo<SpecDocument>)new JsonSerializerOptions(SpecJsonContext.Default.Options)
    {
        TypeInfoResolver = SpecJsonContext.Default.WithAddedModifier(OmitEmptyCollections),
    }.GetTypeInfo(typeof(SpecDocument));

    private static void OmitEmptyCollections(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (typeof(ICollection).IsAssignableFrom(property.PropertyType) && property.AssociatedParameter is null)
                property.ShouldSerialize = static (_, value) => value is ICollection { Count: > 0 };
    }
}
