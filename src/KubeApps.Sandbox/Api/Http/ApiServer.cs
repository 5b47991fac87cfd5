using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>The Kubernetes API over HTTP. Who may come in is decided before (token, Host header).</summary>
internal sealed partial class ApiServer
{
    private readonly ResourceCatalog _catalog;
    private readonly Discovery _discovery;
    private readonly OpenApiDocuments _openApi;
    private readonly ResourceHandler _resources;
    private readonly PodLogHandler _logs;
    private readonly ILogger _logger;

    /// <param name="cluster">What is served.</param>
    /// <param name="logger">For what should not happen.</param>
    /// <param name="stopping">Ends the watches, which end by themselves only after half an hour.</param>
    public ApiServer(Cluster cluster, ILogger logger, CancellationToken stopping)
    {
        _logger = logger;
        _catalog = new ResourceCatalog(cluster.Store);
        _logs = new PodLogHandler(cluster);
        _discovery = new Discovery(_catalog);
        _openApi = new OpenApiDocuments(_catalog, cluster.Store);
        _resources = new ResourceHandler(cluster, _catalog, _logs, stopping);
    }

    /// <summary>Where pod logs come from; without it they are not served.</summary>
    public PodLogSource? PodLogs
    {
        get => _logs.Source;
        set => _logs.Source = value;
    }

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ApiStatusException refused)
        {
            await AnswerAsync(context, refused);
        }
        catch (StateNotSavedException e)
        {
            await AnswerAsync(context, ApiErrors.NotSaved(e));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left.
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(context, ApiStatusException.BadRequest(e.Message));
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left while the answer was written.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFailure(context.Request.Method, context.Request.Path.Value, e);
            await AnswerAsync(context, ApiErrors.Internal(e));
        }
    }

    private static Task AnswerAsync(HttpContext context, ApiStatusException refused) =>
        context.Response.HasStarted ? Task.CompletedTask : Responses.WriteAsync(context, refused);

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (path)
        {
            case []:
                return Get(context, new JsonObject { ["paths"] = new JsonArray("/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version") });
            case ["healthz" or "livez" or "readyz", ..]:
                return Responses.WriteBytesAsync(context, 200, Encoding.UTF8.GetBytes("ok"), contentType: "text/plain; charset=utf-8");
            case ["version"]:
                return Get(context, Version());
            case ["openapi", "v3"]:
                return Get(context, _openApi.Index());
            case ["openapi", "v3", .. var rest] when _openApi.Document(string.Join('/', rest)) is { } document:
                return Responses.WriteBytesAsync(context, 200, document);
            case ["openapi", "v2"] when context.Request.Headers.Accept.ToString().Contains(OpenApiV2.MediaType, StringComparison.Ordinal):
                return Responses.WriteBytesAsync(context, 200, OpenApiV2.Document(_catalog.All()), contentType: OpenApiV2.ResponseType);
            case ["openapi", "v2"]:
                throw ApiErrors.NotServed("OpenAPI v2 as JSON", "ask for /openapi/v3");
            case ["api"]:
                return Negotiation.AggregatedDiscovery(context.Request) is { } core
                    ? Aggregated(context, core: true, core)
                    : Get(context, _discovery.CoreVersions(context.Request.Host.Value ?? ""));
            case ["apis"]:
                return Negotiation.AggregatedDiscovery(context.Request) is { } groups
                    ? Aggregated(context, core: false, groups)
                    : Get(context, _discovery.Groups());
            case ["apis", var group]:
                return Get(context, _discovery.Group(group) ?? throw Unserved.Group(group, "v1") ?? ApiErrors.UnknownPath());
            case ["api", var version]:
                return Get(context, _discovery.Resources("", version) ?? throw ApiErrors.UnknownPath());
            case ["apis", var group, var version]:
                return Get(context, _discovery.Resources(group, version) ?? throw Unserved.Group(group, version) ?? ApiErrors.UnknownPath());
            case ["api", var version, .. var rest]:
                return _resources.HandleAsync(context, ResourcePath.Parse("", version, rest));
            case ["apis", var group, var version, .. var rest]:
                return _resources.HandleAsync(context, ResourcePath.Parse(group, version, rest));
            default:
                throw ApiErrors.UnknownPath();
        }
    }

    private static Task Get(HttpContext context, JsonNode answer)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            throw ApiErrors.MethodNotAllowed();
        return Responses.WriteAsync(context, 200, answer);
    }

    private Task Aggregated(HttpContext context, bool core, string version)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        Responses.Write(buffer, _discovery.Aggregated(core, version));
        return Responses.WriteBytesAsync(context, 200, buffer.WrittenMemory, contentType: $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailure(string method, string? path, Exception exception);

    /// <summary>The Kubernetes whose behaviour the sandbox has; clients decide by it what they may ask for.</summary>
    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "34",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "33",
        ["gitVersion"] = "v1.34.9+kubeapps-sandbox",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-08-18T00:00:00Z",
        ["goVersion"] = $"dotnet{Environment.Version}",
        ["compiler"] = "roslyn",
        ["platform"] = $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}",
    };
}
