using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// Ports of a pod through the API, as the kubelet's <c>v4.channel.k8s.io</c> has them: one websocket, for each port a channel of data and
/// one of errors. Each channel begins with the port's number, little-endian. One connection of the pod for each port and websocket; the
/// protocol has no way to end one direction alone.
/// </summary>
internal sealed class PortForwardHandler(Cluster cluster, CancellationToken stopping)
{
    private const string Protocol = "v4.channel.k8s.io";
    private const int LargestFrame = 32 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public async Task HandleAsync(HttpContext context, ObjectKey key)
    {
        var pod = cluster.Get(key) ?? throw ApiStatusException.NotFound(key.Type, key.Name);
        if (string.IsNullOrEmpty((string?)pod["spec"]?["nodeName"]))
            throw ApiStatusException.BadRequest($"pod {key.Name} does not have a host assigned");
        var sockets = context.WebSockets;
        // kubectl wraps SPDY into its websocket, or speaks SPDY at once.
        if (!sockets.IsWebSocketRequest || !sockets.WebSocketRequestedProtocols.Contains(Protocol))
            throw ApiErrors.NotServed(
                $"pods/portforward in another protocol than {Protocol}",
                "the pod already listens on 127.0.0.1, at the port in its annotation sandbox.kubeapps.dev/ports");
        var ports = Ports(context.Request);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using var socket = await sockets.AcceptWebSocketAsync(Protocol);
        await new Session(socket, key, (string)pod["metadata"]!["uid"]!, PortAnnotation.Read(pod), ports).RunAsync(ending);
    }

    private static List<int> Ports(HttpRequest request)
    {
        var ports = new List<int>();
        foreach (var text in request.Query["ports"].SelectMany(value => (value ?? "").Split(',')))
            ports.Add(int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
                ? port
                : throw ApiStatusException.BadRequest($"unable to parse \"{text}\" as a port"));
        return ports.Count > 0 ? ports : throw ApiStatusException.BadRequest("query parameter \"ports\" is required");
    }

    private sealed class Session(WebSocket socket, ObjectKey pod, string uid, IReadOnlyDictionary<int, int> hostPorts, List<int> ports)
    {
        // A websocket sends one message at a time.
        private readonly SemaphoreSlim _sending = new(1);
        private readonly TcpClient?[] _connections = new TcpClient?[ports.Count];

        public async Task RunAsync(CancellationTokenSource ending)
        {
            try
            {
                var open = new List<Task>();
                for (var index = 0; index < ports.Count; index++)
                {
                    var number = new byte[2];
                    BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)ports[index]);
                    await SendAsync(index * 2, number, ending.Token);
                    await SendAsync((index * 2) + 1, number, ending.Token);
                    if (await ConnectAsync(index, ending.Token) is { } connection)
                        open.Add(FromPodAsync(index, connection, ending.Token));
                }

                // Ends when the pod has ended all connections, or when the client has gone.
                var client = FromClientAsync(ending.Token);
                await Task.WhenAny(Task.WhenAll(open), client);
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ending.Token);
                // A connection that is dropped before its client has answered may be reset, and take the last words along.
                await client.WaitAsync(Farewell, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                // The client has left, or the sandbox stops.
            }
            finally
            {
                await ending.CancelAsync();
                foreach (var connection in _connections)
                    connection?.Dispose();
            }
        }

        private async Task<TcpClient?> ConnectAsync(int index, CancellationToken cancellationToken)
        {
            var port = ports[index];
            var connection = new TcpClient { NoDelay = true };
            try
            {
                // A port that no container declares has nothing that listens on it.
                if (!hostPorts.TryGetValue(port, out var hostPort))
                    throw new SocketException((int)SocketError.ConnectionRefused);
                await connection.ConnectAsync(IPAddress.Loopback, hostPort, cancellationToken);
                return _connections[index] = connection;
            }
            catch (SocketException)
            {
                connection.Dispose();
                var text = $"error forwarding port {port} to pod {pod.Name}, uid {uid}: failed to connect to localhost:{port} inside namespace \"{pod.Namespace}\": dial tcp 127.0.0.1:{port}: connect: connection refused";
                await SendAsync((index * 2) + 1, Encoding.UTF8.GetBytes(text), cancellationToken);
                return null;
            }
        }

        private async Task FromPodAsync(int index, TcpClient connection, CancellationToken cancellationToken)
        {
            var buffer = new byte[LargestFrame];
            try
            {
                while (await connection.GetStream().ReadAsync(buffer, cancellationToken) is > 0 and var count)
                    await SendAsync(index * 2, buffer.AsMemory(0, count), cancellationToken);
            }
            catch (IOException)
            {
                // Reset by the pod, which is an end, too.
            }
        }

        private async Task FromClientAsync(CancellationToken cancellationToken)
        {
            var buffer = new byte[LargestFrame];
            var channel = -1;
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close)
                    return;
                var data = buffer.AsMemory(0, received.Count);
                if (channel < 0 && data.Length > 0)
                    (channel, data) = (data.Span[0], data[1..]);
                if (channel >= 0 && channel % 2 == 0 && channel / 2 < ports.Count && data.Length > 0 && _connections[channel / 2] is { } connection)
                    await connection.GetStream().WriteAsync(data, cancellationToken);
                if (received.EndOfMessage)
                    channel = -1;
            }
        }

        private async Task SendAsync(int channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            var message = new byte[data.Length + 1];
            message[0] = (byte)channel;
            data.CopyTo(message.AsMemory(1));
            await _sending.WaitAsync(cancellationToken);
            try
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
            finally
            {
                _sending.Release();
            }
        }
    }
}
