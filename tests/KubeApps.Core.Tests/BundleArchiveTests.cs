using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Core.Tests;

/// <summary>Bundles as one file: the same bytes for the same bundle, and nothing hostile gets through.</summary>
public class BundleArchiveTests
{
    private static readonly string LongName = new('n', 253);

    [Fact]
    public void Tar_OfEqualBundles_HasTheSameBytesWhateverTheirOrder()
    {
        var (one, other) = (BundleOf("a", "b", LongName), BundleOf("a", "b", LongName));
        var turned = other with { Environments = [.. other.Environments.Select(item => item with { Objects = [.. item.Objects] })], Folder = "/elsewhere", Reference = "oci://r/x@y" };

        Assert.Equal(BundleArchive.Tar(one), BundleArchive.Tar(turned));
        Assert.NotEqual(BundleArchive.Tar(one), BundleArchive.Tar(one with { Commit = new string('1', 40) }));
        Assert.Equal(BundleArchive.Compress(BundleArchive.Tar(one)), BundleArchive.Compress(BundleArchive.Tar(turned)));
    }

    [Fact]
    public void Unpack_OfAPackedBundle_GivesItsFiles()
    {
        var bundle = BundleOf("a", LongName);

        var files = BundleArchive.Unpack(BundleArchive.Compress(BundleArchive.Tar(bundle)));

        Assert.Equal(
            BundleFiles.Contents(bundle).OrderBy(file => file.Path, StringComparer.Ordinal),
            files.Select(file => (file.Path, Encoding.UTF8.GetString(file.Content.Span))));
    }

