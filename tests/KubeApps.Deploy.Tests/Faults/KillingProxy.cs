using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>When a process is told to end.</summary>
/// <param name="Write">At which of its writes, from 0.</param>
/// <param name="IsHandled">Whether the server handles that write; one that is killed never learns.</param>
internal sealed record KillPoint(int Write, bool IsHandled = true)
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
    private readonly HttpListener _listener = new();
    private readonly HttpClient _server;
    private readonly string _address;
    private readonly KillPoint _point;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private int _next = -1;
    private volatile bool _counts;

    /// <param name="server">Sends to the real server.</param>
    /// <param name="address">The real server.</param>
    /// <param name="point">When the process is killed.</param>
    public KillingProxy(HttpClient server, string address, KillPoint point)
    {
        (_server, _address, _point) = (server, address.TrimEnd('/'), point);
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(Address);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>What is sent.</summary>
    public Signal Signal { get; init; } = Signal.Kill;

    /// <summary>Whether nothing is answered any more from then on.</summary>
    public bool FallsSilent { get; set; }

    /// <summary>The process to kill; set before its first request.</summary>
    public Process? Victim { get; set; }

    /// <summary>The write at which it was killed.</summary>
    public string? KilledAt { get; private set; }

    public async ValueTask DisposeAsync()
    {
        // A watch of the one that was killed would end with its next event only.
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Close();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        while (true)
        {
            try
            {
                running.Add(HandleAsync(await _listener.GetContextAsync()));
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                break;
            }
        }

        await Task.WhenAll(running);
    }

    private async Task HandleAsync(HttpListenerContext context)
    {
        try
        {
            using var request = await RequestAsync(context.Request);
            _counts |= FaultyLine.IsWrite(request) && request.RequestUri!.AbsolutePath.Contains(_point.From, StringComparison.Ordinal);
            var isLast = _counts && FaultyLine.IsWrite(request) && Interlocked.Increment(ref _next) == _point.Write;
            if (isLast && !_point.IsHandled)
            {
                await SendSignalAsync(request);
                return;
            }

            using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _closing.Token);
            if (isLast)
                await SendSignalAsync(request);
            if (KilledAt is not null && FallsSilent)
                await Task.Delay(Timeout.InfiniteTimeSpan, _closing.Token);
            if (isLast && Signal == Signal.Kill)
                return;

            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Response.SendChunked = true;
            await using var content = await response.Content.ReadAsStreamAsync(_closing.Token);
            var buffer = new byte[16 * 1024];
            while (await content.ReadAsync(buffer, _closing.Token) is > 0 and var read)
            {
                await context.Response.OutputStream.WriteAsync(buffer.AsMemory(0, read), _closing.Token);
                await context.Response.OutputStream.FlushAsync(_closing.Token);
            }

            context.Response.Close();
        }
        catch (Exception gone) when (gone is HttpListenerException or IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The process is gone, or does not want to know any more.
            context.Response.Abort();
        }
    }

    private async Task SendSignalAsync(HttpRequestMessage request)
    {
        KilledAt = $"{(_point.IsHandled ? "after" : "before")} {request.Method} {request.RequestUri!.AbsolutePath}";
        await Victim!.SendAsync(Signal);
        if (Signal == Signal.Kill)
            await Victim!.WaitForExitAsync();
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpListenerRequest source)
    {
        var request = new HttpRequestMessage(new HttpMethod(source.HttpMethod), _address + source.RawUrl);
        request.Headers.TryAddWithoutValidation("Accept", source.Headers["Accept"]);
        request.Headers.TryAddWithoutValidation("Authorization", source.Headers["Authorization"]);
        if (source.HasEntityBody)
        {
            var body = new MemoryStream();
            await source.InputStream.CopyToAsync(body);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(source.ContentType!);
        }

        return request;
    }
}
