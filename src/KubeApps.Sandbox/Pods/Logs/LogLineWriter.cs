namespace KubeApps.Sandbox.Pods.Logs;

/// <summary>Brings stored lines into the shape that was asked for: the last ones, those after a time, without their times, so many bytes.</summary>
internal sealed class LogLineWriter(Stream target, LogQuery query)
{
    private readonly MemoryStream _line = new();
    private readonly MemoryStream _out = new();
    private readonly Queue<byte[]> _tail = new();
    private bool _inTail = query.TailLines is not null;
    private long _left = query.LimitBytes ?? long.MaxValue;

    /// <summary>False when the limit of bytes is reached.</summary>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        while (chunk.Length > 0 && _left > 0)
        {
            var end = chunk.Span.IndexOf((byte)'\n');
            _line.Write(chunk.Span[..(end < 0 ? chunk.Length : end + 1)]);
            if (end < 0)
                break;
            chunk = chunk[(end + 1)..];
            Take(_line.ToArray());
            _line.SetLength(0);
        }

        await FlushAsync(cancellationToken);
        return _left > 0;
    }

    /// <summary>All that was there has been read: the last lines are known now.</summary>
    public async Task EndTailAsync(CancellationToken cancellationToken)
    {
        _inTail = false;
        while (_tail.TryDequeue(out var line))
            Emit(line);
        await FlushAsync(cancellationToken);
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_out.Length == 0)
            return;
        await target.WriteAsync(_out.GetBuffer().AsMemory(0, (int)_out.Length), cancellationToken);
        await target.FlushAsync(cancellationToken);
        _out.SetLength(0);
    }

    private void Take(byte[] line)
    {
        if (!_inTail)
        {
            Emit(line);
            return;
        }

        _tail.Enqueue(line);
        if (_tail.Count > query.TailLines)
            _tail.Dequeue();
    }

    private void Emit(ReadOnlySpan<byte> line)
    {
        if (query.Since is { } since && LogTime.Parse(line) < since)
            return;
        if (!query.Timestamps)
            line = line[Math.Min(LogTime.Length + 1, line.Length)..];
        if (line.Length > _left)
            line = line[..(int)_left];
        _left -= line.Length;
        _out.Write(line);
    }
}
