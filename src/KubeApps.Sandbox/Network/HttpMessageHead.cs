using System.Buffers;
using System.Text;

namespace KubeApps.Sandbox.Network;

/// <summary>What of the head of an HTTP/1.1 message decides where the message ends and whether another may follow.</summary>
internal readonly record struct HttpMessageHead(string Method, int Status, bool KeepAlive, bool Chunked, long? Length)
{
    private static readonly SearchValues<byte> NoTokens = SearchValues.Create(" \t\r\n:()<>@,;\\\"/[]?={}"u8);

    /// <summary>Methods that may be sent once more if nobody can tell whether they arrived (RFC 9110, 9.2.2).</summary>
    public bool IsIdempotent => Method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "PUT" or "DELETE";

    public bool HasBody => Chunked || Length > 0;

    /// <summary>Whether bytes can be the start of an HTTP/1 request; null if more of them are needed to tell.</summary>
    public static bool? LooksLikeRequest(ReadOnlySequence<byte> start)
    {
        var reader = new SequenceReader<byte>(start);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            return start.Length < 8192 && !start.FirstSpan.IsEmpty && IsToken(start.FirstSpan) ? null : start.IsEmpty ? null : false;
        var text = Encoding.Latin1.GetString(line).TrimEnd('\r');
        return text.EndsWith(" HTTP/1.1", StringComparison.Ordinal) || text.EndsWith(" HTTP/1.0", StringComparison.Ordinal);
    }

    /// <summary>Reads a request's head; null if it cannot be trusted to say where the request ends.</summary>
    public static HttpMessageHead? Request(ReadOnlySpan<byte> head)
    {
        var text = Encoding.Latin1.GetString(head);
        var line = text.AsSpan(0, text.IndexOf('\r', StringComparison.Ordinal));
        var method = line.IndexOf(' ');
        if (method <= 0 || !Fields(text, line.EndsWith("1.1"), out var keepAlive, out var chunked, out var length) || (chunked && length is not null))
            return null;
        return new HttpMessageHead(line[..method].ToString(), 0, keepAlive, chunked, length);
    }

    /// <summary>Reads a response's head; null if it is none.</summary>
    public static HttpMessageHead? Response(ReadOnlySpan<byte> head, string method)
    {
        var text = Encoding.Latin1.GetString(head);
        var line = text.AsSpan(0, text.IndexOf('\r', StringComparison.Ordinal));
        if (line.Length < 12 || !line.StartsWith("HTTP/1.") || !int.TryParse(line[9..12], out var status)
            || !Fields(text, line.StartsWith("HTTP/1.1"), out var keepAlive, out var chunked, out var length))
            return null;
        if (method == "HEAD" || status is < 200 or 204 or 304)
            return new HttpMessageHead(method, status, keepAlive, Chunked: false, Length: 0);
        // With neither length nor chunks the end of the connection is the end of the message.
        return new HttpMessageHead(method, status, keepAlive && (chunked || length is not null), chunked, chunked ? null : length);
    }

    private static bool IsToken(ReadOnlySpan<byte> start)
    {
        var end = start.IndexOf((byte)' ');
        return end != 0 && !(end < 0 ? start : start[..end]).ContainsAny(NoTokens) && start[0] is >= (byte)'A' and <= (byte)'Z';
    }

    private static bool Fields(ReadOnlySpan<char> text, bool isVersion11, out bool keepAlive, out bool chunked, out long? length)
    {
        keepAlive = isVersion11;
        chunked = false;
        length = null;
        var first = true;
        foreach (var line in text.EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (first || colon <= 0)
            {
                first = false;
                continue;
            }

            var value = line[(colon + 1)..].Trim();
            var name = line[..colon];
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                if (!long.TryParse(value, System.Globalization.NumberStyles.None, null, out var number) || (length is not null && length != number))
                    return false;
                length = number;
            }
            else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                chunked = value.EndsWith("chunked", StringComparison.OrdinalIgnoreCase);
                if (!chunked)
                    return false;
            }
            else if (name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            {
                keepAlive = !value.Contains("close", StringComparison.OrdinalIgnoreCase)
                    && (isVersion11 || value.Contains("keep-alive", StringComparison.OrdinalIgnoreCase));
            }
        }

        return true;
    }
}
