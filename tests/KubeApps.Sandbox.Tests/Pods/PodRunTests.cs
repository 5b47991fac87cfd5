using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class PodRunTests
{
    private static readonly HttpClient Client = new();

    [Fact]
    public async Task Pod_WithHttpReadinessProbe_BecomesReadyAndAnswersOnItsHostPort()
    {
        await using var node = new TestNode();
        var container = node.Container();
        container["ports"] = JsonNode.Parse("""[{"containerPort": 8080, "name": "http"}]""");
        container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": "http"}}""");
        node.Create("web", container);

        var pod = await node.WhenReadyAsync("web");

        Assert.Equal("Running", (string?)pod["status"]!["phase"]);
        Assert.Equal("sandbox", (string?)pod["spec"]!["nodeName"]);
        Assert.All(pod["status"]!["conditions"]!.AsArray(), condition => Assert.Equal("True", (string?)condition!["status"]));
        var url = $"http://127.0.0.1:{TestNode.HostPort(pod, 8080)}/";
        Assert.Equal("hello from web", await Client.GetStringAsync(url, TestContext.Current.CancellationToken));
        Assert.Contains("listening on http://127.0.0.1:", await node.LogAsync(pod), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_Deleted_StopsInOrderAndIsRemoved()
    {
        await using var node = new TestNode();
        var container = node.Container();
        container["readinessProbe"] = JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": 8080}}""");
        node.Create("web", container);
        var pod = await node.WhenReadyAsync("web");

        var last = node.WhenAsync("web", pod => TestNode.Status(pod)["state"]!["terminated"] is not null);
        node.Delete("web");

        Assert.Equal(0, (int)TestNode.Status(await last)["state"]!["terminated"]!["exitCode"]!);
        await node.WhenGoneAsync("web");
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            Client.GetStringAsync($"http://127.0.0.1:{TestNode.HostPort(pod, 8080)}/", TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(Path.Combine(node.Folder, "pods", (string)pod["metadata"]!["uid"]!)));
    }
}
