using System.Formats.Tar;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Pods.Images;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class ImageUnpackingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-images-").FullName;
    private readonly TestRegistry _registry = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Pull_LayersOnTopOfEachOther_GiveTheUpperOnesContent()
    {
        var image = await PullAsync(
            TestLayer.Of(TestLayer.Folder("app/"), TestLayer.File("app/one", "1"), TestLayer.File("app/two", "2"), TestLayer.File("etc/conf", "a")),
            TestLayer.Plain(TestLayer.File("app/two", "two"), TestLayer.File("etc/.wh.conf"), TestLayer.Link("app/link", "one")));

        Assert.Equal("1", Read(image, "app/one"));
        Assert.Equal("two", Read(image, "app/two"));
        Assert.Equal("1", Read(image, "app/link"));
        Assert.False(File.Exists(Path.Combine(image.Root, "etc", "conf")));
        Assert.Empty(Directory.EnumerateFiles(_folder, ".wh.*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Pull_OpaqueFolder_HidesWhatLiesBelowAndKeepsWhatItsOwnLayerBrings()
    {
        var image = await PullAsync(
            TestLayer.Of(TestLayer.File("data/old", "x"), TestLayer.File("data/sub/old", "x")),
            TestLayer.Of(TestLayer.File("data/new", "y"), TestLayer.File("data/.wh..wh..opq")));

        Assert.Equal(["new"], Directory.EnumerateFileSystemEntries(Path.Combine(image.Root, "data")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Pull_FolderReplacedByFileAndBack_FollowsTheLastLayer()
    {
        var image = await PullAsync(
            TestLayer.Of(TestLayer.File("a/b", "1"), TestLayer.File("c", "2")),
            TestLayer.Of(TestLayer.File("a", "file now"), TestLayer.File("c/d", "folder now")));

        Assert.Equal("file now", Read(image, "a"));
        Assert.Equal("folder now", Read(image, "c/d"));
    }

    [Fact]
    public async Task Pull_EntryBelowALinkedFolder_LandsInTheFolderItself()
    {
        var image = await PullAsync(
            TestLayer.Of(TestLayer.Folder("usr/bin"), TestLayer.Link("bin", "/usr/bin")),
            TestLayer.Of(TestLayer.File("bin/tool", "t")));

        Assert.Equal("t", Read(image, "usr/bin/tool"));
        Assert.Equal("usr/bin", new FileInfo(Path.Combine(image.Root, "bin")).LinkTarget);
    }

    [Fact]
    public async Task Pull_ExecutableFile_KeepsThatAndLosesWritePermission()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        var image = await PullAsync(TestLayer.Of(TestLayer.File("app/run", "", (UnixFileMode)0b100_111_101_101)));

        Assert.Equal((UnixFileMode)0b101_101_101, File.GetUnixFileMode(Path.Combine(image.Root, "app", "run")));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("app/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("app/..")]
    public Task Pull_PathThatLeadsOut_IsRefused(string name) =>
        RefusedAsync($"the path \"{name}\" leads out of the image", TestLayer.Of(TestLayer.File(name, "x")));

    [Theory]
    [InlineData("../../outside")]
    [InlineData("/../outside")]
    [InlineData("sub/../../../outside")]
    public Task Pull_LinkThatLeadsOut_IsRefused(string target) =>
        RefusedAsync("leads out of the image (to", TestLayer.Of(TestLayer.Link("app/link", target)));

    [Fact]
    public async Task Pull_LinksThatLeadOutOnlyTogether_StayInside()
    {
        // d leads to the root, so that the host would take "a/b/d/../.." for a folder above it.
        var image = await PullAsync(
            TestLayer.Of(TestLayer.Folder("a/b"), TestLayer.Link("a/b/d", "../.."), TestLayer.Link("evil", "a/b/d/../..")),
            TestLayer.Of(TestLayer.File("evil/written", "x")));

        Assert.Equal("x", Read(image, "a/written"));
        Assert.Equal([image.Root], Directory.EnumerateDirectories(Path.GetDirectoryName(image.Root)!));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("missing")]
    public Task Pull_HardLinkThatDoesNotLeadToAFileOfTheImage_IsRefused(string target) =>
        RefusedAsync("does not lead to a file of the image", TestLayer.Of(TestLayer.HardLink("app/link", target)));

    [Fact]
    public Task Pull_HardLinkThroughASymbolicOne_IsRefused() => RefusedAsync(
        "does not lead to a file of the image", TestLayer.Of(TestLayer.Link("s", "t"), TestLayer.HardLink("h", "s")));

    [Theory]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.Fifo)]
    public Task Pull_Device_IsRefused(TarEntryType type) =>
        RefusedAsync("is no file, folder or link", TestLayer.Of(new PaxTarEntry(type, "dev/thing")));

    [Theory]
    [InlineData("app/.wh...")]
    [InlineData("app/.wh..")]
    [InlineData(".wh.")]
    public Task Pull_WhiteoutOfAFolderAbove_IsRefused(string name) =>
        RefusedAsync("leads out of the image", TestLayer.Of(TestLayer.File("app/x"), TestLayer.File(name)));

    [Fact]
    public Task Pull_DecompressionBomb_IsRefusedBeforeItIsWritten() => RefusedAsync(
        "unpacks to more than 1 MiB", TestLayer.Of(TestLayer.File("zeros", new string('0', 2 << 20))));

    [Fact]
    public Task Pull_TooManyFiles_IsRefused() => RefusedAsync(
        "more than 100 files", TestLayer.Of([.. Enumerable.Range(0, 101).Select(n => TestLayer.File($"f{n}"))]));

    [Fact]
    public Task Pull_DamagedCompression_SaysSo() =>
        RefusedAsync("it is damaged", new TestLayer([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8]));

    [Fact]
    public Task Pull_ZstdLayer_SaysWhatToDo() => RefusedAsync(
        "compressed with zstd", new TestLayer([1, 2, 3], "application/vnd.oci.image.layer.v1.tar+zstd"));

    [Fact]
    public async Task Pull_BlobWithOtherContentThanItsDigest_IsRefused()
    {
        var layer = TestLayer.Of(TestLayer.File("a", "1"));
        var image = _registry.Push("r", [], layer);
        _registry.Damage(layer.Digest, TestLayer.Of(TestLayer.File("a", "2")).Content);

        var e = await Assert.ThrowsAsync<ImageException>(() => Store().PullAsync(image, TestContext.Current.CancellationToken));

        Assert.Contains("does not have this digest", e.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Pull_NamesThatDifferInCase_AreRefusedWhereTheFileSystemDoesNotTellThemApart()
    {
        var layer = TestLayer.Of(TestLayer.File("app/Readme", "1"), TestLayer.File("app/README", "2"));
        var unpacker = new LayerUnpacker(_folder, new UnpackLimits(), ignoreCase: true);

        var e = Assert.Throws<ImageException>(() => unpacker.Unpack(
            new ImageLayer(layer.Digest, layer.MediaType, 0), new MemoryStream(layer.Content), TestContext.Current.CancellationToken));

        Assert.Contains("are the same file on this machine", e.Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Pull_Index_TakesTheImageForThisHost()
    {
        var right = _registry.Push("r", new JsonObject { ["WorkingDir"] = "/right" }, TestLayer.Of(TestLayer.File("a")));
        var wrong = _registry.Push("r", new JsonObject { ["WorkingDir"] = "/wrong" }, TestLayer.Of(TestLayer.File("b")));
        var index = PutIndex(("s390x", wrong), (HostPlatform.Architecture, right));

        var image = await Store().PullAsync($"{TestRegistry.Host}/r@{index}", TestContext.Current.CancellationToken);

        Assert.Equal("/right", image.Config.WorkingDirectory);
        Assert.Equal($"{TestRegistry.Host}/r@{index}", image.Id);
    }

    [Fact]
    public async Task Pull_IndexWithoutThisHost_SaysSo()
    {
        var index = PutIndex(("s390x", _registry.Push("r", [], TestLayer.Of(TestLayer.File("b")))));

        var e = await Assert.ThrowsAsync<ImageException>(() => Store().PullAsync($"{TestRegistry.Host}/r@{index}", TestContext.Current.CancellationToken));

        Assert.Contains($"no match for platform {HostPlatform.System}/{HostPlatform.Architecture}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ManyAtOnce_UnpackOnce()
    {
        var image = _registry.Push("r", [], TestLayer.Of(TestLayer.File("a", "1")));
        var store = Store();

        var pulled = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.PullAsync(image, TestContext.Current.CancellationToken)));

        Assert.Single(pulled, one => one.PullTime is not null);
        Assert.Single(Directory.EnumerateDirectories(_folder));
    }

    [Fact]
    public async Task CollectGarbage_KeepsWhatIsHeldAndTheLastOnes()
    {
        var store = Store();
        var held = await store.PullAsync(_registry.Push("held", [], TestLayer.Of(TestLayer.File("held"))), TestContext.Current.CancellationToken);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(held.Root)!, DateTime.UnixEpoch);
        for (var n = 0; n < 10; n++)
        {
            var other = await store.PullAsync(_registry.Push("r", [], TestLayer.Of(TestLayer.File($"{n}"))), TestContext.Current.CancellationToken);
            store.Release(other.Digest);
        }

        store.CollectGarbage();

        Assert.True(Directory.Exists(held.Root));
        Assert.Equal(9, Directory.EnumerateDirectories(_folder).Count());
    }

    [Theory]
    [InlineData("docker.io/library/nginx:1")]
    [InlineData("nginx")]
    [InlineData("example.com:5000/a/b")]
    public async Task Pull_ImageOfAnotherRegistry_IsNotRunnableHere(string image)
    {
        var e = await Assert.ThrowsAsync<ImageException>(() => Store().PullAsync(image, TestContext.Current.CancellationToken));

        Assert.StartsWith($"not runnable here: the sandbox runs only images of its own registry ({TestRegistry.Host})", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recover_AfterACrashInTheMiddle_RemovesWhatIsNotWhole()
    {
        Directory.CreateDirectory(Path.Combine(_folder, ".unfinished-1", "rootfs"));

        Store().Recover();

        AssertNothingIsLeft();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Pull_DiskFull_CleansUpAndSaysSo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists("/dev/shm"), "needs a small file system of its own: Linux with the right to mount");
        var small = Directory.CreateTempSubdirectory("kubeapps-full-").FullName;
        using var mount = SmallFileSystem.TryMount(small, megabytes: 1);
        Assert.SkipWhen(mount is null, "may not mount a small file system here");
        var image = _registry.Push("r", [], TestLayer.Of(TestLayer.File("big", new string('0', 3 << 20))));
        var store = new ImageStore(small, _registry.Source, new UnpackLimits());

        var e = await Assert.ThrowsAsync<ImageException>(() => store.PullAsync(image, TestContext.Current.CancellationToken));

        Assert.EndsWith("no space left on device", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(small));
    }

    private ImageStore Store() => new(_folder, _registry.Source, new UnpackLimits(Bytes: 1 << 20, Entries: 100));

    private Task<UnpackedImage> PullAsync(params TestLayer[] layers) =>
        Store().PullAsync(_registry.Push("r", [], layers), TestContext.Current.CancellationToken);

    private async Task RefusedAsync(string reason, TestLayer layer)
    {
        var e = await Assert.ThrowsAsync<ImageException>(() => PullAsync(layer));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains(layer.Digest, e.Message, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    private void AssertNothingIsLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));

    private static string Read(UnpackedImage image, string path) => File.ReadAllText(Path.Combine(image.Root, path));

    private string PutIndex(params (string Architecture, string Image)[] images) => _registry.PutManifest(
        "r", "index", "application/vnd.oci.image.index.v1+json", new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray([.. images.Select(image =>
            {
                var descriptor = TestRegistry.Descriptor("application/vnd.oci.image.manifest.v1+json", image.Image.Split('@')[1], 1);
                descriptor["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = image.Architecture };
                return (JsonNode)descriptor;
            })]),
        });
}
