using System.Net.Sockets;
using System.Text;

namespace KubeApps.Sandbox.Network;

/// <summary>
/// One client's connection to a port. As in Kubernetes it is bound to one pod (at the edge: to one cluster) and its bytes pass unchanged. In addition it knows where
/// HTTP/1.1 requests end: when the pod goes away, the connection moves to another one between two requests, and a request that a dying pod left
/// unanswered is sent again if that is safe. So a rolling update loses no request, even from clients that keep their connections. Everything
/// else (HTTP/2, TLS, other protocols) stays with its pod until one side ends it.
/// </summary>
internal sealed class ProxiedConnection(Peer client, ServicePort port, IBackends backends)
{
    // Where HTTP is not announced, a silent client may be one that waits for the server to speak first.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);

    private Peer? _pod;
    private bool _isAnswering;
    private int _status;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await client.LookAheadAsync(HttpMessageHead.LooksLikeRequest, port.ExpectsHttp ? null : Patience, cancellationToken) == true)
            {
                while (await ExchangeAsync(cancellationToken))
                {
                }

                await client.FinishAsync(cancellationToken);
            }
            else if (await ConnectAsync([], cancellationToken))
            {
                await TunnelAllAsync(cancellationToken);
            }
            else
            {
                client.Refuse();
            }
        }
        catch (Exception e) when (IsBrokenConnection(e) || e is OperationCanceledException)
        {
            // One of the two hung up or talks nonsense: the other one sees the end of the connection.
        }
        finally
        {
            _pod?.Dispose();
            client.Dispose();
        }
    }

    private static bool IsBrokenConnection(Exception e) => e is IOException or SocketException or InvalidDataException or ObjectDisposedException;

    private async Task TunnelAllAsync(CancellationToken cancellationToken)
    {
        var backend = _pod!.Backend!;
        backends.Opened(backend);
        try
        {
            await TunnelAsync(cancellationToken);
        }
        finally
        {
            backends.Closed(backend);
        }
    }

    private async Task TunnelAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(client.CopyAllAsync(_pod!, cancellationToken), _pod!.CopyAllAsync(client, cancellationToken));

    /// <summary>One request and its response; returns whether another one may follow on this connection.</summary>
    private async Task<bool> ExchangeAsync(CancellationToken cancellationToken)
    {
        if (await client.ReadHeadAsync(cancellationToken) is not { } head)
            return false;
        if (HttpMessageHead.Request(head) is not { } request)
            return await AnswerAsync("400 Bad Request", "The request does not say clearly where it ends.", cancellationToken);

        if (_pod is { IsIdle: false })
            Leave();
        _isAnswering = false;
        var mayRepeat = request.IsIdempotent && !request.HasBody;
        var tried = new List<Backend>();
        while (true)
        {
            var isFresh = _pod is null;
            if (isFresh && !await ConnectAsync(tried, cancellationToken))
                return await AnswerAsync("503 Service Unavailable", port.Nobody, cancellationToken);
            var pod = _pod!;
            if (!backends.TryBegin(pod.Backend!))
            {
                // It was taken out of service since.
                Leave();
                continue;
            }

            var mayBeStale = false;
            _status = 0;
            try
            {
                await pod.WriteAsync(head, cancellationToken);
                if (!mayRepeat)
                    return await ForwardAsync(request, null, cancellationToken);
                client.HandEndTo(pod, cancellationToken);
                if (await pod.ReadHeadAsync(cancellationToken) is { } answer)
                    return await ForwardAsync(request, answer, cancellationToken);
                mayBeStale = !isFresh;
            }
            catch (Exception e) when (mayRepeat && !_isAnswering && IsBrokenConnection(e))
            {
                // It died without an answer: nobody has seen any of it, so another pod can do it.
                mayBeStale = !isFresh;
            }
            finally
            {
                backends.End(pod.Backend!, HowItEnded(mayBeStale));
            }

            // A connection that was kept may just have been closed by a pod that is well.
            if (isFresh)
                tried.Add(pod.Backend!);
            Leave();
        }
    }

    private RequestEnd HowItEnded(bool mayBeStale) => _status switch
    {
        0 when mayBeStale || client.HasEnded => RequestEnd.Withdrawn,
        0 or >= 500 => RequestEnd.Failed,
        _ => RequestEnd.Answered,
    };

    /// <summary>Hands the response (and the rest of the request) over.</summary>
    private async Task<bool> ForwardAsync(HttpMessageHead request, byte[]? answer, CancellationToken cancellationToken)
    {
        var pod = _pod!;
        var upload = request.HasBody ? client.CopyBodyAsync(MessageBody.OfRequest(request), pod, cancellationToken) : Task.CompletedTask;
        if (answer is null && !request.HasBody)
            client.HandEndTo(pod, cancellationToken);
        try
        {
            while (true)
            {
                answer ??= await pod.ReadHeadAsync(cancellationToken);
                if (answer is null || HttpMessageHead.Response(answer, request.Method) is not { } response)
                    return await AnswerAsync("502 Bad Gateway", $"{pod.Backend!.Pod} ended the connection without an answer.", cancellationToken);
                _isAnswering = true;
                _status = response.Status is 101 or >= 200 ? response.Status : 0;
                await client.WriteAsync(answer, cancellationToken);
                if (response.Status == 101 || (request.Method == "CONNECT" && response.Status is >= 200 and < 300))
                {
                    await upload;
                    await TunnelAsync(cancellationToken);
                    return false;
                }

                answer = null;
                // Interim answers (100 Continue) precede the real one.
                if (response.Status < 200)
                    continue;
                await pod.CopyBodyAsync(MessageBody.OfResponse(response), client, cancellationToken);
                if (!response.KeepAlive)
                    return false;
                await upload;
                return request.KeepAlive;
            }
        }
        catch (Exception e) when (!_isAnswering && IsBrokenConnection(e))
        {
            if (request.IsIdempotent && !request.HasBody)
                throw;
            return await AnswerAsync("502 Bad Gateway", $"{pod.Backend!.Pod} ended the connection without an answer.", cancellationToken);
        }
        finally
        {
            if (!upload.IsCompleted)
                await EndUploadAsync(upload, pod);
        }
    }

    /// <summary>The pod has answered without waiting for the whole request: what the client still sends goes nowhere, but must not break the answer.</summary>
    private async Task EndUploadAsync(Task upload, Peer pod)
    {
        client.EndSending();
        try
        {
            await upload.WaitAsync(TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (IsBrokenConnection(e))
        {
        }
        catch (TimeoutException e)
        {
            throw new IOException("The client goes on sending what nobody reads.", e);
        }
        finally
        {
            pod.Dispose();
        }
    }

    /// <summary>An answer of our own, the last one on this connection.</summary>
    private async Task<bool> AnswerAsync(string status, string text, CancellationToken cancellationToken)
    {
        var body = text + "\n";
        await client.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"),
            cancellationToken);
        return false;
    }

    /// <summary>Connects to the next pod in turn that takes the connection.</summary>
    private async Task<bool> ConnectAsync(List<Backend> tried, CancellationToken cancellationToken)
    {
        while (backends.Next(tried) is { } backend)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(ConnectLimit);
                await socket.ConnectAsync(backend.Address, limit.Token);
                _pod = new Peer(socket, backend);
                return true;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                socket.Dispose();
                backends.Refused(backend);
                tried.Add(backend);
            }
        }

        return false;
    }

    private void Leave()
    {
        _pod?.Dispose();
        _pod = null;
    }
}
