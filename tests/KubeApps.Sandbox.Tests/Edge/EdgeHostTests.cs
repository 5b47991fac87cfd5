using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KubeApps.Sandbox.Edge;
using KubeApps.Sandbox.Hosting;
using KubeApps.Sandbox.Tests.Network;

namespace KubeApps.Sandbox.Tests.Edge;

/// <summary>What the edge proxy is told and asked, over its own API.</summary>
public sealed class EdgeHostTests : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubeapps-test-");
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private EndpointFile _endpoint = null!;
    private HttpClient _api = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var ready = new TaskCompletionSource<EndpointFile>(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = new EdgeHost(SandboxOptions.Parse(["edge", "--home", _home.FullName], _ => null)!, SandboxHome.At(_home.FullName, isEdge: true), TimeProvider.System);
        _run = Task.Run(() => host.RunAsync(ready.SetResult, _stop.Token));
        await await Task.WhenAny(ready.Task, _run).WaitAsync(TimeSpan.FromSeconds(30));
        _endpoint = await ready.Task;
        _api = Client(_endpoint.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(30));
        _api.Dispose();
        _stop.Dispose();
        _home.Delete(recursive: true);
    }

    [Fact]
    public async Task Route_ThatIsPut_LeadsThere_AndIsMeasured()
    {
        await using var cluster = await TestPod.StartAsync("a");

        Assert.Equal(HttpStatusCode.NoContent, await PutAsync("shop", $$"""{"isHttp":true,"targets":[{"cluster":"a","share":100,"port":{{cluster.Backend.Address.Port}}}]}"""));

        var route = Assert.Single(EdgeRoutes.Read(Path.Combine(_home.FullName, "edge", "routes.json")).Routes);
        using var user = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal("a", await user.GetStringAsync($"http://127.0.0.1:{route.Port}/name", Cancelled));
        Assert.Contains("\"windowMilliseconds\"", await _api.GetStringAsync("/routes/shop/prod/load/a?milliseconds=60000", Cancelled), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await _api.DeleteAsync("/routes/shop/prod", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.GetAsync("/routes/shop/prod/load/a?milliseconds=60000", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"isHttp":true,"targets":[]}""")]
    [InlineData("""{"isHttp":true,"targets":null}""")]
    [InlineData("""{"isHttp":true,"targets":[{"cluster":"a","share":90,"port":1}]}""")]
    public async Task Route_ThatIsNone_IsRefusedAndChangesNothing(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("shop", body));
        Assert.False(File.Exists(Path.Combine(_home.FullName, "edge", "routes.json")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?milliseconds=0")]
    [InlineData("?milliseconds=1.5")]
    public async Task Load_WithoutASpan_IsRefused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.GetAsync($"/routes/shop/prod/load/a{query}", Cancelled)).StatusCode);

    [Theory]
    [InlineData(null)]
    [InlineData("another-token")]
    public async Task Api_WithoutTheToken_TellsAndDoesNothing(string? token)
    {
        using var stranger = Client(token);

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/routes", Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync("/sandbox/stop", null, Cancelled)).StatusCode);
        Assert.False(_run.IsCompleted);
    }

    [Fact]
    public async Task Stop_EndsIt()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await _api.PostAsync("/sandbox/stop", null, Cancelled)).StatusCode);

        await _run.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.False(File.Exists(Path.Combine(_home.FullName, "edge", "endpoint.json")));
    }

    private async Task<HttpStatusCode> PutAsync(string app, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return (await _api.PutAsync($"/routes/{app}/prod", content, Cancelled)).StatusCode;
    }

    private HttpClient Client(string? token)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(_endpoint.ApiServer),
            DefaultRequestHeaders = { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token) },
        };
    }
}
