using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using KubeApps.Sandbox.Network;
using KubeApps.Sandbox.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KubeApps.Sandbox.Tests.Network;

public sealed class PortProxyTests : IDisposable
{
    private readonly Backends _backends = new(TimeProvider.System);
    private readonly PortProxy _proxy;
    private readonly HttpClient _client;

    public PortProxyTests()
    {
        _proxy = PortProxy.TryStart(0, new ServicePort("shop/web:80", ExpectsHttp: false), _backends)!;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_proxy.Port}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _proxy.Dispose();
    }

    [Fact]
    public async Task Request_ReadyPod_IsAnswered()
    {
        await using var pod = await TestPod.StartAsync("a");
        Serve(pod.Backend);

        Assert.Equal("a", await _client.GetStringAsync("/name", Cancelled));
    }

    [Fact]
    public async Task NewConnections_SeveralPods_TakeTurns()
    {
        await using var first = await TestPod.StartAsync("a");
        await using var second = await TestPod.StartAsync("b");
        Serve(first.Backend, second.Backend);

        var names = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var client = new HttpClient { BaseAddress = _client.BaseAddress };
            names.Add(await client.GetStringAsync("/name", Cancelled));
        }

        Assert.Equal(2, names.Count(name => name == "a"));
        Assert.Equal(2, names.Count(name => name == "b"));
    }

    [Fact]
    public async Task KeptConnection_ItsPodLeaves_MovesToAnotherBetweenTwoRequests()
    {
        await using var first = await TestPod.StartAsync("a");
        await using var second = await TestPod.StartAsync("b");
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancelled);
        Serve(first.Backend);
        Assert.EndsWith("a", await AskAsync(connection.GetStream(), "GET /name HTTP/1.1\r\nHost: x\r\n\r\n"));

        Serve(second.Backend);
        Assert.EndsWith("b", await AskAsync(connection.GetStream(), "GET /name HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    [Fact]
    public async Task Request_PodIsNotThereAnyMore_GoesToTheNext()
    {
        await using var pod = await TestPod.StartAsync("b");
        Serve(RawPod.Gone("a"), pod.Backend);

        for (var i = 0; i < 4; i++)
            Assert.Equal("b", await _client.GetStringAsync("/name", Cancelled));
    }

    [Fact]
    public async Task Get_PodDiesWithoutAnAnswer_IsAnsweredByAnother()
    {
        using var dying = new RawPod("a", async stream => await stream.ReadExactlyAsync(new byte[10]));
        await using var pod = await TestPod.StartAsync("b");
        Serve(dying.Backend, pod.Backend);

        for (var i = 0; i < 4; i++)
        {
            using var client = new HttpClient { BaseAddress = _client.BaseAddress };
            Assert.Equal("b", await client.GetStringAsync("/name", Cancelled));
        }

        Assert.NotEqual(0, dying.Connections);
    }

    [Fact]
    public async Task Post_PodDiesWithoutAnAnswer_IsNotSentTwice()
    {
        using var dying = new RawPod("a", async stream => await stream.ReadExactlyAsync(new byte[10]));
        Serve(dying.Backend);

        var answer = await _client.PostAsync("/echo", new StringContent("order"), Cancelled);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(1, dying.Connections);
    }

    [Fact]
    public async Task Get_KeptConnectionWasClosedByAPodThatIsWell_IsAnswered()
    {
        using var pod = new RawPod("a", async stream =>
        {
            await stream.ReadExactlyAsync(new byte[20]);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
        });
        Serve(pod.Backend);

        for (var i = 0; i < 20; i++)
            Assert.Equal("ok", await _client.GetStringAsync("/", Cancelled));
    }

    [Fact]
    public async Task Request_NoPodIsReady_IsRefusedAtOnce()
    {
        var watch = Stopwatch.StartNew();
        var answer = await _client.GetAsync("/name", Cancelled);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("No pod behind shop/web:80 is ready to answer.\n", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task OtherProtocol_NoPodIsReady_ConnectionIsReset()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancelled);
        await connection.GetStream().WriteAsync(new byte[] { 0, 1, 2 }, Cancelled);

        await Assert.ThrowsAsync<IOException>(() => connection.GetStream().ReadExactlyAsync(new byte[1], Cancelled).AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LargeBody_BothWays_ArrivesUnchanged(bool chunked)
    {
        await using var pod = await TestPod.StartAsync("a");
        Serve(pod.Backend);
        var body = new byte[3_000_000];
        new Random(1).NextBytes(body);

        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/echo") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = i == 1;
            using var answer = await _client.SendAsync(request, Cancelled);
            Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Cancelled));
        }
    }

    [Fact]
    public async Task PipelinedRequests_AreAnsweredInOrder()
    {
        await using var pod = await TestPod.StartAsync("a");
        Serve(pod.Backend);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancelled);

        const string Post = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{Post}one{Post}twoGET /name HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Cancelled);
        var answers = await new StreamReader(connection.GetStream()).ReadToEndAsync(Cancelled);

        Assert.Equal(3, answers.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.True(answers.IndexOf("one", StringComparison.Ordinal) < answers.IndexOf("two", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Head_AndNotModified_HaveNoBodyToWaitFor()
    {
        await using var pod = await TestPod.StartAsync("a", app => app.MapGet("/same", () => Results.StatusCode(304)));
        Serve(pod.Backend);

        using var head = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/name"), Cancelled);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await _client.GetAsync("/same", Cancelled)).StatusCode);
        Assert.Equal("a", await _client.GetStringAsync("/name", Cancelled));
    }

    [Fact]
    public async Task WebSocket_PassesThrough()
    {
        await using var pod = await TestPod.StartAsync("a", app =>
        {
            app.UseWebSockets();
            app.Map("/socket", async (HttpContext context) =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var buffer = new byte[100];
                var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
                await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, CancellationToken.None);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            });
        });
        Serve(pod.Backend);

        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{_proxy.Port}/socket"), Cancelled);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancelled);
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, Cancelled);

        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Http2WithoutTls_PassesThrough()
    {
        await using var pod = await TestPod.StartAsync("a", protocols: HttpProtocols.Http2);
        Serve(pod.Backend);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/name") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await _client.SendAsync(request, Cancelled);

        Assert.Equal("a", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(HttpVersion.Version20, answer.Version);
    }

    [Fact]
    public async Task ServerThatSpeaksFirst_IsHeard()
    {
        using var pod = new RawPod("a", async stream =>
        {
            await stream.WriteAsync("220 ready\r\n"u8.ToArray());
            using var reader = new StreamReader(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"250 {await reader.ReadToEndAsync()}"));
        });
        Serve(pod.Backend);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancelled);
        using var reader = new StreamReader(connection.GetStream());

        Assert.Equal("220 ready", await reader.ReadLineAsync(Cancelled));
        await connection.GetStream().WriteAsync("QUIT"u8.ToArray(), Cancelled);
        connection.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("250 QUIT", await reader.ReadToEndAsync(Cancelled));
    }

    [Fact]
    public async Task Client_HangsUpWhileItsPodWorks_PodLearnsOfIt()
    {
        var begun = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using var pod = await TestPod.StartAsync("a", app => app.MapGet("/slow", async (HttpContext context) =>
        {
            await using var registration = context.RequestAborted.Register(() => aborted.TrySetResult());
            begun.SetResult();
            await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted);
        }));
        Serve(pod.Backend);
        using (var connection = new TcpClient())
        {
            await connection.ConnectAsync(IPAddress.Loopback, _proxy.Port, Cancelled);
            await connection.GetStream().WriteAsync("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancelled);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);
        }

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(5), Cancelled);
    }

    [Fact]
    public async Task RollingUpdate_UnderLoadOnKeptConnections_LosesNoRequest()
    {
        var pods = new List<TestPod> { await TestPod.StartAsync("old-1"), await TestPod.StartAsync("old-2") };
        Serve([.. pods.Select(pod => pod.Backend)]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var answered = new int[8];
        var load = answered.Select((_, client) => Task.Run(() => LoadAsync(answered, client, stop.Token))).ToList();

        // As a rolling update does it: a new pod serves, an old one leaves and then ends.
        for (var i = 0; i < 6; i++)
        {
            pods.Add(await TestPod.StartAsync($"new-{i}"));
            var leaving = pods[0];
            pods.RemoveAt(0);
            Serve([.. pods.Select(pod => pod.Backend)]);
            // Every client has a connection that was used since the last change, and uses it on.
            var before = answered.ToArray();
            await SandboxProcess.UntilAsync(
                () => load.Exists(task => task.IsFaulted) || Enumerable.Range(0, before.Length).All(client => Volatile.Read(ref answered[client]) > before[client] + 4),
                "every client was answered again");
            await _backends.DrainAsync(leaving.Backend.Pod, TimeSpan.FromSeconds(5), Cancelled);
            await leaving.StopAsync();
            await leaving.DisposeAsync();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        foreach (var pod in pods)
            await pod.DisposeAsync();
    }

    private async Task LoadAsync(int[] answered, int number, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        using var client = new HttpClient(handler) { BaseAddress = _client.BaseAddress };
        while (!stop.IsCancellationRequested)
        {
            Assert.NotEmpty(await client.GetStringAsync("/name", CancellationToken.None));
            using var answer = await client.PostAsync("/echo", new StringContent("order"), CancellationToken.None);
            Assert.Equal("order", await answer.Content.ReadAsStringAsync(CancellationToken.None));
            Interlocked.Add(ref answered[number], 2);
        }
    }

    private void Serve(params Backend[] backends) => _backends.Replace([.. backends], []);

    /// <summary>Sends a request and reads its answer, whose body is chunked with one chunk or has a length below 100.</summary>
    private static async Task<string> AskAsync(NetworkStream stream, string request)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancelled);
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(buffer, Cancelled);
            text.Append((char)buffer[0]);
        }

        var chunked = text.ToString().Contains("chunked", StringComparison.Ordinal);
        var rest = new byte[chunked ? "1\r\na\r\n0\r\n\r\n".Length : 1];
        await stream.ReadExactlyAsync(rest, Cancelled);
        var body = Encoding.ASCII.GetString(rest);
        return chunked ? body.Split("\r\n")[1] : body;
    }
}
