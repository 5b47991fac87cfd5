using System.Net;
using System.Net.Sockets;
using KubeApps.Sandbox.Pods.Containers;

namespace KubeApps.Sandbox.Tests.Pods;

/// <summary>Sandboxes run side by side, and a container opens its port a while after it got it.</summary>
public sealed class HostPortsTests
{
    [Fact]
    public void Take_BySeveralSandboxesWhoseContainersHaveNotOpenedThemYet_NeverGivesAPortTwice()
    {
        var sandboxes = Enumerable.Range(0, 40).Select(_ => new HostPorts()).ToList();
        try
        {
            var ports = Enumerable.Range(0, 80).SelectMany(_ => sandboxes.Select(sandbox => sandbox.Take())).ToList();

            Assert.Equal(ports.Count, ports.Distinct().Count());
            Assert.All(ports, port => Assert.InRange(port, 20_000, 29_999));
        }
        finally
        {
            sandboxes.ForEach(sandbox => sandbox.Dispose());
        }
    }

    [Fact]
    public void Take_WhereAnotherProgramHasTheNext_PassesItOver()
    {
        using var sandbox = new HostPorts();
        var first = sandbox.Take();
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, first + 1));
        other.Listen(1);

        Assert.Equal(first + 2, sandbox.Take());
    }

    [Fact]
    public void Release_OfAPort_GivesItOutAgainAfterTheOthers()
    {
        using var sandbox = new HostPorts();
        var first = sandbox.Take();
        sandbox.Release(first);

        var next = Enumerable.Range(0, 48).Select(_ => sandbox.Take()).ToList();
        Assert.DoesNotContain(first, next);
        Assert.Equal(first, sandbox.Take());
    }
}
