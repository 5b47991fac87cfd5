using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeApps.Deploy.Targets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeApps.Bench;

/// <summary>
/// Stands before the sandbox's API and lets each request take as long as on a real API server, any number of them at once; and counts them.
/// </summary>
internal sealed class DelayingProxy : IAsyncDisposable
{
    // Set anew for every connection, or said by the server itself.
    private static readonly string[] OfTheConnection = ["Host", "Connection", "Transfer-Encoding", "Content-Length", "Keep-Alive", "Alt-Svc"];

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = delegate { return true; } },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly SandboxEndpoint _sandbox;
    private readonly TimeSpan _latency;
    private readonly WebApplication _app;
    private int _requests;
    private int _watches;

    private DelayingProxy(SandboxEndpoint sandbox, TimeSpan latency, X509Certificate2 certificate)
    {
        (_sandbox, _latency) = (sandbox, latency);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        })).UseKestrelHttpsConfiguration();
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    public string Server => _app.Urls.Single();

    public required string Kubeconfig { get; init; }

    /// <summary>How many requests there were, and how many of them watches, since this was asked last.</summary>
    public (int Requests, int Watches) Count() => (Interlocked.Exchange(ref _requests, 0), Interlocked.Exchange(ref _watches, 0));

    public static async Task<DelayingProxy> StartAsync(BenchHome home, TimeSpan latency)
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var proxy = new DelayingProxy(home.Endpoint, latency, certificate) { Kubeconfig = Path.Combine(home.Folder, "kubeconfig-delayed") };
        await proxy._app.StartAsync();
        await File.WriteAllTextAsync(proxy.Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: {{SandboxEndpoint.Context}}
            clusters: [ { name: delayed, cluster: { server: "{{proxy.Server}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}} } } ]
            users: [ { name: bench, user: { token: "{{home.Endpoint.Token}}" } } ]
            contexts: [ { name: {{SandboxEndpoint.Context}}, context: { cluster: delayed, user: bench } } ]
            """);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var answered = Task.Delay(_latency);
        Interlocked.Increment(ref _requests);
        if (context.Request.Query["watch"] is ["true" or "1"])
            Interlocked.Increment(ref _watches);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), _sandbox.ApiServer + target);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0 || context.Request.ContentType is not null)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var (name, values) in context.Request.Headers)
            if (!name.StartsWith(':') && !OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        await answered;
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            if (!OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase))
                context.Response.Headers[name] = values.ToArray();
        // A watch is passed on as it comes.
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var length)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
