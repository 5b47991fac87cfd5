using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Images;

namespace KubeApps.Deploy.Artifacts;

/// <summary>What a registry is told about a bundle: an OCI image manifest that says what it really is, with one layer and nothing to run.</summary>
/// <remarks>https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md#guidelines-for-artifact-usage</remarks>
internal static class BundleManifest
{
    public const string ArtifactType = "application/vnd.kubeapps.bundle.v1";
    public const string LayerType = "application/vnd.kubeapps.bundle.layer.v1.tar+gzip";

    private const string EmptyType = "application/vnd.oci.empty.v1+json";

    // The '+' of a media type stays one.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The configuration of what has none.</summary>
    public static byte[] EmptyConfig => "{}"u8.ToArray();

    public static string DigestOf(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public static byte[] Write(string app, string? commit, byte[] layer)
    {
        var annotations = new JsonObject { ["org.opencontainers.image.title"] = app };
        if (commit is not null)
            annotations["org.opencontainers.image.revision"] = commit;
        var config = Descriptor(EmptyType, EmptyConfig);
        config["data"] = Convert.ToBase64String(EmptyConfig);
        var content = Descriptor(LayerType, layer);
        content["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = $"{app}.tar.gz" };
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = RegistryClient.OciManifest,
            ["artifactType"] = ArtifactType,
            ["config"] = config,
            ["layers"] = new JsonArray(content),
            ["annotations"] = annotations,
        };
        return Encoding.UTF8.GetBytes(manifest.ToJsonString(Plain));
    }

    /// <summary>The layer that holds the bundle.</summary>
    /// <exception cref="InvalidDataException">The manifest is of something else; of what.</exception>
    public static (string Digest, long Size) LayerOf(byte[] manifest, string mediaType)
    {
        if (mediaType != RegistryClient.OciManifest)
            throw new InvalidDataException($"it is of type {mediaType}");
        try
        {
            var root = JsonNode.Parse(manifest)!.AsObject();
            if ((string?)root["artifactType"] is var type && type != ArtifactType)
                throw new InvalidDataException(type is null ? "it is an image" : $"it is of type {type}");
            if (root["layers"]!.AsArray() is not [JsonObject layer] || (string?)layer["mediaType"] != LayerType)
                throw new InvalidDataException($"it has not just one layer of type {LayerType}");
            return ((string)layer["digest"]!, (long)layer["size"]!);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("its manifest cannot be read", failure);
        }
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) =>
        new() { ["mediaType"] = mediaType, ["digest"] = DigestOf(content), ["size"] = content.Length };
}
