using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Pods.Images;

internal sealed record ImageLayer(string Digest, string MediaType, long Size);

/// <summary>An image manifest, OCI or Docker schema 2 (they differ in media types only).</summary>
internal sealed record ImageManifest(string Digest, string ConfigDigest, IReadOnlyList<ImageLayer> Layers)
{
    /// <exception cref="ImageException">The content is no image manifest.</exception>
    public static ImageManifest Parse(string digest, JsonObject content) => ImageJson.Read($"manifest {digest}", () =>
    {
        var config = (string)content["config"]!["digest"]!;
        var layers = content["layers"]!.AsArray()
            .Select(layer => new ImageLayer((string)layer!["digest"]!, (string)layer["mediaType"]!, (long)layer["size"]!)).ToList();
        foreach (var named in layers.Select(layer => layer.Digest).Prepend(config))
            if (!ImageDigest.IsValid(named))
                throw new ImageException($"unsupported digest {named}");
        return new ImageManifest(digest, config, layers);
    });
}

/// <summary>What the image says about the process: the part of the image configuration that the sandbox uses.</summary>
internal sealed record ImageConfig(
    IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command, IReadOnlyList<KeyValuePair<string, string>> Environment,
    string WorkingDirectory, IReadOnlyList<int> ExposedPorts, string? StopSignal)
{
    /// <exception cref="ImageException">The content is no image configuration.</exception>
    public static ImageConfig Parse(string digest, byte[] content) => ImageJson.Read($"image configuration {digest}", () =>
    {
        var config = JsonNode.Parse(content)!["config"] as JsonObject ?? [];
        return new ImageConfig(
            Texts(config["Entrypoint"]),
            Texts(config["Cmd"]),
            [.. Texts(config["Env"]).Select(Pair)],
            (string?)config["WorkingDir"] is { Length: > 0 } folder ? folder : "/",
            [.. (config["ExposedPorts"] as JsonObject ?? []).Select(port => port.Key.Split('/'))
                .Where(parts => parts.Length == 1 || parts[1] == "tcp").Select(parts => int.Parse(parts[0], null)).Order()],
            (string?)config["StopSignal"]);
    });

    private static List<string> Texts(JsonNode? node) => [.. (node as JsonArray ?? []).Select(item => (string)item!)];

    private static KeyValuePair<string, string> Pair(string text) =>
        text.IndexOf('=') is var at and >= 0 ? new(text[..at], text[(at + 1)..]) : new(text, "");
}

/// <summary>An index of images for several platforms.</summary>
internal static class ImageIndex
{
    public static bool IsIndex(string mediaType, JsonObject content) =>
        mediaType is "application/vnd.oci.image.index.v1+json" or "application/vnd.docker.distribution.manifest.list.v2+json"
        || content["manifests"] is JsonArray;

    /// <summary>
    /// The digest of the image that runs on this host: made for its system, else a Linux one of its architecture (framework-dependent
    /// .NET apps run anywhere).
    /// </summary>
    /// <exception cref="ImageException">There is none.</exception>
    public static string Choose(string digest, JsonObject content) => ImageJson.Read($"index {digest}", () =>
    {
        var candidates = content["manifests"]!.AsArray().Select(entry => entry!.AsObject())
            .Where(entry => entry["platform"] is JsonObject platform && (string?)platform["architecture"] == HostPlatform.Architecture).ToList();
        var chosen = candidates.FirstOrDefault(entry => (string?)entry["platform"]!["os"] == HostPlatform.System)
            ?? candidates.FirstOrDefault(entry => (string?)entry["platform"]!["os"] == "linux")
            ?? throw new ImageException($"no match for platform {HostPlatform.System}/{HostPlatform.Architecture} in manifest {digest}: not found");
        var found = (string)chosen["digest"]!;
        return ImageDigest.IsValid(found) ? found : throw new ImageException($"unsupported digest {found}");
    });
}

/// <summary>The host in the words of OCI (which are those of Go).</summary>
internal static class HostPlatform
{
    public static string System { get; } = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";

    public static string Architecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        global::System.Runtime.InteropServices.Architecture.X64 => "amd64",
        global::System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        global::System.Runtime.InteropServices.Architecture.X86 => "386",
        global::System.Runtime.InteropServices.Architecture.Arm => "arm",
        var other => other.ToString().ToLowerInvariant(),
    };
}

internal static class ImageJson
{
    /// <summary>Turns what a malformed document makes of <paramref name="read"/> into one clear reason.</summary>
    public static T Read<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or OverflowException)
        {
            throw new ImageException($"malformed {what}", e);
        }
    }
}
