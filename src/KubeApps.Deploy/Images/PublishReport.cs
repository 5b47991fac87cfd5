using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Images;

/// <summary>
/// How the images of a publish came into their registry, for whoever ran it: a file in the project's intermediate folder, since a bundle is the
/// same whenever it is made.
/// </summary>
internal static class PublishReport
{
    private const string Name = "images.json";

    public static void Write(string folder, IReadOnlyList<PublishedImage> images) =>
        File.WriteAllBytes(Path.Combine(folder, Name), JsonSerializer.SerializeToUtf8Bytes(images, PublishReportContext.Default.IReadOnlyListPublishedImage));

    /// <summary>What the last publish wrote; nothing where it wrote nothing, or it is not to be read.</summary>
    public static IReadOnlyList<PublishedImage> Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, Name)), PublishReportContext.Default.IReadOnlyListPublishedImage) ?? [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<PublishedImage>))]
internal sealed partial class PublishReportContext : JsonSerializerContext;
