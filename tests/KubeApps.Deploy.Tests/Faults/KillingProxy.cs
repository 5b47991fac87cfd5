using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>When a process is told to end.</summary>
/// <param name="Write">After which of its writes, from 0: the server handles it, and one that is killed never learns. That is before the next one, too.</param>
internal sealed record KillPoint(int Write)
{
    /// <summary>Counts from the first write on to a path with this in it.</summary>
    public string From { get; init; } = "";
}

/// <summary>What a process is told.</summary>
public enum Signal
{
    /// <summary>SIGKILL: nothing, it is over.</summary>
    Kill,

    /// <summary>SIGINT: what Ctrl+C sends.</summary>
    Int,

    /// <summary>SIGTERM: what a service manager sends.</summary>
    Term,
}

/// <summary>Stands between a process and the server, speaks plain HTTP/1.1, and sends the process a signal (SIGKILL) at one of its writes.</summary>
internal sealed class KillingProxy : IAsyncDisposable
{
    private readonly HttpClient _server;
    private readonly string _address;
    private readonly KillPoint _point;
    private readonly CancellationTokenSource _closing = new();
    private readonly WebApplication _web;
    private int _next = -1;
    private volatile bool _counts;

    private KillingProxy(HttpClient server, string address, KillPoint point)
    {
        (_server, _address, _point) = (server, address.TrimEnd('/'), point);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    public string Address => _web.Urls.Single();

    /// <summary>What is sent.</summary>
    public Signal Signal { get; private init; }

    /// <summary>Whether nothing is answered any more from then on.</summary>
    public bool FallsSilent { get; set; }

    /// <summary>The process to kill; set before its first request.</summary>
    public Process? Victim { get; set; }

    /// <summary>The write at which it was killed.</summary>
    public string? KilledAt { get; private set; }

    /// <param name="server">Sends to the real server.</param>
    /// <param name="address">The real server.</param>
    /// <param name="point">When the process is killed.</param>
    /// <param name="signal">How.</param>
    public static async Task<KillingProxy> StartAsync(HttpClient server, string address, KillPoint point, Signal signal = Signal.Kill)
    {
        var proxy = new KillingProxy(server, address, point) { Signal = signal };
        await proxy._web.StartAsync(TestContext.Current.CancellationToken);
        return proxy;
    }

    /// <summary>What names it to the tool, in place of the cluster behind it.</summary>
    public async Task<string[]> NameAsync(string folder, CancellationToken cancellationToken)
    {
        // Of its own, since two tools of one app may start at the same time.
        var kubeconfig = Path.Combine(folder, $"kubeconfig-{new Uri(Address).Port}");
        await File.WriteAllTextAsync(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: proxy, cluster: {server: "{{Address}}" } }]
            users: [{name: proxy, user: {token: of-the-proxy} }]
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            """, cancellationToken);
        return ["--kubeconfig", kubeconfig, "--context", "proxy"];
    }

    public async ValueTask DisposeAsync()
    {
        // A watch of the one that was killed would end with its next event only.
        await _closing.CancelAsync();
        await _web.DisposeAsync();
        _closing.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            using var request = await RequestAsync(context.Request);
            _counts |= FaultyLine.IsWrite(request) && request.RequestUri!.AbsolutePath.Contains(_point.From, StringComparison.Ordinal);
            var isLast = _counts && FaultyLine.IsWrite(request) && Interlocked.Increment(ref _next) == _point.Write;
            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _closing.Token);
            if (isLast)
                await SendSignalAsync(request);
            if (KilledAt is not null && FallsSilent)
                await Task.Delay(Timeout.InfiniteTimeSpan, _closing.Token);
            if (isLast && Signal == Signal.Kill)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            // A watch in which nothing happens has begun all the same.
            await context.Response.StartAsync(_closing.Token);
            await response.Content.CopyToAsync(context.Response.Body, _closing.Token);
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone, or does not want to know any more.
            context.Abort();
        }
    }

    private async Task SendSignalAsync(HttpRequestMessage request)
    {
        KilledAt = $"after {request.Method} {request.RequestUri!.AbsolutePath}";
        await Victim!.SendAsync(Signal);
        if (Signal == Signal.Kill)
            await Victim!.WaitForExitAsync();
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpRequest source)
    {
        var request = new HttpRequestMessage(new HttpMethod(source.Method), _address + source.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        request.Headers.TryAddWithoutValidation("Accept", (string?)source.Headers.Accept);
        request.Headers.TryAddWithoutValidation("Authorization", (string?)source.Headers.Authorization);
        if (source.ContentType is { } type)
        {
            // All of it before the signal: the server shall have the write even when its sender is gone.
            var body = new MemoryStream();
            await source.Body.CopyToAsync(body);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        return request;
    }
}
