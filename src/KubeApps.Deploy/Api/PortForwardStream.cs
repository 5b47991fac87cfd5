using System.Net.WebSockets;
using System.Text;

namespace KubeApps.Deploy.Api;

/// <summary>
/// A forwarded connection as a stream: of the websocket's two channels one is data and the other says what went wrong at the pod. Both
/// begin with the port's number. The protocol cannot end one direction alone: it ends as a whole.
/// </summary>
internal sealed class PortForwardStream(WebSocket socket) : Stream
{
    private const int NumberLength = 2;
    private const int LargestFrame = 32 * 1024;

    private readonly byte[] _buffer = new byte[LargestFrame];
    private readonly int[] _numbersLeft = [NumberLength, NumberLength];
    private readonly StringBuilder _error = new();
    private ReadOnlyMemory<byte> _unread;
    private int _channel = -1;
    private bool _hasEnded;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_unread.IsEmpty && !_hasEnded)
            await ReceiveAsync(cancellationToken);
        if (_unread.IsEmpty)
            return _error.Length == 0 ? 0 : throw new IOException(_error.ToString());
        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, LargestFrame - 1);
            var message = new byte[count + 1]; // Channel 0 is data.
            buffer[..count].CopyTo(message.AsMemory(1));
            try
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
            catch (Exception failure) when (failure is WebSocketException or InvalidOperationException)
            {
                throw new IOException(_error.Length == 0 ? "The forwarded connection has ended." : _error.ToString(), failure);
            }

            buffer = buffer[count..];
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        // Without a farewell, which would wait for the other side.
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult received;
        try
        {
            received = await socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken);
        }
        catch (Exception failure) when (failure is WebSocketException or ObjectDisposedException)
        {
            // A kubelet ends the connection without saying so.
            _hasEnded = true;
            return;
        }

        if (received.MessageType == WebSocketMessageType.Close)
        {
            _hasEnded = true;
            return;
        }

        ReadOnlyMemory<byte> data = _buffer.AsMemory(0, received.Count);
        if (_channel < 0 && !data.IsEmpty)
            (_channel, data) = (data.Span[0], data[1..]);
        if (_channel is 0 or 1)
        {
            var number = Math.Min(_numbersLeft[_channel], data.Length);
            _numbersLeft[_channel] -= number;
            data = data[number..];
            if (_channel == 0)
                _unread = data;
            else if (!data.IsEmpty)
                _error.Append(Encoding.UTF8.GetString(data.Span));
        }

        if (received.EndOfMessage)
            _channel = -1;
        // With an error nothing more comes; a kubelet may leave the websocket open.
        if (_error.Length > 0 && received.EndOfMessage)
            _hasEnded = true;
    }
}
