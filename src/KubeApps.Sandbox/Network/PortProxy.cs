using System.Net;
using System.Net.Sockets;

namespace KubeApps.Sandbox.Network;

/// <summary>Listens on the loopback address for one port, and hands each connection over to a backend.</summary>
internal sealed class PortProxy : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener;
    private readonly ServicePort _port;
    private readonly IBackends _backends;

    private PortProxy(Socket listener, ServicePort port, IBackends backends)
    {
        _backends = backends;
        _listener = listener;
        _port = port;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _ = AcceptAsync(_stop.Token);
    }

    public int Port { get; }

    /// <summary>Null if the port is taken.</summary>
    public static PortProxy? TryStart(int hostPort, ServicePort port, IBackends backends)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, hostPort));
            listener.Listen(512);
            return new PortProxy(listener, port, backends);
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(cancellationToken);
                _ = Task.Run(() => new ProxiedConnection(new Peer(socket), _port, _backends).RunAsync(cancellationToken), CancellationToken.None);
            }
            catch (SocketException)
            {
                // Out of file handles, or a client that was gone before it was accepted: the next one may fare better.
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
