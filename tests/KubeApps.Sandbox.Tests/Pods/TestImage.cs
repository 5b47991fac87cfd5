using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Tests.Pods;

/// <summary>A registry in memory, and images put together entry by entry.</summary>
internal sealed class TestRegistry
{
    public const string Host = "localhost:5999";

    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly Dictionary<(string, string), StoredManifest> _manifests = [];

    public ImageSource Source => new(
        () => Host, (repository, reference) => _manifests.GetValueOrDefault((repository, reference)),
        digest => _blobs.TryGetValue(digest, out var blob) ? new MemoryStream(blob) : throw new FileNotFoundException(digest));

    /// <summary>Pushes an image and returns what a pod names it by.</summary>
    public string Push(string repository, JsonObject? config, params TestLayer[] layers)
    {
        var configBytes = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = HostPlatform.Architecture,
            ["os"] = HostPlatform.System,
            ["config"] = config,
        }.ToJsonString());
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", Add(configBytes), configBytes.Length),
            ["layers"] = new JsonArray([.. layers.Select(layer =>
                (JsonNode)Descriptor(layer.MediaType, Add(layer.Content), layer.Content.Length))]),
        };
        return $"{Host}/{repository}@{PutManifest(repository, "latest", (string)manifest["mediaType"]!, manifest)}";
    }

    public string PutManifest(string repository, string tag, string mediaType, JsonObject content)
    {
        var bytes = Encoding.UTF8.GetBytes(content.ToJsonString());
        var digest = ImageDigest.Of(bytes);
        _manifests[(repository, digest)] = _manifests[(repository, tag)] = new StoredManifest(digest, mediaType, bytes);
        return digest;
    }

    public string Add(byte[] blob)
    {
        var digest = ImageDigest.Of(blob);
        _blobs[digest] = blob;
        return digest;
    }

    public void Damage(string digest, byte[] content) => _blobs[digest] = content;

    public static JsonObject Descriptor(string mediaType, string digest, long size) =>
        new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = size };
}

internal sealed record TestLayer(byte[] Content, string MediaType = "application/vnd.oci.image.layer.v1.tar+gzip")
{
    public string Digest => ImageDigest.Of(Content);

    public static TestLayer Of(params TarEntry[] entries) => new(Compress(Tar(entries)));

    public static TestLayer Plain(params TarEntry[] entries) => new(Tar(entries), "application/vnd.oci.image.layer.v1.tar");

    public static TarEntry File(string name, string content = "", UnixFileMode mode = (UnixFileMode)0b110_100_100) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode };

    public static TarEntry Folder(string name) => new PaxTarEntry(TarEntryType.Directory, name);

    public static TarEntry Link(string name, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    public static TarEntry HardLink(string name, string target) => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target };

    public static byte[] Tar(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries)
                writer.WriteEntry(entry);
        return stream.ToArray();
    }

    public static byte[] Compress(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return stream.ToArray();
    }
}

/// <summary>The image of the program that the tests' pods run.</summary>
internal static class PodAppImage
{
    // Beside the output of the tests: artifacts/bin/<project>/<configuration>.
    private static readonly string Output = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "PodApp", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))));

    /// <summary>The program, for a pod that runs it where it lies.</summary>
    public static string Program => Path.Combine(Output, "PodApp.dll");

    public static readonly TestLayer Layer = TestLayer.Of([
        .. Directory.EnumerateFiles(Output).Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal)).Select(file =>
            new PaxTarEntry(TarEntryType.RegularFile, $"app/{Path.GetFileName(file)}")
            {
                DataStream = new MemoryStream(File.ReadAllBytes(file)),
                Mode = (UnixFileMode)0b111_101_101,
            }),
    ]);

    public static string Push(TestRegistry registry) => registry.Push("tests/podapp", new JsonObject
    {
        ["Entrypoint"] = new JsonArray("/app/PodApp"),
        ["WorkingDir"] = "/app",
        ["Env"] = new JsonArray("ASPNETCORE_HTTP_PORTS=8080", "FROM_IMAGE=yes", "PATH=/usr/local/bin:/usr/bin:/bin"),
    }, Layer);
}
