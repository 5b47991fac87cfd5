using System.Net;
using System.Net.Sockets;
using KubeApps.Sandbox.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Tests.Network;

/// <summary>A pod that is a web server in this process, on a port of its own.</summary>
internal sealed class TestPod : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestPod(WebApplication app, Backend backend) => (_app, Backend) = (app, backend);

    public Backend Backend { get; }

    public static async Task<TestPod> StartAsync(string name, Action<WebApplication>? configure = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        configure?.Invoke(app);
        app.MapGet("/name", () => name);
        app.MapPost("/echo", async context =>
        {
            context.Response.Headers["X-Pod"] = name;
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await app.StartAsync();
        return new TestPod(app, new Backend(name, new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port)));
    }

    /// <summary>As an application ends at SIGTERM: requests that it has begun are answered.</summary>
    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A pod that does with each connection what the test says.</summary>
internal sealed class RawPod : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawPod(string name, Func<NetworkStream, Task> serve)
    {
        _listener.Start();
        Backend = new Backend(name, (IPEndPoint)_listener.LocalEndpoint);
        _ = ServeAsync(serve);
    }

    public Backend Backend { get; }

    public int Connections { get; private set; }

    public void Dispose() => _listener.Dispose();

    /// <summary>A port on which nobody listens.</summary>
    public static Backend Gone(string name)
    {
        using var pod = new RawPod(name, _ => Task.CompletedTask);
        return pod.Backend;
    }

    private async Task ServeAsync(Func<NetworkStream, Task> serve)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Connections++;
                _ = Task.Run(async () =>
                {
                    using (client)
                        await serve(client.GetStream());
                });
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }
}
