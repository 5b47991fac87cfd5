using System.Globalization;

namespace KubeApps.Bundles;

/// <summary>How an image came into its registry: with those of all its platforms, each layer once.</summary>
/// <param name="Name">The image's key.</param>
/// <param name="Image">By digest, as the bundle names it.</param>
/// <param name="WasThere">Whether the registry had it, so that nothing was built or sent.</param>
/// <param name="Layers">What it consists of; empty where the registry does not tell.</param>
internal sealed record PublishedImage(string Name, string Image, bool WasThere, IReadOnlyList<ImageLayer> Layers)
{
    /// <summary>How long the pushes took alone, without the builds before them; null where there was none.</summary>
    public double? PushSeconds { get; init; }

    /// <summary><c>5 layers, 92.4 MB</c>.</summary>
    public string Size() => $"{Layers.Count.ToString(CultureInfo.InvariantCulture)} {(Layers.Count == 1 ? "layer" : "layers")}, {Bytes(Layers)}";

    /// <summary><c>sent 12.3 kB in 0.4 s</c>; empty where nothing was pushed.</summary>
    public string Push() => PushSeconds is not { } seconds ? ""
        : $"sent {(Layers.Any(layer => layer.Sent is null) ? "" : $"{Bytes(Layers.Where(layer => layer.Sent == true))} ")}in {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s";

    private static string Bytes(IEnumerable<ImageLayer> layers)
    {
        var bytes = layers.Sum(layer => layer.Size);
        return bytes < 1_000_000 ? $"{(bytes / 1_000.0).ToString("0.0", CultureInfo.InvariantCulture)} kB" : $"{(bytes / 1_000_000.0).ToString("0.0", CultureInfo.InvariantCulture)} MB";
    }
}

/// <summary>A layer of an image in its registry.</summary>
/// <param name="Digest">Of the layer as it is stored.</param>
/// <param name="Size">Its bytes there.</param>
/// <param name="Sent">Whether this publish sent it; false: it was there already. Null where the builder does not tell.</param>
internal sealed record ImageLayer(string Digest, long Size, bool? Sent);
