using System.Text;
using KubeApps.Bundles;
using KubeApps.Deploy.Artifacts;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Artifacts;

public sealed class BundleCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-cache-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keep_OfABundle_IsFoundAgainAndOnlyItsOwnerReadsIt()
    {
        var cache = new BundleCache(Path.Combine(_folder, "bundles"));
        Assert.Null(cache.Find(DigestOf(1)));

        Assert.Equal("shop", cache.Keep(DigestOf(1), FilesOf("shop")).App);

        Assert.Equal("shop", cache.Find(DigestOf(1))!.App);
        // It is what its digest says, so what stands is kept.
        Assert.Equal("shop", cache.Keep(DigestOf(1), FilesOf("other")).App);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_folder, "bundles")));
    }

    [Fact]
    public void Find_OfABundleThatSomebodyDamaged_ForgetsIt()
    {
        var cache = new BundleCache(_folder);
        cache.Keep(DigestOf(1), FilesOf("shop"));
        File.WriteAllText(Path.Combine(Directory.GetDirectories(_folder).Single(), BundleFiles.IndexName), "{");

        Assert.Null(cache.Find(DigestOf(1)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Keep_OfMany_ForgetsThoseThatWereUsedLongestAgo()
    {
        var cache = new BundleCache(_folder);
        for (var number = 0; number < 21; number++)
        {
            cache.Keep(DigestOf(number), FilesOf($"app-{number}"));
            Directory.SetLastWriteTimeUtc(Path.Combine(_folder, DigestOf(number).Replace(':', '-')), DateTime.UnixEpoch.AddDays(number));
        }

        cache.Find(DigestOf(1));
        cache.Keep(DigestOf(21), FilesOf("app-21"));

        Assert.Equal(20, Directory.GetFileSystemEntries(_folder).Length);
        Assert.Null(cache.Find(DigestOf(2)));
        Assert.NotNull(cache.Find(DigestOf(1)));
    }

    [Fact]
    public async Task Keep_OfOneAtOnceByMany_LeavesItOnce()
    {
        var cache = new BundleCache(_folder);

        var bundles = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => cache.Keep(DigestOf(1), FilesOf("shop")))));

        Assert.All(bundles, bundle => Assert.Equal("shop", bundle.App));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Keep_WhereNothingCanBeWritten_SaysSo()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        var failure = Assert.Throws<DiagnosticException>(() => new BundleCache(Path.Combine(file, "bundles")).Keep(DigestOf(1), FilesOf("shop")));

        Assert.Equal("KUBEAPP3035", failure.Diagnostics[0].Code);
    }

    private static string DigestOf(int number) => $"sha256:{number:x64}";

    private static IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> FilesOf(string app) =>
    [
        .. BundleFiles.Contents(SandboxCluster.Bundle(app, TimeSpan.FromMinutes(1), SandboxCluster.Config("settings")))
            .Select(file => (file.Path, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(file.Text))),
    ];
}
