using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Images;

/// <summary>What an image consists of in its registry, with those of all its platforms: each layer once.</summary>
internal static class StoredLayers
{
    /// <summary>Asks the registry; nothing is known where it says nothing.</summary>
    public static async Task<IReadOnlyList<(string Digest, long Size)>> ReadAsync(RegistryClient client, string path, string digest, CancellationToken cancellationToken)
    {
        List<JsonObject> manifests = [];
        await AddAsync(digest).ConfigureAwait(false);
        return [.. manifests.SelectMany(manifest => manifest["layers"] as JsonArray ?? [])
            .Select(layer => (Digest: (string?)layer?["digest"] ?? "", Size: (long?)layer?["size"] ?? 0)).DistinctBy(layer => layer.Digest)];

        async Task AddAsync(string reference)
        {
            if (await client.GetAsync(path, reference, cancellationToken).ConfigureAwait(false) is not var (content, _, _) || Parse(content) is not { } manifest)
                return;
            manifests.Add(manifest);
            foreach (var part in manifest["manifests"] as JsonArray ?? [])
                if ((string?)part?["digest"] is { } other)
                    await AddAsync(other).ConfigureAwait(false);
        }
    }

    private static JsonObject? Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
