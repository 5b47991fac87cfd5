using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Events;
using KubeApps.Sandbox.Tests.Pods;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Images that are hostile or cannot run here, as a deploy meets them: one report within seconds, in plain words.</summary>
public sealed class BadImageTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    // The tests' limit on what must be said "within seconds" is far below this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> HostileLayers => new()
    {
        { "path", "the path \"../../evil\" leads out of the image" },
        { "absolute-path", "the path \"/etc/evil\" leads out of the image" },
        { "link", "the link \"app/link\" leads out of the image (to \"/../../etc/passwd\")" },
        { "hard-link", "the hard link \"app/link\" does not lead to a file of the image (but to \"/etc/passwd\")" },
        { "device", "\"dev/sda\" is no file, folder or link (BlockDevice)" },
    };

    [Theory]
    [MemberData(nameof(HostileLayers))]
    public async Task Deploy_LayerIsHostile_NamesTheEntryAndWritesNothingOutside(string what, string words)
    {
        TarEntry entry = what switch
        {
            "path" => File("../../evil", "x"),
            "absolute-path" => File("/etc/evil", "x"),
            "link" => new PaxTarEntry(TarEntryType.SymbolicLink, "app/link") { LinkName = "/../../etc/passwd" },
            "hard-link" => new PaxTarEntry(TarEntryType.HardLink, "app/link") { LinkName = "/etc/passwd" },
            _ => new PaxTarEntry(TarEntryType.BlockDevice, "dev/sda") { DeviceMajor = 8, DeviceMinor = 0 },
        };

        var report = await FailAsync(cluster, $"hostile-{what}", await PushAsync(cluster, what, entry), null);

        Assert.Equal(("KUBEAPP6012", "web"), (report.Code, report.Container));
        Assert.StartsWith("Pod hostile-", report.Object, StringComparison.Ordinal);
        Assert.Contains(words, report.Cause, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(cluster.Home, "evil", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Deploy_AbsoluteLinkInTheImage_LeadsToTheImagesOwnFile()
    {
        var image = await PushAsync(
            cluster, "absolute-link", File("etc/hostname", "of the image\n"), new PaxTarEntry(TarEntryType.SymbolicLink, "app/name") { LinkName = "/etc/hostname" });
        var (phase, job) = cluster.Migration("cat", "/app/name");
        job["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image;

        var result = await DeployAsync(cluster, Bundle("linked", Patience, (phase, job)));

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        var pod = Assert.Single((await cluster.Client.ListAsync(Api.ResourceType.Pod, "linked", null, Token)).Items);
        var log = await cluster.Client.LogTailAsync("linked", (string)pod["metadata"]!["name"]!, "migrate", previous: false, lines: 10, Token);
        Assert.Equal("of the image", log!.Trim());
    }

    public static TheoryData<string, string> UnrunnablePrograms => new()
    {
        { "missing", "stat /app/server: no such file or directory" },
        { "other-architecture", "not runnable here: \"/app/server\": it is made for" },
        { "script", "not runnable here: \"/app/server\": it is a script, whose interpreter would be this machine's" },
        { "system", "not runnable here: \"/bin/server\": it belongs to the image's operating system" },
        { "not-executable", "permission denied" },
    };

    [Theory]
    [MemberData(nameof(UnrunnablePrograms))]
    public async Task Deploy_ProgramCannotRunHere_NamesItAndTheReason(string what, string words)
    {
        var program = what == "system" ? "/bin/server" : "/app/server";
        var other = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? (byte)62 : (byte)183;
        TarEntry entry = what switch
        {
            "missing" => File("app/other", "x"),
            "other-architecture" => File("app/server", [0x7f, .. "ELF"u8, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, other, 0, 1, 0, 0, 0], Executable),
            "not-executable" => File("app/server", "x"),
            _ => File(program[1..], "#!/bin/sh\necho hello\n", Executable),
        };

        var report = await FailAsync(cluster, $"unrunnable-{what}", await PushAsync(cluster, what, entry), program);

        Assert.Equal(("KUBEAPP6014", "web"), (report.Code, report.Container));
        Assert.StartsWith("Pod unrunnable-", report.Object, StringComparison.Ordinal);
        Assert.Contains(words, report.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_DiskIsFullWhileUnpacking_SaysSo()
    {
        cluster.RequireSandbox();
        await using var small = new SandboxCluster();
        var pods = Directory.CreateDirectory(Path.Combine(small.Home, "sandbox", "pods")).FullName;
        using var mount = SmallFileSystem.TryMount(pods, megabytes: 2);
        Assert.SkipWhen(mount is null, "may not mount a small file system here");
        await small.InitializeAsync();

        var report = await FailAsync(small, "full", await PushAsync(small, "full", File("app/large", new string('0', 8 << 20))), null);
        await small.StopAsync(); // What it holds open keeps the file system busy.

        Assert.Equal(("KUBEAPP6012", "web"), (report.Code, report.Container));
        Assert.Contains("no space left on device", report.Cause, StringComparison.Ordinal);
    }

    private static async Task<FailureReport> FailAsync(SandboxCluster cluster, string app, string image, string? program)
    {
        var (phase, web) = cluster.Web(1, null, image);
        if (program is not null)
            web["spec"]!["template"]!["spec"]!["containers"]![0]!["command"] = new JsonArray(program);

        var result = await DeployAsync(cluster, Bundle(app, Patience, (phase, web)));

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(30), $"It took {result.Elapsed}.");
        return Assert.Single(result.Failures);
    }

    private static Task<DeployResult> DeployAsync(SandboxCluster cluster, Bundles.Bundle bundle) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    private static PaxTarEntry File(string name, string content, UnixFileMode mode = (UnixFileMode)0b110_100_100) => File(name, Encoding.UTF8.GetBytes(content), mode);

    private static PaxTarEntry File(string name, byte[] content, UnixFileMode mode) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), Mode = mode };

    /// <summary>Pushes an image of one layer, and returns what a pod names it by.</summary>
    private static async Task<string> PushAsync(SandboxCluster cluster, string repository, params TarEntry[] entries)
    {
        using var registry = cluster.RegistryClient();
        using var layer = new MemoryStream();
        using (var tar = new TarWriter(layer, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries)
                await tar.WriteEntryAsync(entry, Token);
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = OperatingSystem.IsWindows() ? "windows" : "linux",
            ["config"] = new JsonObject(),
        }.ToJsonString());
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = await BlobAsync("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = new JsonArray(await BlobAsync("application/vnd.oci.image.layer.v1.tar", layer.ToArray())),
        };
        using var content = new StringContent(manifest.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        using var put = await registry.PutAsync($"/v2/{repository}/manifests/v1", content, Token);
        put.EnsureSuccessStatusCode();
        return $"{registry.BaseAddress!.Authority}/{repository}:v1";

        async Task<JsonNode> BlobAsync(string mediaType, byte[] bytes)
        {
            var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
            using var body = new ByteArrayContent(bytes);
            using var post = await registry.PostAsync($"/v2/{repository}/blobs/uploads/?digest={digest}", body, Token);
            post.EnsureSuccessStatusCode();
            return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = bytes.Length };
        }
    }
}
