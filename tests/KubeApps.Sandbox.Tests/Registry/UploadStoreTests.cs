using System.Text;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Pods;

namespace KubeApps.Sandbox.Tests.Registry;

public sealed class UploadStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Upload_AfterARestart_GoesOnWhereItWas()
    {
        var before = new ContentStore(_folder, TimeProvider.System);
        var id = before.Uploads.Start("app");
        await before.Uploads.AppendAsync("app", id, Text("first,"), null, null, Token);

        var after = new ContentStore(_folder, TimeProvider.System);
        Assert.Equal(6, after.Uploads.Length("app", id));
        await after.Uploads.AppendAsync("app", id, Text("second"), 6, 6, Token);
        var digest = RegistrySteps.DigestOf("first,second");
        await after.Uploads.FinishAsync("app", id, digest, Token);

        using var blob = new StreamReader(after.OpenBlob(digest));
        Assert.Equal("first,second", await blob.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Append_OnAFullDisk_IsRefusedAndLeavesNothingOfTheChunk()
    {
        var small = Directory.CreateDirectory(Path.Combine(_folder, "small")).FullName;
        using var mount = SmallFileSystem.TryMount(small, megabytes: 1);
        Assert.SkipWhen(mount is null, "mounting a file system is not allowed here");
        var uploads = new ContentStore(small, TimeProvider.System).Uploads;
        var id = uploads.Start("app");
        await uploads.AppendAsync("app", id, Text("first"), null, null, Token);

        await Assert.ThrowsAnyAsync<IOException>(() => uploads.AppendAsync("app", id, new MemoryStream(new byte[2 * 1024 * 1024]), null, null, Token));

        Assert.Equal(5, uploads.Length("app", id));
        Assert.Equal(12, await uploads.AppendAsync("app", id, Text(",second"), 5, 7, Token));
    }

    [Fact]
    public void Upload_UntouchedForADay_IsDroppedAtTheNextStart()
    {
        var id = new ContentStore(_folder, TimeProvider.System).Uploads.Start("app");

        var later = new ContentStore(_folder, new ShiftedClock(TimeSpan.FromHours(25)));

        Assert.Throws<RegistryException>(() => later.Uploads.Length("app", id));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "uploads")));
    }

    [Fact]
    public void Upload_TouchedWithinTheDay_Stays()
    {
        var id = new ContentStore(_folder, TimeProvider.System).Uploads.Start("app");

        var later = new ContentStore(_folder, new ShiftedClock(TimeSpan.FromHours(23)));

        Assert.Equal(0, later.Uploads.Length("app", id));
    }

    [Fact]
    public async Task Chunk_ThatIsShorterThanAnnounced_LeavesTheUploadAsItWas()
    {
        var store = new ContentStore(_folder, TimeProvider.System);
        var id = store.Uploads.Start("app");
        await store.Uploads.AppendAsync("app", id, Text("whole"), 0, 5, Token);

        await Assert.ThrowsAsync<RegistryException>(() => store.Uploads.AppendAsync("app", id, Text("par"), 5, 10, Token));
        await store.Uploads.FinishAsync("app", id, RegistrySteps.DigestOf("whole"), Token);

        Assert.True(store.HasBlob(RegistrySteps.DigestOf("whole")));
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
