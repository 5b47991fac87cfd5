using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Http;
using KubeApps.Sandbox.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Hosting;

/// <summary>Puts the sandbox together, runs it, and takes it down in order.</summary>
internal sealed partial class SandboxHost(SandboxOptions options, SandboxHome home, TimeProvider clock)
{
    // What still runs then is cut off: watches never end by themselves.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is told to stop: by signal, by <c>POST /sandbox/stop</c>, or by the token.</summary>
    /// <param name="ready">Called once, when all is up and the endpoint file stands.</param>
    /// <param name="cancellationToken">Stops the sandbox as a signal does.</param>
    public async Task RunAsync(Action<EndpointFile> ready, CancellationToken cancellationToken)
    {
        using var homeLock = HomeLock.Take(home);
        File.Delete(home.Endpoint); // Of one that was killed.
        File.Delete(home.Failure);
        using var identity = SandboxIdentity.LoadOrCreate(home, clock);
        var content = new ContentStore(home.Registry, clock);
        HostRuntimeImage.EnsurePresent(content);

        using var store = ObjectStore.Open(home.Objects);
        var cluster = new Cluster(store, clock);
        ClusterSeed.Plant(cluster);
        store.ForgetHistory();

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = home.Root });
        using var log = new FileLog(home.Logs, clock);
        builder.Logging.AddProvider(log);
        var listeners = new Listeners(options, home);
        listeners.Configure(builder, identity);
        await using var app = builder.Build();
        var logger = app.Services.GetService(typeof(ILoggerFactory)) as ILoggerFactory ?? throw new InvalidOperationException();

        var gate = new Gate(identity);
        var registry = new RegistryServer(content, logger.CreateLogger<RegistryServer>());
        var api = new ApiServer(cluster, logger.CreateLogger<ApiServer>(), app.Lifetime.ApplicationStopping);
        app.Run(context => context.Features.Get<Door>() == Door.Registry
            ? gate.AdmitToRegistryAsync(context, registry.HandleAsync)
            : gate.AdmitToApiAsync(context, inner => ServeApiAsync(inner, api, app.Lifetime)));

        await app.StartAsync(cancellationToken);
        using var ending = new CancellationTokenSource();
        var upkeep = new Upkeep(cluster).RunAsync(ending.Token);
        try
        {
            listeners.Remember();
            var endpoint = EndpointFile.Write(home, identity, listeners, options.Build);
            LogReady(logger.CreateLogger<SandboxHost>(), endpoint.ApiServer, endpoint.Registry, endpoint.Version);
            ready(endpoint);
            await WaitForStopAsync(app.Lifetime, cancellationToken);
        }
        finally
        {
            File.Delete(home.Endpoint);
            using var limit = new CancellationTokenSource(StopLimit);
            await app.StopAsync(limit.Token);
            await ending.CancelAsync();
            await upkeep;
            LogStopped(logger.CreateLogger<SandboxHost>());
        }
    }

    private static Task ServeApiAsync(HttpContext context, ApiServer api, IHostApplicationLifetime lifetime)
    {
        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("POST", "/sandbox/stop"):
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.OnCompleted(() =>
                {
                    lifetime.StopApplication();
                    return Task.CompletedTask;
                });
                return Task.CompletedTask;
            default:
                return api.HandleAsync(context);
        }
    }

    private static async Task WaitForStopAsync(IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var byToken = cancellationToken.Register(() => stopped.TrySetResult());
        await using var byLifetime = lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    [LoggerMessage(LogLevel.Information, "ready: API {Api}, registry {Registry}, version {Version}")]
    private static partial void LogReady(ILogger logger, string api, string registry, string version);

    [LoggerMessage(LogLevel.Information, "stopped")]
    private static partial void LogStopped(ILogger logger);
}
