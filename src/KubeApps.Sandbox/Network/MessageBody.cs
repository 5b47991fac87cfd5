namespace KubeApps.Sandbox.Network;

/// <summary>Finds where the body of a message ends, without changing a byte of it.</summary>
internal sealed class MessageBody
{
    private enum Part
    {
        Size,
        SizeEnd,
        Data,
        DataEnd,
        TrailerStart,
        Trailer,
        Done,
    }

    private readonly bool _chunked;
    private Part _part;
    private long _left;

    private MessageBody(bool chunked, long left, bool untilClose)
    {
        _chunked = chunked;
        _left = left;
        EndsWithConnection = untilClose;
        _part = chunked ? Part.Size : left == 0 && !untilClose ? Part.Done : Part.Data;
    }

    public bool IsDone => _part == Part.Done;

    /// <summary>Whether the end of the connection is the end of the body.</summary>
    public bool EndsWithConnection { get; }

    public static MessageBody OfRequest(HttpMessageHead head) => new(head.Chunked, head.Length ?? 0, untilClose: false);

    public static MessageBody OfResponse(HttpMessageHead head) => new(head.Chunked, head.Length ?? 0, untilClose: !head.Chunked && head.Length is null);

    /// <summary>How many of these bytes belong to the body.</summary>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        if (EndsWithConnection)
            return bytes.Length;
        if (!_chunked)
        {
            var taken = (int)Math.Min(_left, bytes.Length);
            _left -= taken;
            if (_left == 0)
                _part = Part.Done;
            return taken;
        }

        var position = 0;
        while (position < bytes.Length && _part != Part.Done)
        {
            if (_part == Part.Data)
            {
                var data = (int)Math.Min(_left, bytes.Length - position);
                position += data;
                _left -= data;
                if (_left == 0)
                    _part = Part.DataEnd;
            }
            else
            {
                Step(bytes[position++]);
            }
        }

        return position;
    }

    private void Step(byte value)
    {
        var digit = value switch
        {
            >= (byte)'0' and <= (byte)'9' => value - '0',
            >= (byte)'a' and <= (byte)'f' => value - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => value - 'A' + 10,
            _ => -1,
        };
        switch (_part)
        {
            case Part.Size when digit >= 0 && _left < long.MaxValue / 16 - 16:
                _left = _left * 16 + digit;
                break;
            case Part.Size when digit >= 0:
                throw new InvalidDataException("A chunk is larger than anything can be.");
            case Part.Size or Part.SizeEnd:
                // What stands behind the size (an extension) goes through as it is.
                _part = value != '\n' ? Part.SizeEnd : _left == 0 ? Part.TrailerStart : Part.Data;
                break;
            case Part.DataEnd when value == '\n':
                _part = Part.Size;
                break;
            case Part.TrailerStart:
                // An empty line ends the trailers, and with them the body.
                _part = value switch { (byte)'\n' => Part.Done, (byte)'\r' => Part.TrailerStart, _ => Part.Trailer };
                break;
            case Part.Trailer when value == '\n':
                _part = Part.TrailerStart;
                break;
        }
    }
}
