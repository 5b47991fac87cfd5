using System.Net;
using System.Net.Sockets;

namespace KubeApps.MSBuild.Tests;

/// <summary>A port at which nobody listens, and nobody else can while it is held.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Host => $"localhost:{((IPEndPoint)_bound.LocalEndPoint!).Port}";

    public void Dispose() => _bound.Dispose();
}
