using System.Formats.Tar;
using System.IO.Compression;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods.Images;

/// <summary>How much an image may take: what is larger is taken for a decompression bomb.</summary>
internal sealed record UnpackLimits(long Bytes = 4L << 30, int Entries = 500_000);

/// <summary>
/// Lays the layers of one image over each other in a folder. Layers are hostile until proven otherwise: nothing is written, linked or
/// removed outside of the folder, and what no app needs (devices, pipes) is refused.
/// </summary>
internal sealed class LayerUnpacker(string root, UnpackLimits limits, bool ignoreCase)
{
    private const string Whiteout = ".wh.";
    private const string OpaqueWhiteout = ".wh..wh..opq";

    // Only where the file system takes names that differ in case for the same one: what each name was first called.
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);
    private HashSet<string> _ofThisLayer = [];
    private long _bytes;
    private int _entries;

    /// <summary>All that has been written so far.</summary>
    public long Bytes => _bytes;

    /// <exception cref="ImageException">The layer is damaged, hostile, too large, or of a kind that is not known.</exception>
    public void Unpack(ImageLayer layer, Stream content, CancellationToken cancellationToken)
    {
        _ofThisLayer = [];
        using var verified = new DigestStream(content);
        try
        {
            using (var decompressed = IsCompressed(layer) ? new GZipStream(verified, CompressionMode.Decompress, leaveOpen: true) : null)
            using (var reader = new TarReader((Stream?)decompressed ?? verified, leaveOpen: true))
                while (reader.GetNextEntry() is { } entry)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (++_entries > limits.Entries)
                        throw Refused(layer, $"the image has more than {limits.Entries} files");
                    Unpack(layer, entry);
                }

            if (!verified.EndsWith(layer.Digest))
                throw Refused(layer, "its content does not have this digest");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException or ArgumentException)
        {
            throw new ImageException($"failed to extract layer {layer.Digest}: it is damaged: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"failed to extract layer {layer.Digest}: {Reason(e)}", e);
        }
    }

    /// <summary>What the system said, in the words of Linux for the one that users meet: the disk is full.</summary>
    public static string Reason(Exception e) => e.HResult switch
    {
        28 when !OperatingSystem.IsWindows() => "no space left on device", // ENOSPC
        122 when OperatingSystem.IsLinux() => "disk quota exceeded", // EDQUOT
        unchecked((int)0x80070070) or unchecked((int)0x80070027) => "no space left on device", // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        _ => e.Message,
    };

    private static bool IsCompressed(ImageLayer layer) => layer.MediaType switch
    {
        "application/vnd.oci.image.layer.v1.tar+gzip" or "application/vnd.docker.image.rootfs.diff.tar.gzip"
            or "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip" => true,
        "application/vnd.oci.image.layer.v1.tar" or "application/vnd.docker.image.rootfs.diff.tar" => false,
        var other when other.EndsWith("+zstd", StringComparison.Ordinal)
            => throw new ImageException($"layer {layer.Digest} is compressed with zstd; the sandbox unpacks gzip and plain layers: push the image with gzip layers"),
        var other => throw new ImageException($"layer {layer.Digest} has the media type {other}, which the sandbox does not know"),
    };

    private static ImageException Refused(ImageLayer layer, string why) => new($"layer {layer.Digest} is refused: {why}");

    private void Unpack(ImageLayer layer, TarEntry entry)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
            return;
        var parts = RootPath.Checked(entry.Name) ?? throw Refused(layer, $"the path \"{entry.Name}\" leads out of the image");
        if (parts.Length == 0)
            return; // The root itself.
        var parent = Folder(layer, parts[..^1], entry.Name);
        var name = parts[^1];
        if (name == OpaqueWhiteout)
        {
            foreach (var lower in Directory.EnumerateFileSystemEntries(parent).Where(path => !_ofThisLayer.Contains(path)).ToList())
                Remove(lower);
            return;
        }

        if (name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            var hidden = name[Whiteout.Length..];
            if (hidden is "" or "." or "..")
                throw Refused(layer, $"the path \"{entry.Name}\" leads out of the image");
            Remove(Path.Combine(parent, hidden));
            return;
        }

        var path = Path.Combine(parent, name);
        CheckCase(layer, path);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                MakeFolder(path);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Remove(path);
                WriteFile(layer, entry, path);
                break;
            case TarEntryType.SymbolicLink:
                var target = RootPath.LinkTarget(Below(parent), entry.LinkName)
                    ?? throw Refused(layer, $"the link \"{entry.Name}\" leads out of the image (to \"{entry.LinkName}\")");
                Remove(path);
                File.CreateSymbolicLink(path, target.Replace('/', Path.DirectorySeparatorChar));
                break;
            case TarEntryType.HardLink:
                Link(layer, entry, path);
                break;
            default:
                throw Refused(layer, $"\"{entry.Name}\" is no file, folder or link ({entry.EntryType})");
        }

        _ofThisLayer.Add(path);
    }

    /// <summary>The host's folder for the parts of a path, made if it is not there; links in the image are followed inside of it.</summary>
    private string Folder(ImageLayer layer, string[] parts, string name)
    {
        var folder = RootPath.Resolve(root, string.Join('/', parts));
        if (Directory.Exists(folder))
            return folder;
        foreach (var here in Enumerable.Range(1, Below(folder).Count).Select(count => Path.Combine([root, .. Below(folder).Take(count)])))
        {
            if (File.Exists(here) && _ofThisLayer.Contains(here))
                throw Refused(layer, $"\"{name}\" lies below something that is no folder");
            CheckCase(layer, here);
            MakeFolder(here);
        }

        return folder;
    }

    private void WriteFile(ImageLayer layer, TarEntry entry, string path)
    {
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            if (entry.DataStream is { } data)
            {
                if (entry.Length > limits.Bytes - _bytes)
                    throw Refused(layer, $"the image unpacks to more than {limits.Bytes >> 20} MiB");
                data.CopyTo(file, 1 << 16);
                _bytes += file.Length;
            }
        }

        SetMode(path, entry.Mode);
    }

    private void Link(ImageLayer layer, TarEntry entry, string path)
    {
        var parts = RootPath.Checked(entry.LinkName);
        var target = parts is null ? null : RootPath.Resolve(root, string.Join('/', parts), followLast: false);
        if (target is null || !File.Exists(target) || new FileInfo(target).LinkTarget is not null)
            throw Refused(layer, $"the hard link \"{entry.Name}\" does not lead to a file of the image (but to \"{entry.LinkName}\")");
        if (target == path)
            return;
        Remove(path);
        HardLink.CreateOrCopy(target, path);
    }

    private IReadOnlyList<string> Below(string folder) => Path.GetRelativePath(root, folder) is var relative and not "."
        ? relative.Split(Path.DirectorySeparatorChar)
        : [];

    private static void MakeFolder(string path)
    {
        if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
            return;
        Remove(path);
        // Not the image's mode: the sandbox must be able to fill, mirror and remove the folder.
        Directory.CreateDirectory(path);
    }

    /// <summary>Nobody writes to what pods share; what may be executed, stays so.</summary>
    private static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        const UnixFileMode Special = UnixFileMode.SetUser | UnixFileMode.SetGroup | UnixFileMode.StickyBit;
        File.SetUnixFileMode(path, (mode | UnixFileMode.UserRead) & ~Write & ~Special);
    }

    private static void Remove(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is null && Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            info.Delete();
    }

    private void CheckCase(ImageLayer layer, string path)
    {
        if (ignoreCase && !_names.TryAdd(path, path) && _names[path] != path)
            throw Refused(layer, $"\"{Path.GetRelativePath(root, _names[path])}\" and \"{Path.GetRelativePath(root, path)}\" are the same file on this machine");
    }
}
