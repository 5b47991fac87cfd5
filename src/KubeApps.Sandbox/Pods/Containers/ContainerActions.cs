using System.Net.Sockets;
using System.Text;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods.Containers;

internal readonly record struct ActionResult(bool Succeeded, string Output)
{
    public static ActionResult Success { get; } = new(true, "");

    public static ActionResult Failure(string output) => new(false, output);
}

/// <summary>
/// Carries out what probes and hooks ask of a running container. What goes wrong is said in the words of the kubelet, which are those of Go.
/// </summary>
internal sealed class ContainerActions(PodContext context, ContainerSpec container, ContainerRoot root, ProcessStart process, string workingDirectory)
{
    private const int MostOutput = 10 << 10;

    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero, // Each probe asks on a connection of its own.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ActionResult> RunAsync(ContainerAction action, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return action switch
            {
                ContainerAction.Http http => await GetAsync(http, limit.Token),
                ContainerAction.Tcp tcp => await ConnectAsync(tcp, limit.Token),
                ContainerAction.Exec exec => await ExecuteAsync(exec, timeout, limit.Token),
                ContainerAction.Sleep sleep => await SleepAsync(sleep, limit.Token),
                ContainerAction.Grpc => ActionResult.Failure("the sandbox does not do gRPC probes: use httpGet or tcpSocket for this environment"),
                _ => throw new ArgumentOutOfRangeException(nameof(action)),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ActionResult.Failure("timed out");
        }
    }

    private async Task<ActionResult> GetAsync(ContainerAction.Http http, CancellationToken cancellationToken)
    {
        if (PortOf(http.Port) is not { } port)
            return ActionResult.Failure($"couldn't find port: {http.Port}");
        var host = http.Host ?? "127.0.0.1";
        var url = $"{http.Scheme.ToLowerInvariant()}://{host}:{port}/{http.Path.TrimStart('/')}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.34");
            request.Headers.TryAddWithoutValidation("Accept", "*/*");
            request.Headers.ConnectionClose = true;
            foreach (var (name, value) in http.Headers)
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var code = (int)response.StatusCode;
            return code is >= 200 and < 400 ? ActionResult.Success : ActionResult.Failure($"HTTP probe failed with statuscode: {code}");
        }
        catch (OperationCanceledException)
        {
            return ActionResult.Failure($"Get \"{url}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
        }
        catch (HttpRequestException e)
        {
            return ActionResult.Failure($"Get \"{url}\": {(e.InnerException is SocketException socket ? Dial(host, port, socket) : "EOF")}");
        }
        catch (UriFormatException e)
        {
            return ActionResult.Failure($"parse \"{url}\": {e.Message}");
        }
    }

    private async Task<ActionResult> ConnectAsync(ContainerAction.Tcp tcp, CancellationToken cancellationToken)
    {
        if (PortOf(tcp.Port) is not { } port)
            return ActionResult.Failure($"couldn't find port: {tcp.Port}");
        var host = tcp.Host ?? "127.0.0.1";
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return ActionResult.Success;
        }
        catch (SocketException e)
        {
            return ActionResult.Failure(Dial(host, port, e));
        }
        catch (OperationCanceledException)
        {
            return ActionResult.Failure($"dial tcp {host}:{port}: i/o timeout");
        }
    }

    private async Task<ActionResult> ExecuteAsync(ContainerAction.Exec exec, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var output = new MemoryStream();
        try
        {
            var start = ContainerCommand.Resolve(root, exec.Command, process.Environment, workingDirectory);
            var running = ContainerProcess.Start(start, chunk =>
            {
                if (output.Length < MostOutput)
                    output.Write(chunk);
            }, context.Services.Ledger);
            try
            {
                var code = await running.Exited.WaitAsync(cancellationToken);
                return new ActionResult(code == 0, Encoding.UTF8.GetString(output.ToArray()));
            }
            catch (OperationCanceledException)
            {
                running.Kill();
                return ActionResult.Failure($"command timed out: \"{string.Join(' ', exec.Command)}\" timed out after {BackOff.Text(timeout)}");
            }
        }
        catch (ContainerException e)
        {
            return ActionResult.Failure(e.Message);
        }
        catch (ProcessStartException e)
        {
            return ActionResult.Failure(e.Message);
        }
    }

    private async Task<ActionResult> SleepAsync(ContainerAction.Sleep sleep, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), context.Services.Clock, cancellationToken);
        return ActionResult.Success;
    }

    private int? PortOf(string port) =>
        context.HostPort(container, port) ?? (int.TryParse(port, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null);

    private static string Dial(string host, int port, SocketException e) => $"dial tcp {host}:{port}: " + e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connect: connection refused",
        SocketError.ConnectionReset => "read: connection reset by peer",
        SocketError.HostNotFound => "lookup: no such host",
        SocketError.TimedOut => "i/o timeout",
        _ => e.Message,
    };
}
