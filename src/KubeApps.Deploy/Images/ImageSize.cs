using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Images;

/// <summary>How large an image is in its registry, with those of all its platforms: each layer once.</summary>
internal sealed record ImageSize(int Layers, long Bytes)
{
    /// <summary>Asks the registry; nothing is known where it says nothing.</summary>
    public static async Task<ImageSize> OfAsync(RegistryClient client, string path, string digest, CancellationToken cancellationToken)
    {
        List<JsonObject> manifests = [];
        await ReadAsync(digest).ConfigureAwait(false);
        return Of(manifests);

        async Task ReadAsync(string reference)
        {
            if (await client.GetAsync(path, reference, cancellationToken).ConfigureAwait(false) is not var (content, _, _) || Parse(content) is not { } manifest)
                return;
            manifests.Add(manifest);
            foreach (var part in manifest["manifests"] as JsonArray ?? [])
                if ((string?)part?["digest"] is { } other)
                    await ReadAsync(other).ConfigureAwait(false);
        }
    }

    /// <summary>The layers of manifests. Pure.</summary>
    internal static ImageSize Of(IEnumerable<JsonObject> manifests)
    {
        var layers = manifests.SelectMany(manifest => manifest["layers"] as JsonArray ?? [])
            .Select(layer => (Digest: (string?)layer?["digest"], Size: (long?)layer?["size"] ?? 0)).DistinctBy(layer => layer.Digest).ToList();
        return new ImageSize(layers.Count, layers.Sum(layer => layer.Size));
    }

    /// <summary><c>5 layers, 92.4 MB</c>.</summary>
    public override string ToString()
    {
        var size = Bytes < 1_000_000 ? $"{(Bytes / 1_000.0).ToString("0.0", CultureInfo.InvariantCulture)} kB" : $"{(Bytes / 1_000_000.0).ToString("0.0", CultureInfo.InvariantCulture)} MB";
        return $"{Layers.ToString(CultureInfo.InvariantCulture)} {(Layers == 1 ? "layer" : "layers")}, {size}";
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
