using System.IO.Compression;
using System.Text.RegularExpressions;

namespace KubeApps.Bundles;

/// <summary>A bundle as one file that can be sent: a tar of its files in a fixed order, compressed.</summary>
internal static partial class BundleArchive
{
    public const int LargestPacked = 16 << 20;
    public const int LargestUnpacked = 64 << 20;
    public const int MostFiles = 20_000;

    private const int LongestPath = 400;

    /// <summary>The archive before it is compressed: the same bytes for the same bundle, everywhere.</summary>
    public static byte[] Tar(Bundle bundle) => StrictTar.Write(BundleFiles.Contents(bundle).OrderBy(file => file.Path, StringComparer.Ordinal));

    public static byte[] Compress(byte[] tar)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(tar);
        return packed.ToArray();
    }

    /// <summary>The files of a compressed archive that may be hostile: nothing in it leads out of the folder that it is unpacked to.</summary>
    /// <exception cref="InvalidDataException">It is no archive of a bundle; why.</exception>
    public static IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Unpack(ReadOnlyMemory<byte> packed)
    {
        var files = StrictTar.Read(Decompress(packed));
        if (files.Count > MostFiles)
            throw new InvalidDataException($"It has {files.Count} files; a bundle has at most {MostFiles}.");
        // Names that a file system without case would take for the same.
        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, _) in files)
        {
            if (path.Length > LongestPath || !OwnPath().IsMatch(path))
                throw new InvalidDataException($"'{StrictTar.Shown(path)}' is no file of a bundle.");
            if (!paths.Add(path))
                throw new InvalidDataException($"It has two files '{path}'.");
        }

        return paths.Contains(BundleFiles.IndexName) ? files : throw new InvalidDataException($"It has no {BundleFiles.IndexName}.");
    }

    private static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> packed)
    {
        if (packed.Length > LargestPacked)
            throw new InvalidDataException($"It has {packed.Length} bytes; a bundle has at most {LargestPacked}.");
        using var gzip = new GZipStream(new MemoryStream(packed.ToArray(), writable: false), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var buffer = new byte[81920];
        while (gzip.Read(buffer) is var count and > 0)
        {
            if (unpacked.Length + count > LargestUnpacked)
                throw new InvalidDataException($"Unpacked it has more than {LargestUnpacked} bytes, the most that a bundle has.");
            unpacked.Write(buffer, 0, count);
        }

        return unpacked.GetBuffer().AsMemory(0, (int)unpacked.Length);
    }

    // What the rendering writes (BundlePaths), and nothing else: no parent, no drive, no hidden file, no separator of another system.
    [GeneratedRegex(@"\A(?:bundle\.json|env/[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*\.yaml)\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnPath();
}
