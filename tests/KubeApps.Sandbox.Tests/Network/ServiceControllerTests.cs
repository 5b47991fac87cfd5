using System.Net;
using System.Net.Sockets;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Network;
using KubeApps.Sandbox.Tests.Controllers;

namespace KubeApps.Sandbox.Tests.Network;

public sealed class ServiceControllerTests
{
    [Fact]
    public async Task Service_GetsALoopbackPortThatLeadsToItsReadyPods()
    {
        await using var pod = await TestPod.StartAsync("web-a");
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Json());
        running.Apply(ResourceTypes.Pod, PodJson("web-a", pod.Backend.Address.Port));
        await UntilAnsweredAsync(running);

        using var client = new HttpClient();
        Assert.Equal("web-a", await client.GetStringAsync($"{Url(running)}/name", TestContext.Current.CancellationToken));
        Assert.Equal($$"""{"80":{{new Uri(Url(running)!).Port}}}""", running.Get(ResourceTypes.Service, "web").Annotation("sandbox.kubeapps.dev/ports"));
    }

    [Fact]
    public async Task Service_KeepsItsPortAcrossARestart()
    {
        var store = new ObjectStore();
        string? before;
        await using (var running = Start(store))
        {
            running.Apply(ResourceTypes.Service, Json());
            await running.UntilAsync(() => Url(running) is not null, "it has its port");
            before = Url(running);
        }

        await using var again = Start(store);
        await again.UntilAsync(() => Accepts(new Uri(before!).Port), "it listens again");
        await again.UntilQuietAsync();
        Assert.Equal(before, Url(again));
    }

    [Fact]
    public async Task Service_WhosePortWasTakenMeanwhile_MovesAndSaysSo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var running = Start();

        running.Apply(ResourceTypes.Service, Json().Replace("\"name\": \"web\" }", $$"""
            "name": "web", "annotations": { "sandbox.kubeapps.dev/ports": "{\"80\":{{taken}}}" } }
            """, StringComparison.Ordinal));
        await running.UntilAsync(() => Url(running) is { } url && new Uri(url).Port != taken, "it has another port");
    }

    [Fact]
    public async Task LoadBalancer_GetsTheLoopbackAddress()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Json("LoadBalancer"));

        await running.UntilAsync(() => running.Get(ResourceTypes.Service, "web").Status.Part("loadBalancer").Items("ingress").Any(), "it has an address");
        Assert.Equal("127.0.0.1", running.Get(ResourceTypes.Service, "web").Status["loadBalancer"]!["ingress"]![0]!["ip"]!.GetValue<string>());
    }

    [Fact]
    public async Task ServiceDeleted_ListensNoMore()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Json());
        await running.UntilAsync(() => Url(running) is not null, "it has its port");
        var port = new Uri(Url(running)!).Port;
        Assert.True(Accepts(port));

        running.Delete(ResourceTypes.Service, "web");
        await running.UntilAsync(() => !Accepts(port), "nobody listens");
    }

    [Fact]
    public async Task LastPodTerminates_StillServesUntilAnotherIsReady()
    {
        await using var old = await TestPod.StartAsync("old");
        await using var fresh = await TestPod.StartAsync("fresh");
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Json());
        running.Apply(ResourceTypes.Pod, PodJson("web-a", old.Backend.Address.Port));
        await UntilAnsweredAsync(running);

        running.Delete(ResourceTypes.Pod, "web-a");
        await running.UntilQuietAsync();
        using var client = new HttpClient();
        Assert.Equal("old", await client.GetStringAsync($"{Url(running)}/name", TestContext.Current.CancellationToken));

        running.Apply(ResourceTypes.Pod, PodJson("web-b", fresh.Backend.Address.Port));
        await running.UntilQuietAsync();
        Assert.Equal("fresh", await client.GetStringAsync($"{Url(running)}/name", TestContext.Current.CancellationToken));
    }

    private static RunningControllers Start(ObjectStore? store = null) =>
        new(running => [new EndpointSliceController(running.Cluster), running.Own(new ServiceController(running.Cluster, running.Clock))], store);

    private static string? Url(RunningControllers running) => running.Get(ResourceTypes.Service, "web").Annotation("kubeapps.dev/url");

    private static Task UntilAnsweredAsync(RunningControllers running) => running.UntilAsync(
        () => Url(running) is not null && running.List(ResourceTypes.EndpointSlice).Count == 1, "the service leads to its pod").ContinueWith(_ => running.UntilQuietAsync()).Unwrap();

    private static bool Accepts(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Json(string type = "ClusterIP") => $$"""
        {
          "metadata": { "name": "web" },
          "spec": { "type": "{{type}}", "selector": { "app": "web" }, "ports": [ { "port": 80, "targetPort": 8080, "protocol": "TCP" } ] }
        }
        """;

    private static string PodJson(string name, int hostPort) => $$"""
        {
          "metadata": { "name": "{{name}}", "labels": { "app": "web" }, "annotations": { "sandbox.kubeapps.dev/ports": "{\"8080\":{{hostPort}}}" } },
          "spec": { "nodeName": "node-1", "containers": [ { "name": "c", "image": "web:1" } ] },
          "status": { "phase": "Running", "podIP": "127.0.0.1", "conditions": [ { "type": "Ready", "status": "True" } ] }
        }
        """;
}
