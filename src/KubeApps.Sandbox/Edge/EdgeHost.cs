using System.Net;
using KubeApps.Sandbox.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Edge;

/// <summary>
/// The edge proxy: a process of its own, for load must arrive whichever cluster stands or is gone. On 127.0.0.1 only; who changes anything shows the token.
/// </summary>
internal sealed class EdgeHost(SandboxOptions options, SandboxHome home, TimeProvider clock)
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is told to stop: by signal, by <c>POST /sandbox/stop</c>, or by the token.</summary>
    /// <param name="ready">Called once, when all addresses answer and the endpoint file stands.</param>
    /// <param name="cancellationToken">Stops it as a signal does.</param>
    public async Task RunAsync(Action<EndpointFile> ready, CancellationToken cancellationToken)
    {
        using var homeLock = HomeLock.Take(home);
        File.Delete(home.Endpoint); // Of one that was killed.
        File.Delete(home.Failure);
        using var identity = SandboxIdentity.LoadOrCreate(home, clock);
        using var table = new EdgeTable(home.Routes, clock);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = home.Root });
        using var log = new FileLog(home.Logs, clock);
        builder.Logging.AddProvider(log);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(identity.Certificate);
            });
        });
        await using var app = builder.Build();
        var gate = new Gate(identity);
        var api = new EdgeApi(table, app.Lifetime);
        app.Run(context => gate.AdmitToApiAsync(context, api.HandleAsync));
        await app.StartAsync(cancellationToken);
        try
        {
            var address = ((IServer)app.Services.GetService(typeof(IServer))!).Features.Get<IServerAddressesFeature>()!.Addresses.First();
            ready(EndpointFile.Write(home, identity, new Uri(address).Port, registry: null, options.Build));
            await app.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            File.Delete(home.Endpoint);
            using var limit = new CancellationTokenSource(StopLimit);
            await app.StopAsync(limit.Token);
        }
    }
}
