using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace KubeApps.Sandbox.Network;

/// <summary>One end of a proxied connection: the client, or a pod.</summary>
internal sealed class Peer : IDisposable
{
    private const int LongestHead = 64 * 1024;

    // A connection that waits holds no buffer.
    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: 16 * 1024, useZeroByteReads: true, leaveOpen: true);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private Task<ReadResult>? _pending;

    public Peer(Socket socket, Backend? backend = null)
    {
        socket.NoDelay = true;
        Backend = backend;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream, ReaderOptions);
    }

    /// <summary>Which pod this is; null for the client.</summary>
    public Backend? Backend { get; }

    /// <summary>Whether it is known to say nothing any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether it waits quietly for the next request. A pod that says something unasked for, or nothing more at all, does not.</summary>
    public bool IsIdle
    {
        get
        {
            try
            {
                if (!_reader.TryRead(out var unasked))
                    return !_socket.Poll(0, SelectMode.SelectRead);
                _reader.AdvanceTo(unasked.Buffer.Start);
                return false;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary>The next message's head with its empty line; null if the peer ended before its first byte.</summary>
    public async ValueTask<byte[]?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadAsync(cancellationToken);
            var reader = new SequenceReader<byte>(result.Buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8))
            {
                var head = result.Buffer.Slice(0, reader.Position).ToArray();
                _reader.AdvanceTo(reader.Position);
                return head;
            }

            var (length, ended) = (result.Buffer.Length, result.IsCompleted);
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (ended && length == 0)
                return null;
            if (ended)
                throw new EndOfStreamException("The connection ended in the middle of a message's head.");
            if (length > LongestHead)
                throw new InvalidDataException($"The head of a message is longer than {LongestHead} bytes.");
        }
    }

    /// <summary>Reads until a verdict about the first bytes is known, and leaves them unread; null if the peer stays silent or ends.</summary>
    public async Task<bool?> LookAheadAsync(Func<ReadOnlySequence<byte>, bool?> judge, TimeSpan? patience, CancellationToken cancellationToken)
    {
        await using var timer = patience is { } limit ? new Timer(_ => _reader.CancelPendingRead(), null, limit, Timeout.InfiniteTimeSpan) : null;
        while (true)
        {
            var result = await ReadAsync(cancellationToken);
            var verdict = judge(result.Buffer);
            _reader.AdvanceTo(result.Buffer.Start, verdict is null ? result.Buffer.End : result.Buffer.Start);
            if (verdict is not null || result.IsCanceled || result.IsCompleted)
                return verdict;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _stream.WriteAsync(bytes, cancellationToken);

    /// <summary>Hands the body of a message over to another peer as it comes in.</summary>
    public async Task CopyBodyAsync(MessageBody body, Peer to, CancellationToken cancellationToken)
    {
        while (!body.IsDone)
        {
            var result = await ReadAsync(cancellationToken);
            long taken = 0;
            foreach (var segment in result.Buffer)
            {
                var part = body.Take(segment.Span);
                taken += part;
                await to._stream.WriteAsync(segment[..part], cancellationToken);
                if (body.IsDone)
                    break;
            }

            _reader.AdvanceTo(result.Buffer.GetPosition(taken));
            if (!result.IsCompleted || body.IsDone)
                continue;
            if (body.EndsWithConnection)
                return;
            throw new EndOfStreamException("The connection ended in the middle of a message's body.");
        }
    }

    /// <summary>Hands over everything until this side ends, and then tells the other side so.</summary>
    public async Task CopyAllAsync(Peer to, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadAsync(cancellationToken);
            foreach (var segment in result.Buffer)
                await to._stream.WriteAsync(segment, cancellationToken);
            _reader.AdvanceTo(result.Buffer.End);
            if (!result.IsCompleted)
                continue;
            to.EndSending();
            return;
        }
    }

    /// <summary>While a pod works on a request, a client that hangs up must be noticed: hands its end over to the pod.</summary>
    public void HandEndTo(Peer pod, CancellationToken cancellationToken)
    {
        // The read stays pending and serves the next request: cancelling it each time would be dear.
        var read = _pending ??= _reader.ReadAsync(cancellationToken).AsTask();
        if (!read.IsCompletedSuccessfully)
            _ = HandOverAsync();

        async Task HandOverAsync()
        {
            try
            {
                if (await read is { IsCompleted: true } result && result.Buffer.Start.Equals(result.Buffer.End))
                    End();
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                End();
            }
        }

        void End()
        {
            HasEnded = true;
            pod.EndSending();
        }
    }

    /// <summary>Says that nothing more comes from this side.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <summary>Ends the connection without destroying an answer that the other side has not read yet: lets it finish first, for a moment.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        EndSending();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        while (await ReadAsync(limit.Token).AsTask().WaitAsync(limit.Token) is { IsCompleted: false } result)
            _reader.AdvanceTo(result.Buffer.End);
    }

    /// <summary>Closes so that the other side sees at once that nobody is there (a reset).</summary>
    public void Refuse()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public void Dispose() => _stream.Dispose();

    private ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        if (_pending is not { } pending)
            return _reader.ReadAsync(cancellationToken);
        _pending = null;
        return new ValueTask<ReadResult>(pending);
    }
}
