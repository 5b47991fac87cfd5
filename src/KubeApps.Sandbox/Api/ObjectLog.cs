using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>
/// The objects on disk: an append-only file of one line per change, rewritten when most of it is history. A line goes to the operating
/// system before its change is visible, so killing the process loses nothing; a line torn by a crash of the machine is dropped.
/// <para>A line is <c>checksum version verb group version kind plural scope namespace name json</c>.</para>
/// </summary>
internal sealed class ObjectLog : IDisposable
{
    private const string FileName = "objects.log";
    private const int ChecksumLength = 16;
    private const long SmallestRewrite = 8 << 20;

    private readonly string _path;
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private FileStream _file;
    private long _end;
    private long _live;

    private ObjectLog(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>True when the file holds several times more history than it held objects when it was last rewritten.</summary>
    public bool WantsRewrite => _end > Math.Max(SmallestRewrite, _live * 4);

    /// <summary>Opens the log, locks it against a second sandbox, and gives every intact line to <paramref name="replay"/>.</summary>
    public static ObjectLog Open(string directory, Action<ObjectKey, long, JsonObject?> replay)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        File.Delete(path + ".new");
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        var log = new ObjectLog(path, file);
        try
        {
            log.Replay(replay);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return log;
    }

    public void Append(ObjectKey key, long version, StoredObject? stored)
    {
        Format(_line, key, version, stored);
        try
        {
            _file.Write(_line.WrittenSpan);
            _end += _line.WrittenCount;
        }
        catch (IOException e)
        {
            _file.Position = _end;
            throw new StateNotSavedException(_path, e);
        }
    }

    /// <summary>Replaces the file by one that holds only what is there now. Failing leaves the old file in use.</summary>
    public void Rewrite(long version, IEnumerable<StoredObject> objects)
    {
        var fresh = _path + ".new";
        FileStream? file = null;
        try
        {
            file = new FileStream(fresh, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);
            // The newest version may belong to an object that is gone; versions must never go back.
            Format(_line, new ObjectKey(ResourceTypes.Namespace, null, "-"), version, stored: null);
            file.Write(_line.WrittenSpan);
            foreach (var stored in objects)
            {
                Format(_line, stored.Key, stored.Version, stored);
                file.Write(_line.WrittenSpan);
            }

            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file?.Dispose();
            File.Delete(fresh);
            _live = _end;
            return;
        }

        // Windows neither replaces a file that is open nor moves one that is: close both, then reopen.
        _end = _live = file.Length;
        file.Dispose();
        _file.Dispose();
        File.Move(fresh, _path, overwrite: true);
        _file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1) { Position = _end };
    }

    public void Dispose() => _file.Dispose();

    private static void Format(ArrayBufferWriter<byte> line, ObjectKey key, long version, StoredObject? stored)
    {
        line.ResetWrittenCount();
        line.GetSpan(ChecksumLength + 1);
        line.Advance(ChecksumLength + 1);
        var type = key.Type;
        var header = string.Create(CultureInfo.InvariantCulture,
            $"{version} {(stored is null ? "del" : "put")} {Dash(type.Group)} {type.Version} {type.Kind} {type.Plural} {(type.Namespaced ? 'n' : 'c')} {Dash(key.Namespace)} {key.Name} ");
        Encoding.UTF8.GetBytes(header, line);
        if (stored is not null)
            line.Write(stored.Json);
        line.Write("\n"u8);
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsMemory(line.WrittenMemory).Span;
        Checksum(bytes[(ChecksumLength + 1)..^1], bytes);
        bytes[ChecksumLength] = (byte)' ';
    }

    private static string Dash(string? text) => string.IsNullOrEmpty(text) ? "-" : text;

    private static string? Undash(string text) => text == "-" ? null : text;

    private static void Checksum(ReadOnlySpan<byte> content, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        Convert.TryToHexStringLower(hash[..(ChecksumLength / 2)], destination[..ChecksumLength], out _);
    }

    private void Replay(Action<ObjectKey, long, JsonObject?> replay)
    {
        var content = new byte[_file.Length];
        _file.ReadExactly(content);
        var position = 0;
        var types = new Dictionary<string, ResourceType>();
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        while (position < content.Length)
        {
            var length = content.AsSpan(position).IndexOf((byte)'\n');
            if (length <= ChecksumLength)
                break;
            var line = content.AsSpan(position, length);
            Checksum(line[(ChecksumLength + 1)..], checksum);
            if (!line[..ChecksumLength].SequenceEqual(checksum))
                break;
            ReplayLine(line[(ChecksumLength + 1)..], types, replay);
            position += length + 1;
        }

        if (position < content.Length && content.AsSpan(position).IndexOf((byte)'\n') is var end and >= 0 && position + end + 1 < content.Length)
        {
            // Not a torn tail: whole lines follow. Keep a copy for whoever wants to look; what stands before is consistent.
            File.WriteAllBytes($"{_path}.damaged", content);
        }

        if (position < content.Length)
            _file.SetLength(position);
        _file.Position = _end = _live = position;
    }

    private static void ReplayLine(ReadOnlySpan<byte> line, Dictionary<string, ResourceType> types, Action<ObjectKey, long, JsonObject?> replay)
    {
        const int HeaderFields = 9;
        var end = 0;
        for (var spaces = 0; spaces < HeaderFields; end++)
            if (line[end] == (byte)' ')
                spaces++;
        var fields = Encoding.UTF8.GetString(line[..(end - 1)]).Split(' ');
        var typeName = string.Join(' ', fields[2..7]);
        if (!types.TryGetValue(typeName, out var type))
            types[typeName] = type = new ResourceType(Undash(fields[2]) ?? "", fields[3], fields[4], fields[5], fields[6] == "n");
        var key = new ObjectKey(type, Undash(fields[7]), fields[8]);
        var version = long.Parse(fields[0], CultureInfo.InvariantCulture);
        replay(key, version, fields[1] == "put" ? JsonNode.Parse(line[end..])!.AsObject() : null);
    }
}

/// <summary>The disk did not take a change; nothing was changed.</summary>
internal sealed class StateNotSavedException(string path, IOException cause)
    : IOException($"The sandbox cannot save its state to {path}: {cause.Message} Nothing was changed; free some space and try again.", cause);
