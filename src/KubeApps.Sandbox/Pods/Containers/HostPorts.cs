using System.Net;
using System.Net.Sockets;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// Ports of 127.0.0.1 for containers. They lie below the ranges from which systems take ports for outgoing connections (Linux from 32768,
/// others from 49152), or one of those could take a port between two runs of a container; and below those of services (from 30000).
/// </summary>
internal sealed class HostPorts : IDisposable
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // A container opens its port a while after it got it, and again each time that it restarts. So that no other sandbox gives it away meanwhile,
    // ports are taken in blocks: whoever listens on the first port of a block has all of it.
    private const int BlockSize = 50;
    private const int Blocks = Count / BlockSize;

    private readonly Lock _gate = new();
    private readonly HashSet<int> _taken = [];
    private readonly Dictionary<int, Socket> _guards = [];

    // One that was given back is not given out again at once: somebody may know of it still.
    private int _last;

    /// <exception cref="ContainerException">None is free.</exception>
    public int Take()
    {
        lock (_gate)
        {
            foreach (var block in _guards.Keys)
                if (TakeFrom(block) is { } port)
                    return port;
            // Sandboxes that run side by side rarely look at the same blocks.
            var start = Random.Shared.Next(Blocks);
            for (var i = 0; i < Blocks; i++)
            {
                var block = First + ((start + i) % Blocks * BlockSize);
                if (_guards.ContainsKey(block) || Listen(block) is not { } guard)
                    continue;
                _guards.Add(block, guard);
                if (TakeFrom(block) is { } port)
                    return port;
            }
        }

        throw new ContainerException(ContainerException.CreateError, $"no port is free on 127.0.0.1 between {First} and {First + Count - 1}");
    }

    public void Release(int port)
    {
        lock (_gate)
            _taken.Remove(port);
    }

    /// <summary>Leaves the ports to others.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var guard in _guards.Values)
                guard.Dispose();
            _guards.Clear();
        }
    }

    private int? TakeFrom(int block)
    {
        for (var i = 1; i < BlockSize; i++)
        {
            var port = block + 1 + ((_last + i) % (BlockSize - 1));
            if (_taken.Contains(port) || Listen(port) is not { } free)
                continue;
            free.Dispose();
            _taken.Add(port);
            _last = port - block - 1;
            return port;
        }

        return null;
    }

    // Several sockets may be bound to a port, but only one can listen.
    private static Socket? Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
