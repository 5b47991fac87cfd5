using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Images;

/// <summary>What an image consists of in its registry, with those of all its platforms: each layer once.</summary>
internal static class StoredLayers
{
    // An index names one image for each platform; whatever names more is not read to its end.
    private const int MostPlatforms = 32;

    /// <summary>Asks the registry; nothing is known where it says nothing.</summary>
    public static async Task<IReadOnlyList<(string Digest, long Size)>> ReadAsync(RegistryClient client, string path, string digest, CancellationToken cancellationToken)
    {
        var image = await ReadManifestAsync(digest).ConfigureAwait(false);
        var platforms = ItemsOf(image, "manifests").Select(DigestOf).OfType<string>().Where(RegistryClient.IsDigest).Distinct().Take(MostPlatforms);
        IReadOnlyList<JsonObject?> images = [image, .. await Task.WhenAll(platforms.Select(ReadManifestAsync)).ConfigureAwait(false)];
        return
        [
            .. images.SelectMany(part => ItemsOf(part, "layers")).Select(layer => (Digest: DigestOf(layer)!, Size: SizeOf(layer))).Where(layer => layer.Digest is not null)
                .DistinctBy(layer => layer.Digest),
        ];

        async Task<JsonObject?> ReadManifestAsync(string reference) =>
            await client.GetAsync(path, reference, cancellationToken).ConfigureAwait(false) is var (content, _, _) ? Parse(content) : null;
    }

    private static IEnumerable<JsonNode?> ItemsOf(JsonObject? manifest, string name) => manifest?[name] as JsonArray ?? [];

    private static string? DigestOf(JsonNode? item) => (item as JsonObject)?["digest"] is JsonValue value && value.TryGetValue<string>(out var digest) ? digest : null;

    private static long SizeOf(JsonNode? layer) => (layer as JsonObject)?["size"] is JsonValue value && value.TryGetValue<long>(out var size) ? size : 0;

    private static JsonObject? Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
