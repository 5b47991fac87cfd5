using System.Net;
using System.Net.Sockets;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// Ports of 127.0.0.1 for containers. They lie below the ranges from which systems take ports for outgoing connections (Linux from 32768,
/// others from 49152), or one of those could take a port between two runs of a container; and below those of services (from 30000).
/// </summary>
internal sealed class HostPorts
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];

    // Sandboxes that run side by side rarely look at the same ports.
    private int _next = Random.Shared.Next(Count);

    public int Take()
    {
        lock (_gate)
        {
            for (var tries = 0; tries < Count; tries++)
            {
                var port = First + (_next++ % Count);
                if (!_taken.Contains(port) && IsFree(port))
                {
                    _taken.Add(port);
                    return port;
                }
            }
        }

        throw new ContainerException(ContainerException.CreateError, $"no port is free on 127.0.0.1 between {First} and {First + Count - 1}");
    }

    public void Release(int port)
    {
        lock (_gate)
            _taken.Remove(port);
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
