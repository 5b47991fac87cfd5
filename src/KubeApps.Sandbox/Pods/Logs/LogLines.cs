using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>Brings stored lines into the shape that was asked for: the last ones, those after a time, with or without their times.</summary>
internal sealed class LogLines(PodLogRequest request)
{
    private readonly MemoryStream _line = new();
    private readonly MemoryStream _out = new();
    private readonly Queue<byte[]> _tail = new();
    private bool _inTail = request.TailLines is not null;

    /// <summary>The next part of the file in, what of it is wanted out: whole lines.</summary>
    public ReadOnlyMemory<byte> Take(ReadOnlySpan<byte> chunk)
    {
        while (chunk.IndexOf((byte)'\n') is var end and >= 0)
        {
            _line.Write(chunk[..(end + 1)]);
            chunk = chunk[(end + 1)..];
            TakeLine(_line.ToArray());
            _line.SetLength(0);
        }

        _line.Write(chunk);
        return Output();
    }

    /// <summary>All that was there has been read: the last lines are known now.</summary>
    public ReadOnlyMemory<byte> EndTail()
    {
        _inTail = false;
        while (_tail.TryDequeue(out var line))
            Emit(line);
        return Output();
    }

    private void TakeLine(byte[] line)
    {
        if (!_inTail)
        {
            Emit(line);
            return;
        }

        _tail.Enqueue(line);
        if (_tail.Count > request.TailLines)
            _tail.Dequeue();
    }

    private void Emit(ReadOnlySpan<byte> line)
    {
        if (request.Since is not { } since || !(LogTime.Parse(line) < since))
            _out.Write(request.Timestamps ? line : line[Math.Min(LogTime.Length + 1, line.Length)..]);
    }

    private ReadOnlyMemory<byte> Output()
    {
        if (_out.Length == 0)
            return default;
        var output = _out.ToArray();
        _out.SetLength(0);
        return output;
    }
}
