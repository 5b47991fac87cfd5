using System.Text;

namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>
/// What one container wrote: each line behind the time at which it began (RFC 3339 with nanoseconds, UTC). A full file is moved aside
/// (<c>.1</c> is the youngest of those) and the oldest is dropped.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly LogLimits _limits;
    private readonly MemoryStream _pending = new();
    private TaskCompletionSource _changed = NewSignal();
    private FileStream _file;
    private bool _insideLine;

    public ContainerLog(string path, LogLimits limits, TimeProvider clock)
    {
        Path = path;
        _limits = limits;
        _clock = clock;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        _file = Open(path);
    }

    public string Path { get; }

    /// <summary>Where the log is, for those who follow it: how often the file was moved aside, and what to wait for.</summary>
    public (int Rotations, bool Ended, Task Changed) Position
    {
        get
        {
            lock (_gate)
                return (Rotations, Ended, _changed.Task);
        }
    }

    private int Rotations { get; set; }

    private bool Ended { get; set; }

    public void Write(ReadOnlySpan<byte> output)
    {
        lock (_gate)
        {
            if (Ended)
                return;
            while (output.Length > 0)
            {
                if (!_insideLine)
                {
                    if (_file.Length + _pending.Length >= _limits.FileBytes)
                        Rotate();
                    _pending.Write(Encoding.ASCII.GetBytes(LogTime.Format(_clock.GetUtcNow())));
                    _pending.WriteByte((byte)' ');
                }

                var end = output.IndexOf((byte)'\n');
                _insideLine = end < 0;
                var line = end < 0 ? output : output[..(end + 1)];
                _pending.Write(line);
                output = output[line.Length..];
            }

            Flush();
            Announce();
        }
    }

    /// <summary>The container has ended: followers stop here.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (Ended)
                return;
            Ended = true;
            if (_insideLine)
                _pending.WriteByte((byte)'\n');
            Flush();
            _file.Dispose();
            Announce();
        }
    }

    /// <summary>The number of the oldest file that is kept: how many rotations came before it.</summary>
    public int OldestFile
    {
        get
        {
            lock (_gate)
                return Math.Max(0, Rotations - _limits.Files + 1);
        }
    }

    /// <summary>Opens the file that came after so many rotations; null if it has been dropped. None is moved aside meanwhile.</summary>
    public FileStream? OpenFile(int rotations)
    {
        lock (_gate)
            return OpenIfThere(rotations == Rotations ? Path : $"{Path}.{Rotations - rotations}");
    }

    public static FileStream? OpenIfThere(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Flush()
    {
        try
        {
            _file.Write(_pending.GetBuffer().AsSpan(0, (int)_pending.Length));
        }
        catch (IOException)
        {
            // A full disk must not stop the container; its output is lost, as on a node.
        }

        _pending.SetLength(0);
    }

    private void Rotate()
    {
        Flush();
        _file.Dispose();
        File.Delete($"{Path}.{_limits.Files - 1}");
        for (var n = _limits.Files - 2; n >= 1; n--)
            if (File.Exists($"{Path}.{n}"))
                File.Move($"{Path}.{n}", $"{Path}.{n + 1}");
        File.Move(Path, $"{Path}.1");
        _file = Open(Path);
        Rotations++;
    }

    private void Announce()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}

/// <param name="FileBytes">A file that has reached this size is moved aside.</param>
/// <param name="Files">How many there are of a container, the current one included.</param>
internal sealed record LogLimits(long FileBytes = 10 << 20, int Files = 4);
