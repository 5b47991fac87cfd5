using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Revisions;

/// <summary>The environment of a revision as bytes: JSON, compressed. Values of Secrets never get into it.</summary>
internal static class RevisionContent
{
    /// <summary>What a ConfigMap can hold (1 MiB), less what stands beside the content.</summary>
    public const int MostBytes = 960 * 1024;

    // What a bundle of thousands of objects comes to; more is nothing that we wrote.
    private const int MostUnpacked = 256 * 1024 * 1024;

    public static byte[] Pack(BundleEnvironment environment)
    {
        var index = BundleIndexEnvironment.Of(environment);
        var packed = new JsonObject
        {
            ["environment"] = JsonSerializer.SerializeToNode(index, BundleJson.Default.BundleIndexEnvironment),
            ["objects"] = new JsonArray([.. environment.Objects.Select(item => (JsonNode)WithoutValues(item.Content))]),
        };
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
        using (var writer = new Utf8JsonWriter(gzip))
            packed.WriteTo(writer);
        return stream.ToArray();
    }

    /// <summary>Null where the bytes are not what <see cref="Pack"/> makes.</summary>
    public static BundleEnvironment? Unpack(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (JsonNode.Parse(Inflate(bytes)) is not JsonObject packed || packed["objects"] is not JsonArray objects || packed["environment"] is not JsonObject environment
                || environment.Deserialize(BundleJson.Default.BundleIndexEnvironment) is not { } index || !IsWhole(index) || index.Objects.Count != objects.Count)
                return null;
            var contents = objects.OfType<JsonObject>().Where(IsObject).Select(item => (JsonObject)item.DeepClone()).ToList();
            if (contents.Count != objects.Count)
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

    private static byte[] Inflate(ReadOnlyMemory<byte> bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = gzip.Read(buffer)) > 0;)
        {
            if (unpacked.Length + count > MostUnpacked)
                throw new InvalidDataException("It unpacks to more than a revision can be.");
            unpacked.Write(buffer, 0, count);
        }

        return unpacked.ToArray();
    }

    // The serializer takes what lacks a part, and leaves it null.
    private static bool IsWhole(BundleIndexEnvironment index) =>
        index is { Name: not null, Namespace: not null, Target.Kind: not null, Strategy.Kind: not null, Objects: not null }
        && index.Objects.All(item => item is { Path: not null, Phase: not null });

    private static bool IsObject(JsonObject content) =>
        IsText(content["apiVersion"]) && IsText(content["kind"]) && content["metadata"] is JsonObject metadata && IsText(metadata["name"])
        && (metadata["namespace"] is null || IsText(metadata["namespace"]));

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String;
}
