using System.Net;
using System.Text;
using KubeApps.Deploy.Api;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Connections to a pod through the API server, over the real websocket.</summary>
public sealed class PortForwardTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forward_ToAPod_CarriesRequestsOneAfterTheOther()
    {
        var pod = await PodAsync("forwarded");
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) => await cluster.Client.ForwardAsync("forwarded", pod, 8080, token),
        });

        for (var request = 0; request < 3; request++)
            Assert.StartsWith("hello from web-", await http.GetStringAsync(new Uri("http://web/"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forward_NothingListensOnThePort_SaysSoLikeAKubelet()
    {
        var pod = await PodAsync("deaf");
        await using var stream = await cluster.Client.ForwardAsync("deaf", pod, 9999, Token);

        var failure = await Assert.ThrowsAsync<IOException>(async () => await stream.ReadAtLeastAsync(new byte[1], 1, false, Token));

        Assert.StartsWith($"error forwarding port 9999 to pod {pod}, uid ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("connect: connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forward_PodEndsTheConnection_EndsTheStream()
    {
        var pod = await PodAsync("brief");
        await using var stream = await cluster.Client.ForwardAsync("brief", pod, 8080, Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n"), Token);

        using var reader = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 200 OK", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forward_NoSuchPod_IsRefused()
    {
        var refusal = await Assert.ThrowsAsync<ApiException>(() => cluster.Client.ForwardAsync("default", "nosuch", 8080, Token));

        Assert.Equal(HttpStatusCode.NotFound, refusal.Status);
    }

    private async Task<string> PodAsync(string app)
    {
        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, TimeSpan.FromMinutes(2), cluster.Web(1)), "local"), new EventLog(), Token);
        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        return (string)Assert.Single((await cluster.Client.ListAsync(ResourceType.Pod, app, null, Token)).Items)["metadata"]!["name"]!;
    }
}