    [Fact]
    public async Task Tar_OfABundle_IsOneForOthersToo()
    {
        using var stream = new MemoryStream(BundleArchive.Tar(BundleOf("a", LongName)));
        await using var reader = new TarReader(stream);
        List<(string Name, TarEntryType Type, UnixFileMode Mode, long Time)> entries = [];
        while (await reader.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
            entries.Add((entry.Name, entry.EntryType, entry.Mode, entry.ModificationTime.ToUnixTimeSeconds()));

        Assert.Equal(["bundle.json", "env/local/configmap-a.yaml", $"env/local/configmap-{LongName}.yaml"], entries.Select(entry => entry.Name));
        Assert.All(entries, entry => Assert.Equal((TarEntryType.RegularFile, (UnixFileMode)0b110_100_100, 0), (entry.Type, entry.Mode, entry.Time)));
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "parent", "'env/../../evil.yaml' is no file of a bundle" },
        { "parent-at-once", "'../evil' is no file of a bundle" },
        { "absolute", "'/etc/evil' is no file of a bundle" },
        { "drive", "'C:/evil' is no file of a bundle" },
        { "backslash", @"'env\..\..\evil.yaml' is no file of a bundle" },
        { "hidden", "'env/local/.ssh.yaml' is no file of a bundle" },
        { "control-character", "'env/local/a?b.yaml' is no file of a bundle" },
        { "elsewhere", "'etc/passwd' is no file of a bundle" },
        { "symbolic-link", "'env/local/link.yaml' is a symbolic link" },
        { "hard-link", "'env/local/link.yaml' is a hard link" },
        { "device", "'env/local/sda.yaml' is a device" },
        { "pipe", "'env/local/pipe.yaml' is a pipe" },
        { "folder", "'env/local/' is a folder" },
        { "extended-header", "is an extended header" },
        { "twice", "two files 'env/local/a.yaml'" },
        { "twice-without-case", "two files 'env/local/A.yaml'" },
        { "no-index", "no bundle.json" },
        { "declared-size", "said to have 8589934591 bytes" },
        { "binary-size", "a size that cannot be read" },
        { "checksum", "A header of the archive is damaged" },
        { "cut", "is said to have" },
        { "cut-header", "The archive ends in the middle" },
        { "no-end", "The archive ends in the middle" },
        { "behind-the-end", "Something stands behind the end" },
        { "bomb", "more than 67108864 bytes" },
        { "too-large", "at most 16777216" },
        { "too-many", "at most 20000" },
        { "two-long-names", "is an entry of type 76" },
        { "no-gzip", "" },
        { "cut-gzip", "" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Unpack_OfAHostileArchive_SaysWhatItIs(string what, string words)
    {
        var packed = Packed(what);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var failure = Assert.Throws<InvalidDataException>(() => BundleArchive.Unpack(packed));

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        // What it says of itself is not believed: a buffer of a declared size is never made.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5L * BundleArchive.LargestUnpacked);
    }

    private static byte[] Packed(string what)
    {
        byte[] plain = StrictTar.Write([("bundle.json", "{}"), ("env/local/a.yaml", "a: 1\n")]);
        return what switch
        {
            "parent" => Named("env/../../evil.yaml"),
            "parent-at-once" => Named("../evil"),
            "absolute" => Named("/etc/evil"),
            "drive" => Named("C:/evil"),
            "backslash" => Named(@"env\..\..\evil.yaml"),
            "hidden" => Named("env/local/.ssh.yaml"),
            "control-character" => Named("env/local/a\nb.yaml"),
            "elsewhere" => Named("etc/passwd"),
            "symbolic-link" => Entry(new UstarTarEntry(TarEntryType.SymbolicLink, "env/local/link.yaml") { LinkName = "/etc/passwd" }),
            "hard-link" => Entry(new UstarTarEntry(TarEntryType.HardLink, "env/local/link.yaml") { LinkName = "bundle.json" }),
            "device" => Entry(new UstarTarEntry(TarEntryType.BlockDevice, "env/local/sda.yaml") { DeviceMajor = 8 }),
            "pipe" => Entry(new UstarTarEntry(TarEntryType.Fifo, "env/local/pipe.yaml")),
            "folder" => Entry(new UstarTarEntry(TarEntryType.Directory, "env/local/")),
            "extended-header" => Entry(new PaxTarEntry(TarEntryType.RegularFile, "env/local/a.yaml")),
            "twice" => Gzip(StrictTar.Write([("bundle.json", "{}"), ("env/local/a.yaml", "1"), ("env/local/a.yaml", "2")])),
            "twice-without-case" => Gzip(StrictTar.Write([("bundle.json", "{}"), ("env/local/a.yaml", "1"), ("env/local/A.yaml", "2")])),
            "no-index" => Gzip(StrictTar.Write([("env/local/a.yaml", "a: 1\n")])),
            "declared-size" => Gzip(WithHeader(plain, 124, "77777777777\0"u8, mends: true)),
            "binary-size" => Gzip(WithHeader(plain, 124, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], mends: true)),
            "checksum" => Gzip(WithHeader(plain, 0, "x"u8, mends: false)),
            "cut" => Gzip(plain[..512]),
            "cut-header" => Gzip(plain[..700]),
            "no-end" => Gzip(plain[..2048]),
            "behind-the-end" => Gzip([.. plain, 1]),
            "bomb" => Gzip(new byte[BundleArchive.LargestUnpacked + 1]),
            "too-large" => new byte[BundleArchive.LargestPacked + 1],
            "too-many" => Gzip(StrictTar.Write(Enumerable.Range(0, BundleArchive.MostFiles + 1).Select(number => ($"env/local/{number}.yaml", "")))),
            "two-long-names" => Gzip([.. StrictTar.Write([(LongName, "")])[..1024], .. StrictTar.Write([(LongName, "")])]),
            "no-gzip" => [.. "not compressed at all"u8],
            "cut-gzip" => Gzip(plain)[..^20],
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private static byte[] Named(string path) => Gzip(StrictTar.Write([("bundle.json", "{}"), (path, "evil")]));

    private static byte[] Entry(TarEntry entry)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
            writer.WriteEntry(entry);
        return Gzip(stream.ToArray());
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return stream.ToArray();
    }

    private static byte[] WithHeader(byte[] archive, int offset, ReadOnlySpan<byte> bytes, bool mends)
    {
        var changed = archive.ToArray();
        bytes.CopyTo(changed.AsSpan(offset));
        if (!mends)
            return changed;
        "        "u8.CopyTo(changed.AsSpan(148));
        var sum = 0;
        foreach (var value in changed.AsSpan(0, 512))
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", changed.AsSpan(148));
        return changed;
    }

    private static Bundle BundleOf(params string[] names) => new(
        1, "shop", null, false, new Dictionary<string, BundleImage>(),
        [
            new BundleEnvironment(
                "local", new BundleTarget("sandbox"), "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                [.. names.Select(name => new BundleObject(
                    $"env/local/configmap-{name}.yaml", "main",
                    new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name } }))]),
        ]);
}
