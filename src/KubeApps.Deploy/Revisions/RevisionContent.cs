using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Revisions;

/// <summary>
/// The environment of a revision. One that is kept stays compressed until somebody asks: of ten revisions of thousands of objects, which every deploy reads,
/// hardly one is returned to.
/// </summary>
internal sealed class RevisionContent
{
    /// <summary>What a ConfigMap can hold (1 MiB), less what stands beside the content.</summary>
    public const int MostBytes = 960 * 1024;

    // What a bundle of thousands of objects comes to; more is nothing that we wrote.
    private const int MostUnpacked = 256 * 1024 * 1024;

    private readonly Func<BundleEnvironment> _open;

    private RevisionContent(Func<BundleEnvironment> open) => _open = open;

    /// <summary>Names resolved, Secrets with their keys alone where it was kept; made anew for everyone who asks.</summary>
    public BundleEnvironment Environment => _open();

    public static RevisionContent Of(BundleEnvironment environment) => new(() => environment);

    /// <summary>Null where the bytes are not what <see cref="Pack"/> makes.</summary>
    public static RevisionContent? Read(byte[] packed) => Unpack(packed) is null ? null : new RevisionContent(() => Unpack(packed)!);

    /// <summary>The environment as bytes: JSON, compressed. Values of Secrets never get into it.</summary>
    public byte[] Pack()
    {
        var environment = Environment;
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
            JsonSerializer.Serialize(
                gzip, new PackedEnvironment(BundleIndexEnvironment.Of(environment), environment.Objects.Select(item => WithoutValues(item.Content))),
                PackedJson.Default.PackedEnvironment);
        return stream.ToArray();
    }

    private static BundleEnvironment? Unpack(byte[] bytes)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var limited = new LimitedStream(gzip, MostUnpacked);
            if (JsonSerializer.Deserialize(limited, PackedJson.Default.PackedEnvironment) is not { Environment: { } index, Objects: { } objects } || !IsWhole(index))
                return null;
            var contents = objects.OfType<JsonObject>().Where(IsObject).ToList();
            if (contents.Count != index.Objects.Count || contents.Count != objects.Count())
                return null;
            var next = 0;
            return index.ToEnvironment(_ => contents[next++]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>An object as a revision keeps it: of a Secret the keys alone.</summary>
    public static JsonObject WithoutValues(JsonObject content)
    {
        var kept = (JsonObject)content.DeepClone();
        if ((string?)kept["kind"] != "Secret")
            return kept;
        var keys = KeysOf(kept).ToList();
        kept.Remove("stringData");
        kept["data"] = new JsonObject(keys.Select(key => KeyValuePair.Create(key, (JsonNode?)null)));
        return kept;
    }

    private static IEnumerable<string> KeysOf(JsonObject secret) => new[] { "data", "stringData" }
        .SelectMany(name => (secret[name] as JsonObject ?? []).Select(pair => pair.Key)).Distinct().Order(StringComparer.Ordinal);

    // The serializer takes what lacks a part, and leaves it null.
    private static bool IsWhole(BundleIndexEnvironment index) =>
        index is { Name: not null, Namespace: not null, Target.Kind: not null, Strategy.Kind: not null, Objects: not null }
        && index.Objects.All(item => item is { Path: not null, Phase: not null });

    private static bool IsObject(JsonObject content) =>
        IsText(content["apiVersion"]) && IsText(content["kind"]) && content["metadata"] is JsonObject metadata && IsText(metadata["name"])
        && (metadata["namespace"] is null || IsText(metadata["namespace"]));

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String;
}

/// <summary>As it is written. Object by object, both ways: what is not compressed is nowhere as a whole.</summary>
internal sealed record PackedEnvironment(BundleIndexEnvironment? Environment, IEnumerable<JsonObject?>? Objects);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PackedEnvironment))]
internal sealed partial class PackedJson : JsonSerializerContext;
