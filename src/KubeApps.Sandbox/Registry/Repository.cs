using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Sandbox.Registry;

/// <summary>What one repository holds, as it stands in its file. The content itself lies once, under <c>blobs</c>.</summary>
internal sealed class Repository
{
    public required string Name { get; init; }

    public HashSet<string> Blobs { get; init; } = [];

    public Dictionary<string, ManifestEntry> Manifests { get; init; } = [];

    public Dictionary<string, string> Tags { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RepositoryJson.Default.Repository);

    public static Repository FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, RepositoryJson.Default.Repository)!;
}

/// <param name="MediaType">As it was pushed.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Subject">The digest of the manifest that this one refers to (signatures, SBOMs), if any.</param>
internal sealed record ManifestEntry(string MediaType, long Size, string? Subject = null);

/// <summary>A manifest with its bytes as they were pushed.</summary>
internal sealed record StoredManifest(string Digest, string MediaType, byte[] Content);

[JsonSerializable(typeof(Repository))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class RepositoryJson : JsonSerializerContext;
