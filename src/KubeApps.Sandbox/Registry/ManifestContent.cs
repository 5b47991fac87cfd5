using System.Text.Json;

namespace KubeApps.Sandbox.Registry;

/// <summary>What the registry must know of a manifest: what it names, and what it refers to.</summary>
/// <param name="MediaType">The type that counts: the request's, which the body may repeat but not contradict.</param>
/// <param name="Blobs">Config and layers that must be there.</param>
/// <param name="Manifests">The entries of an index.</param>
/// <param name="Subject">The digest of the manifest that this one refers to, if any.</param>
/// <param name="ArtifactType">What a referrer is, as the referrers API shows it.</param>
internal sealed record ManifestContent(
    string MediaType, IReadOnlyList<string> Blobs, IReadOnlyList<string> Manifests, string? Subject, string? ArtifactType)
{
    public const int LargestSize = 4 * 1024 * 1024;

    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <exception cref="RegistryException">The content is no manifest of that type.</exception>
    public static ManifestContent Parse(string? mediaType, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return Parse(mediaType, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw RegistryException.ManifestInvalid("The body is not the JSON of a manifest.");
        }
    }

    private static ManifestContent Parse(string? mediaType, JsonElement root)
    {
        var declared = Text(root, "mediaType");
        mediaType = string.IsNullOrEmpty(mediaType) ? declared : mediaType;
        if (mediaType is not (OciManifest or OciIndex or DockerManifest or DockerList))
            throw RegistryException.ManifestInvalid("The media type is none of the OCI and Docker manifests and indexes.");
        if (declared is not null && declared != mediaType)
            throw RegistryException.ManifestInvalid("The body's mediaType is not the one of the Content-Type header.");
        if (root.GetProperty("schemaVersion").GetInt32() != 2)
            throw RegistryException.ManifestInvalid("The schemaVersion must be 2.");

        var subject = root.TryGetProperty("subject", out var subjectDescriptor) ? Digest(subjectDescriptor) : null;
        var artifactType = Text(root, "artifactType");
        if (mediaType is OciIndex or DockerList)
            return new(mediaType, [], [.. root.GetProperty("manifests").EnumerateArray().Select(Digest)], subject, artifactType);

        var config = root.GetProperty("config");
        string[] blobs = [Digest(config), .. root.GetProperty("layers").EnumerateArray().Where(IsHere).Select(Digest)];
        return new(mediaType, blobs, [], subject, string.IsNullOrEmpty(artifactType) ? Text(config, "mediaType") : artifactType);
    }

    // Layers that may not be distributed lie elsewhere; they name their URLs.
    private static bool IsHere(JsonElement layer) => !layer.TryGetProperty("urls", out var urls) || urls.GetArrayLength() == 0;

    private static string Digest(JsonElement descriptor)
    {
        var digest = descriptor.GetProperty("digest").GetString();
        return RegistryGrammar.IsDigest(digest)
            ? digest!
            : throw RegistryException.ManifestInvalid("A descriptor's digest is not of the form sha256:<64 hex digits>.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
