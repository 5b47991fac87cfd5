using System.Net;
using System.Net.Sockets;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Checks;

/// <summary>An address on this machine that leads to a service's pods through the API server, one connection of a pod for each that comes in.</summary>
internal sealed class PodTunnel : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly CheckedPods _pods;
    private readonly Task _accepting;

    private PodTunnel(KubeClient client, CheckTarget target)
    {
        _pods = new CheckedPods(client, target, null);
        _listener.Start();
        Url = $"{(_pods.Port is { } port && target.IsTls(port) ? "https" : "http")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Url { get; }

    public static PodTunnel Open(KubeClient client, CheckTarget target) => new(client, target);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new HashSet<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                open.RemoveWhere(connection => connection.IsCompleted);
                open.Add(CarryAsync(client));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }

        await Task.WhenAll(open);
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
            try
            {
                client.NoDelay = true;
                var pods = await _pods.ListAsync(_stop.Token);
                if (pods.Count == 0)
                    return;
                await using var pod = await _pods.ConnectAsync(pods[Random.Shared.Next(pods.Count)], _stop.Token);
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var there = client.GetStream().CopyToAsync(pod, ending.Token);
                // What the client has ended may still be answered; the pod's end is the end.
                await pod.CopyToAsync(client.GetStream(), ending.Token);
                await ending.CancelAsync();
                await there;
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ApiException or Diagnostics.DiagnosticException)
            {
                // The program sees a connection that ended, and says what it makes of it.
            }
    }
}
