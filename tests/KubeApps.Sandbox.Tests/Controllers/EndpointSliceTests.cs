using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class EndpointSliceTests
{
    private const string Service = """
        {
          "metadata": { "name": "web", "labels": { "team": "shop" } },
          "spec": { "selector": { "app": "web" }, "ports": [ { "name": "http", "port": 80, "targetPort": "http", "protocol": "TCP" } ] }
        }
        """;

    [Fact]
    public async Task EachPod_GetsASliceWithItsOwnPort()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Service);
        var first = running.Apply(ResourceTypes.Pod, Pod("web-a", hostPort: 41001, ready: true));
        running.Apply(ResourceTypes.Pod, Pod("web-b", hostPort: 41002, ready: false));
        await running.UntilAsync(() => running.List(ResourceTypes.EndpointSlice).Count == 2, "both have their slices");

        var slice = running.List(ResourceTypes.EndpointSlice).Single(slice => slice["endpoints"]![0]!["targetRef"]!["name"]!.GetValue<string>() == "web-a");
        Assert.Equal("web", slice.Labels.Text("kubernetes.io/service-name"));
        Assert.Equal("endpointslice-controller.k8s.io", slice.Labels.Text("endpointslice.kubernetes.io/managed-by"));
        Assert.Equal("shop", slice.Labels.Text("team"));
        Assert.Equal("Service", slice.ControllerReference!.Text("kind"));
        AssertJson("""[ { "name": "http", "port": 41001, "protocol": "TCP" } ]""", slice["ports"]);
        AssertJson($$"""
            [ {
              "addresses": [ "127.0.0.1" ],
              "conditions": { "ready": true, "serving": true, "terminating": false },
              "targetRef": { "kind": "Pod", "namespace": "shop", "name": "web-a", "uid": "{{first.Uid}}" },
              "nodeName": "node-1"
            } ]
            """, slice["endpoints"]);
    }

    [Fact]
    public async Task PodThatTerminates_ServesOnButIsNotReady()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Service);
        running.Apply(ResourceTypes.Pod, Pod("web-a", hostPort: 41001, ready: true));
        await running.UntilAsync(() => running.List(ResourceTypes.EndpointSlice).Count == 1, "its slice is there");

        running.Delete(ResourceTypes.Pod, "web-a");
        await running.UntilAsync(() => Conditions(running).Flag("terminating"), "its slice says that it terminates");

        Assert.False(Conditions(running).Flag("ready"));
        Assert.True(Conditions(running).Flag("serving"));
    }

    [Theory]
    [InlineData("\"phase\": \"Failed\"")]
    [InlineData("\"phase\": \"Succeeded\"")]
    public async Task PodThatEnded_LosesItsSlice(string phase)
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Service);
        running.Apply(ResourceTypes.Pod, Pod("web-a", hostPort: 41001, ready: true));
        await running.UntilAsync(() => running.List(ResourceTypes.EndpointSlice).Count == 1, "its slice is there");

        running.ChangeStatus(ResourceTypes.Pod, "web-a", $$"""{ {{phase}}, "podIP": "127.0.0.1" }""");
        await running.UntilAsync(() => running.List(ResourceTypes.EndpointSlice).Count == 0, "its slice is gone");
    }

    [Fact]
    public async Task ServiceDeleted_TakesItsSlicesAndEndpointsAlong()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Service);
        running.Apply(ResourceTypes.Pod, Pod("web-a", hostPort: 41001, ready: true));
        await running.UntilAsync(() => running.List(ResourceTypes.Endpoints) is [var endpoints] && endpoints["subsets"] is JsonArray { Count: 1 }, "its Endpoints are there");
        AssertJson("""[ { "name": "http", "port": 41001, "protocol": "TCP" } ]""", running.Get(ResourceTypes.Endpoints, "web")["subsets"]![0]!["ports"]);

        running.Delete(ResourceTypes.Service, "web");
        await running.UntilAsync(() => running.List(ResourceTypes.EndpointSlice).Count == 0 && running.List(ResourceTypes.Endpoints).Count == 0, "both are gone");
    }

    [Fact]
    public async Task ServiceLedToOtherPods_IsNeverSeenWithoutAny()
    {
        await using var running = Start();
        running.Apply(ResourceTypes.Service, Service);
        running.Apply(ResourceTypes.Pod, Pod("web-a", hostPort: 41001, ready: true));
        running.Apply(ResourceTypes.Pod, Pod("api-a", hostPort: 41002, ready: true, app: "api"));
        await running.UntilAsync(() => running.Changes(ResourceTypes.EndpointSlice).Count == 1, "it leads to the first pod");

        running.Change(ResourceTypes.Service, "web", service => service["spec"]!["selector"]!["app"] = "api");
        await running.UntilAsync(() => running.Changes(ResourceTypes.EndpointSlice).Count == 3, "it leads to the other pod, and only to that");

        Assert.Equal([WatchEventType.Added, WatchEventType.Added, WatchEventType.Deleted], running.Changes(ResourceTypes.EndpointSlice).Select(change => change.Type));
    }

    private static RunningControllers Start() => new(running => [new EndpointSliceController(running.Cluster), new EndpointsController(running.Cluster)]);

    private static JsonObject Conditions(RunningControllers running) => running.List(ResourceTypes.EndpointSlice)[0]["endpoints"]![0]!.AsObject().Part("conditions");

    private static string Pod(string name, int hostPort, bool ready, string app = "web") => $$"""
        {
          "metadata": { "name": "{{name}}", "labels": { "app": "{{app}}" }, "annotations": { "sandbox.kubeapps.dev/ports": "{\"8080\":{{hostPort}}}" } },
          "spec": { "nodeName": "node-1", "containers": [ { "name": "c", "image": "web:1", "ports": [ { "name": "http", "containerPort": 8080 } ] } ] },
          "status": { "phase": "Running", "podIP": "127.0.0.1", "conditions": [ { "type": "Ready", "status": "{{(ready ? "True" : "False")}}" } ] }
        }
        """;

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, but it is {actual?.ToJsonString()}");
}
