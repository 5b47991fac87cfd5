using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Registry;

/// <summary>
/// The base image of the local environment: nearly empty, for the .NET of this machine runs what is built on it. Made here, so that no
/// base image has to be downloaded. The same .NET version on the same platform gives the same bytes.
/// </summary>
internal static class HostRuntimeImage
{
    public const string Repository = "kubeapps/host-runtime";

    private const string RuntimeLabel = "dev.kubeapps.runtime";

    // Microsoft's images run as this user; the SDK reads it from APP_UID.
    private const string UserId = "1654";

    /// <summary>The tag: the runtime's major and minor version.</summary>
    public static string Tag => Environment.Version.ToString(2);

    /// <summary>Builds the image for the runtime of this process if the registry does not have it yet.</summary>
    public static void EnsurePresent(ContentStore store)
    {
        var runtime = Environment.Version.ToString(3);
        if (store.ResolveManifest(Repository, Tag) is { } present
            && (string?)JsonNode.Parse(present.Content)?["annotations"]?[RuntimeLabel] == runtime)
            return;

        var tar = BuildLayer();
        var layer = Compress(tar);
        var config = new JsonObject
        {
            ["architecture"] = Architecture(),
            ["os"] = OperatingSystemName(),
            ["created"] = "1970-01-01T00:00:00Z",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray(
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", $"APP_UID={UserId}", "ASPNETCORE_HTTP_PORTS=8080",
                    "DOTNET_RUNNING_IN_CONTAINER=true", $"DOTNET_VERSION={runtime}", $"ASPNET_VERSION={runtime}"),
                ["WorkingDir"] = "/",
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(ContentStore.DigestOf(tar)) },
            ["history"] = new JsonArray(new JsonObject { ["created"] = "1970-01-01T00:00:00Z", ["created_by"] = "KubeApps host-runtime" }),
        };
        var configBytes = Encoding.UTF8.GetBytes(config.ToJsonString());
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestContent.OciManifest,
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", store.AddBlob(Repository, configBytes), configBytes.Length),
            ["layers"] = new JsonArray(
                Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", store.AddBlob(Repository, layer), layer.Length)),
            ["annotations"] = new JsonObject { [RuntimeLabel] = runtime },
        };
        store.PutManifest(
            Repository, Tag, ManifestContent.OciManifest, Encoding.UTF8.GetBytes(manifest.ToJsonString()));
    }

    private static JsonObject Descriptor(string mediaType, string digest, int size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };

    private static byte[] BuildLayer()
    {
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enterable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        const UnixFileMode Everyone = Enterable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit;

        using var content = new MemoryStream();
        using (var tar = new TarWriter(content, TarEntryFormat.Ustar, leaveOpen: true))
        {
            Add(tar, "etc/", Enterable);
            Add(tar, "etc/group", Readable, $"root:x:0:\napp:x:{UserId}:\n");
            Add(tar, "etc/passwd", Readable, $"root:x:0:0:root:/root:/sbin/nologin\napp:x:{UserId}:{UserId}::/home/app:/sbin/nologin\n");
            Add(tar, "tmp/", Everyone);
        }

        return content.ToArray();
    }

    private static void Add(TarWriter tar, string name, UnixFileMode mode, string? text = null)
    {
        using var data = new MemoryStream(Encoding.UTF8.GetBytes(text ?? ""));
        var entry = new UstarTarEntry(text is null ? TarEntryType.Directory : TarEntryType.RegularFile, name)
        {
            Mode = mode,
            ModificationTime = DateTimeOffset.UnixEpoch,
        };
        if (text is not null)
            entry.DataStream = data;
        tar.WriteEntry(entry);
    }

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return compressed.ToArray();
    }

    private static string Architecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string OperatingSystemName() =>
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
}
