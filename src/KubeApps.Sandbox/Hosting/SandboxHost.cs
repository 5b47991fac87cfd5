using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Http;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Network;
using KubeApps.Sandbox.Pods;
using KubeApps.Sandbox.Pods.Images;
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
        using var listeners = new Listeners(options, home);
        using var identity = SandboxIdentity.LoadOrCreate(home, clock);
        // Most of a start is compiling what runs for the first time: objects and schemas on another processor than registry and web server.
        var opening = Task.Run(() => OpenCluster(identity), CancellationToken.None);
        var content = options.ImagesOf is null ? new ContentStore(home.Registry, clock) : null;
        if (content is not null)
            HostRuntimeImage.EnsurePresent(content);
        var images = content is null ? ImageSource.Of(SandboxHome.Of(options.ImagesOf!)) : ImageSource.Of(listeners.RegistryAddress, content);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = home.Root });
        using var log = new FileLog(home.Logs, clock);
        builder.Logging.AddProvider(log);
        listeners.Configure(builder, identity);
        await using var app = builder.Build();

        var cluster = await opening;
        using var store = cluster.Store;
        using var services = new ServiceController(cluster, clock);
        var kubelet = new Kubelet(
            cluster, home.Pods, images, services.DrainAsync, new KubeletOptions(), clock);
        var orphans = kubelet.Recover();
        var loggers = (ILoggerFactory)app.Services.GetService(typeof(ILoggerFactory))!;
        var logger = loggers.CreateLogger<SandboxHost>();
        if (orphans > 0)
            LogOrphans(logger, orphans);

        var gate = new Gate(identity);
        var registry = content is null ? null : new RegistryServer(content, loggers.CreateLogger<RegistryServer>());
        var api = new ApiServer(cluster, loggers.CreateLogger<ApiServer>(), app.Lifetime.ApplicationStopping)
        {
            PodLogs = kubelet.Logs.OpenAsync,
        };
        app.UseWebSockets();
        app.Run(context => context.Features.Get<Door>() == Door.Registry
            ? gate.AdmitToRegistryAsync(context, registry!.HandleAsync)
            : gate.AdmitToApiAsync(context, inner => ServeApiAsync(inner, api, app.Lifetime)));

        await app.StartAsync(cancellationToken);
        var controllers = new ControllerLoops(
            cluster, clock, loggers.CreateLogger<ControllerLoops>(), BuiltInControllers.Of(cluster, clock, services));
        using var ending = new CancellationTokenSource();
        List<Task> parts =
        [
            new Upkeep(cluster).RunAsync(ending.Token), controllers.RunAsync(ending.Token), Task.Run(() => kubelet.RunAsync(ending.Token), CancellationToken.None),
        ];
        try
        {
            listeners.Remember();
            var endpoint = EndpointFile.Write(home, identity, listeners.ApiPort, images.Registry, options.Build);
            LogReady(logger, endpoint.ApiServer, endpoint.Registry, endpoint.Version);
            ready(endpoint);
            // None of the parts ends by itself: if one does, it has failed, and the sandbox with it.
            await Task.WhenAny([WaitForStopAsync(app.Lifetime, cancellationToken), .. parts]);
        }
        finally
        {
            File.Delete(home.Endpoint);
            // Controllers and pods first: what they still have to tell goes to the store, and nobody is told half of it.
            await ending.CancelAsync();
            try
            {
                await Task.WhenAll(parts);
            }
            finally
            {
                using var limit = new CancellationTokenSource(StopLimit);
                await app.StopAsync(limit.Token);
                LogStopped(logger);
            }
        }
    }

    private Cluster OpenCluster(SandboxIdentity identity)
    {
        var cluster = new Cluster(ObjectStore.Open(home.Objects), clock);
        cluster.Operations.RootCertificate = File.ReadAllText(identity.AuthorityFile);
        ClusterSeed.Plant(cluster);
        cluster.Store.ForgetHistory();
        return cluster;
    }

    private static Task ServeApiAsync(HttpContext context, ApiServer api, IHostApplicationLifetime lifetime)
    {
        if (context.Request.Path != "/sandbox/stop" || !HttpMethods.IsPost(context.Request.Method))
            return api.HandleAsync(context);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.OnCompleted(() =>
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
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

    [LoggerMessage(LogLevel.Warning, "ended {Count} processes that an earlier sandbox left behind")]
    private static partial void LogOrphans(ILogger logger, int count);

    [LoggerMessage(LogLevel.Information, "stopped")]
    private static partial void LogStopped(ILogger logger);
}
