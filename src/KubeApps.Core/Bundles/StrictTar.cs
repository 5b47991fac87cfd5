using System.Globalization;
using System.Text;

namespace KubeApps.Bundles;

/// <summary>
/// The one form of tar that bundles travel in: regular files, no dates, no owners, the same bytes for the same files whatever the version of
/// the runtime. Reading takes nothing else, and believes no size before it looked at what is there: an archive may come from anybody.
/// </summary>
internal static class StrictTar
{
    private const int Block = 512;
    private const int NameLength = 100;

    // GNU's way to have longer names, because the object's name alone may have 253 letters.
    private const char LongName = 'L';
    private const char RegularFile = '0';

    public static byte[] Write(IEnumerable<(string Path, string Text)> files)
    {
        using var stream = new MemoryStream();
        foreach (var (path, text) in files)
        {
            var name = Encoding.UTF8.GetBytes(path);
            if (name.Length > NameLength)
                WriteEntry(stream, "././@LongLink"u8, LongName, [.. name, 0]);
            WriteEntry(stream, name.AsSpan(0, Math.Min(name.Length, NameLength)), RegularFile, Encoding.UTF8.GetBytes(text));
        }

        stream.Write(new byte[2 * Block]);
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> writes.</exception>
    public static IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Read(ReadOnlyMemory<byte> archive)
    {
        List<(string, ReadOnlyMemory<byte>)> files = [];
        string? longName = null;
        while (true)
        {
            if (archive.Length < Block)
                throw new InvalidDataException("The archive ends in the middle.");
            var header = archive.Span[..Block];
            if (!header.ContainsAnyExcept((byte)0))
                break;
            if (Octal(header.Slice(148, 8)) != Checksum(header))
                throw new InvalidDataException("A header of the archive is damaged.");
            var name = longName ?? Text(header[..NameLength]);
            var size = Octal(header.Slice(124, 12)) ?? throw new InvalidDataException($"'{Shown(name)}' has a size that cannot be read.");
            if (size > archive.Length - Block)
                throw new InvalidDataException($"'{Shown(name)}' is said to have {size} bytes, more than the archive has.");
            var content = archive.Slice(Block, (int)size);
            archive = archive[Math.Min(archive.Length, Block + Padded((int)size))..];
            var type = (char)header[156];
            if (type == LongName && longName is null)
            {
                longName = Text(content.Span);
                continue;
            }

            if (type != RegularFile || header.Slice(157, NameLength).ContainsAnyExcept((byte)0))
                throw new InvalidDataException($"'{Shown(name)}' is {Named(type)}, and only plain files are taken.");
            files.Add((name, content));
            longName = null;
        }

        return !archive.Span.ContainsAnyExcept((byte)0) && longName is null
            ? files
            : throw new InvalidDataException("Something stands behind the end of the archive.");
    }

    private static void WriteEntry(MemoryStream stream, ReadOnlySpan<byte> name, char type, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[Block];
        header.Clear();
        name.CopyTo(header);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Convert.ToString(content.Length, 8).PadLeft(11, '0') + "\0");
        Put(header, 136, "00000000000\0");
        header[156] = (byte)type;
        Put(header, 257, "ustar  \0");
        Put(header, 148, Convert.ToString(Checksum(header), 8).PadLeft(6, '0') + "\0 ");
        stream.Write(header);
        stream.Write(content);
        stream.Write(new byte[Padded(content.Length) - content.Length]);
    }

    // With spaces in its own place.
    private static int Checksum(ReadOnlySpan<byte> header)
    {
        var sum = 8 * ' ';
        for (var index = 0; index < Block; index++)
            if (index is < 148 or >= 156)
                sum += header[index];
        return sum;
    }

    private static int Padded(int size) => (size + Block - 1) / Block * Block;

    private static void Put(Span<byte> header, int offset, string text) => Encoding.ASCII.GetBytes(text, header[offset..]);

    // The other way to write a number, in base 256, is for sizes that no bundle has.
    private static long? Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        var digits = field.Trim("\0 "u8);
        foreach (var digit in digits)
            if (digit is >= (byte)'0' and <= (byte)'7')
                value = (value * 8) + (digit - '0');
            else
                return null;
        return digits.Length > 0 ? value : null;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private static string Named(char type) => type switch
    {
        '1' => "a hard link",
        '2' => "a symbolic link",
        '3' or '4' => "a device",
        '5' => "a folder",
        '6' => "a pipe",
        'x' or 'g' => "an extended header",
        RegularFile => "a file that names a link",
        _ => string.Create(CultureInfo.InvariantCulture, $"an entry of type {(int)type}"),
    };

    /// <summary>A name from outside, for a message: on one line and not too long.</summary>
    internal static string Shown(string name) => string.Concat(name.Take(120).Select(letter => char.IsControl(letter) ? '?' : letter));
}
