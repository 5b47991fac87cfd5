using System.Net;
using System.Net.Sockets;
using System.Text;
using KubeApps.Sandbox.Edge;
using KubeApps.Sandbox.Tests.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Tests.Edge;

/// <summary>Routes with real connections, to clusters that are web servers in this process.</summary>
public sealed class EdgeTableTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-test-");
    private EdgeTable _table;

    public EdgeTableTests() => _table = Open();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _table.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Connections_ByShares_ReachTheClustersInThatProportion()
    {
        await using var old = await TestPod.StartAsync("old");
        await using var next = await TestPod.StartAsync("next");
        Put((old, 80), (next, 20));

        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
            answers.Add(await AskOnceAsync());

        Assert.Equal(4, answers.Count(answer => answer == "next"));
        Assert.Equal((16, 0), Load("old"));
        Assert.Equal((4, 0), Load("next"));
    }

    [Fact]
    public async Task Connection_ThatIsKept_StaysWithItsClusterWhenTheSharesChange()
    {
        await using var old = await TestPod.StartAsync("old");
        await using var next = await TestPod.StartAsync("next");
        Put((old, 100), (next, 0));
        using var kept = Client();
        Assert.Equal("old", await kept.GetStringAsync("/name", Cancelled));

        Put((old, 0), (next, 100));

        Assert.Equal("old", await kept.GetStringAsync("/name", Cancelled));
        Assert.Equal("next", await AskOnceAsync());
    }

    [Fact]
    public async Task Connection_ToAClusterThatIsNotNamedAnyMore_GoesOnWithAnother()
    {
        await using var old = await TestPod.StartAsync("old");
        await using var next = await TestPod.StartAsync("next");
        Put((old, 100));
        using var kept = Client();
        Assert.Equal("old", await kept.GetStringAsync("/name", Cancelled));

        Put((next, 100));

        Assert.Equal("next", await kept.GetStringAsync("/name", Cancelled));
    }

    [Fact]
    public async Task Connection_ToAClusterThatEnds_GoesOnWithAnother()
    {
        await using var old = await TestPod.StartAsync("old");
        await using var next = await TestPod.StartAsync("next");
        Put((old, 100), (next, 0));
        using var kept = Client();
        Assert.Equal("old", await kept.GetStringAsync("/name", Cancelled));
        Put((old, 0), (next, 100));

        await old.StopAsync();

        Assert.Equal("next", await kept.GetStringAsync("/name", Cancelled));
        Assert.Equal((1, 0), Load("old"));
    }

    [Fact]
    public async Task Request_ToAClusterThatRefuses_IsAnsweredByAnother_AndCountsAgainstTheFirst()
    {
        await using var well = await TestPod.StartAsync("well");
        var gone = RawPod.Gone("gone");
        _table.Put("shop", "prod", new WantedRoute(true, [new EdgeTarget("gone", 50, gone.Address.Port), new EdgeTarget("well", 50, well.Backend.Address.Port)]));

        for (var i = 0; i < 4; i++)
            Assert.Equal("well", await AskOnceAsync());

        var (requests, errors) = Load("gone");
        Assert.Equal(requests, errors);
        Assert.True(errors >= 2);
        Assert.Equal((4, 0), Load("well"));
    }

    [Fact]
    public async Task Answers_WithAServersError_AreErrors_AndThoseOfTheClientAreNot()
    {
        await using var cluster = await TestPod.StartAsync("a", app =>
        {
            app.MapGet("/broken", () => Results.StatusCode(500));
            app.MapGet("/missing", () => Results.NotFound());
        });
        Put((cluster, 100));
        using var client = Client();

        await client.GetAsync("/broken", Cancelled);
        await client.GetAsync("/missing", Cancelled);

        Assert.Equal((2, 1), Load("a"));
    }

    [Fact]
    public async Task Request_WithoutAnAnswerYet_IsUnderWay()
    {
        var arrived = new TaskCompletionSource();
        var mayAnswer = new TaskCompletionSource();
        await using var cluster = await TestPod.StartAsync("a", app => app.MapGet("/slow", async () =>
        {
            arrived.SetResult();
            await mayAnswer.Task;
        }));
        Put((cluster, 100));
        using var client = Client();
        var request = client.GetAsync("/slow", Cancelled);
        await arrived.Task;

        var load = _table.Measure("shop", "prod", "a", TimeSpan.FromMinutes(1))!;
        Assert.Equal((0, 1), (load.Requests, load.UnderWay));

        mayAnswer.SetResult();
        await request;
        Assert.Equal((1, 0), Load("a"));
    }

    [Fact]
    public async Task Routes_AfterARestart_HaveTheSameAddressesAndShares()
    {
        await using var cluster = await TestPod.StartAsync("a");
        Put((cluster, 100));
        var before = Port;

        _table.Dispose();
        _table = Open();

        Assert.Equal(before, Port);
        Assert.Equal("a", await AskOnceAsync());
    }

    [Fact]
    public async Task Delete_OfARoute_EndsItsAddressAndNoOther()
    {
        await using var cluster = await TestPod.StartAsync("a");
        Put((cluster, 100));
        _table.Put("shop", "staging", new WantedRoute(true, [new EdgeTarget("a", 100, cluster.Backend.Address.Port)]));
        var port = Port;

        _table.Delete("shop", "prod");

        Assert.Equal("staging", Assert.Single(_table.Routes.Routes).Environment);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(IPAddress.Loopback, port, Cancelled));
    }

    [Fact]
    public async Task Connection_ThatIsNoHttp_IsCountedAsOneAndUnderWayUntilItEnds()
    {
        using var echo = new RawPod("a", async stream => await stream.CopyToAsync(stream, Cancelled));
        _table.Put("shop", "prod", new WantedRoute(false, [new EdgeTarget("a", 100, echo.Backend.Address.Port)]));
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, Cancelled);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("\u0001hello\n"), Cancelled);
            var answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer, Cancelled);
            Assert.Equal(1, _table.Measure("shop", "prod", "a", TimeSpan.FromMinutes(1))!.UnderWay);
        }

        Assert.Equal((1, 0), Load("a"));
    }

    [Theory]
    [InlineData(40, 40)]
    [InlineData(-5, 105)]
    public void Mistake_OfSharesThatAreNotAHundred_IsTold(int first, int second) =>
        Assert.Equal("The shares are not 100 in all.", new WantedRoute(true, [new EdgeTarget("a", first, 1), new EdgeTarget("b", second, 2)]).Mistake());

    [Fact]
    public void Mistake_OfAShareWithoutAPort_IsTold_AndNoShareNeedsNone()
    {
        Assert.Equal("A cluster that gets a share needs a port.", new WantedRoute(true, [new EdgeTarget("a", 100, null)]).Mistake());
        Assert.Null(new WantedRoute(true, [new EdgeTarget("a", 100, 1), new EdgeTarget("b", 0, null)]).Mistake());
    }

    private int Port => _table.Routes.Routes.Single(route => route.Environment == "prod").Port;

    private EdgeTable Open() => new(Path.Combine(_folder.FullName, "routes.json"), TimeProvider.System);

    private void Put(params (TestPod Pod, int Share)[] shares) => _table.Put(
        "shop", "prod", new WantedRoute(true, [.. shares.Select(item => new EdgeTarget(item.Pod.Backend.Pod, item.Share, item.Pod.Backend.Address.Port))]));

    private (long Requests, long Errors) Load(string cluster)
    {
        // An answer is read before the proxy has noted that it was.
        SpinWait.SpinUntil(() => _table.Measure("shop", "prod", cluster, TimeSpan.FromMinutes(1))!.UnderWay == 0, TimeSpan.FromSeconds(10));
        var load = _table.Measure("shop", "prod", cluster, TimeSpan.FromMinutes(1))!;
        return (load.Requests, load.Errors);
    }

    private HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };

    private async Task<string> AskOnceAsync()
    {
        using var client = Client();
        return await client.GetStringAsync("/name", Cancelled);
    }
}
