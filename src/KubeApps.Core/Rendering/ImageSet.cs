using KubeApps.Bundles;

namespace KubeApps.Rendering;

/// <summary>The images of an app by their key (<see cref="Image.Key"/>), as the build left them in a registry.</summary>
internal sealed record ImageSet(IReadOnlyDictionary<string, BundleImage> Images)
{
    /// <summary>How they came into the registry, where one was asked.</summary>
    public IReadOnlyList<PublishedImage> Published { get; init; } = [];

    /// <summary>What a publish knows that asks no registry: the repositories' names, and neither tag nor digest.</summary>
    public static ImageSet Draft(SpecDocument document) => new(
        document.Images()
            .Where(image => image.Kind != ImageKind.Reference)
            .ToDictionary(image => image.Key!, image => new BundleImage(image.Key!, null, null, []), StringComparer.Ordinal));
}
