using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Tests.Api;

/// <summary>What the server decides with a look at other objects, and what it allocates.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task Service_WithoutAddress_GetsOneThatStays()
    {
        await using var api = await TestApi.StartAsync();
        const string Services = "/api/v1/namespaces/default/services";

        var created = await api.PostAsync(Services, """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
        var address = (string)created.Body["spec"]!["clusterIP"]!;
        var replaced = await api.PutAsync($"{Services}/s", JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":81}]}}""")!);

        Assert.Matches(@"^10\.96\.\d+\.\d+$", address);
        Assert.Equal(address, (string?)replaced.Body["spec"]!["clusterIP"]);
    }

    [Fact]
    public async Task Service_NodePort_IsInItsRangeAndOfOneServiceOnly()
    {
        await using var api = await TestApi.StartAsync();
        const string Services = "/api/v1/namespaces/default/services";
        static string Service(string name, int nodePort) =>
            $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":{{{nodePort}}}}]}}""";

        var outside = await api.PostAsync(Services, Service("a", 99));
        var first = await api.PostAsync(Services, Service("a", 30080));
        var second = await api.PostAsync(Services, Service("b", 30080));

        Assert.Equal(
            (422, "Service \"a\" is invalid: spec.ports[0].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767"),
            (outside.Status, outside.Message));
        Assert.Equal(201, first.Status);
        Assert.Equal((422, "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"), (second.Status, second.Message));
    }

    [Fact]
    public async Task Service_ThatChangesItsType_GetsNodePortsAndLosesThem()
    {
        await using var api = await TestApi.StartAsync();
        const string Path = "/api/v1/namespaces/default/services/s";
        await api.PostAsync("/api/v1/namespaces/default/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");

        var open = await api.MergeAsync(Path, """{"spec":{"type":"NodePort"}}""");
        var replaced = await api.PutAsync(Path, JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""")!);
        var closed = await api.MergeAsync(Path, """{"spec":{"type":"ClusterIP"}}""");

        Assert.InRange(NodePort(open)!.Value, 30000, 32767);
        Assert.Equal(NodePort(open), NodePort(replaced));
        Assert.Null(NodePort(closed));

        static int? NodePort(Answer service) => (int?)service.Body["spec"]!["ports"]![0]!["nodePort"];
    }

    [Fact]
    public async Task Pod_OfAnAccountThatIsNotThere_IsForbidden()
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.PostAsync("/api/v1/namespaces/default/pods",
            """{"metadata":{"name":"p"},"spec":{"serviceAccountName":"robot","containers":[{"name":"c","image":"i"}]}}""");

        Assert.Equal((403, "pods \"p\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found"), (refused.Status, refused.Message));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-public")]
    public async Task Delete_NamespaceThatTheClusterNeeds_IsForbidden(string name)
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.DeleteAsync($"/api/v1/namespaces/{name}");

        Assert.Equal((403, $"namespaces \"{name}\" is forbidden: this namespace may not be deleted"), (refused.Status, refused.Message));
        Assert.Equal("Active", (string?)(await api.GetAsync($"/api/v1/namespaces/{name}")).Body["status"]!["phase"]);
    }

    [Fact]
    public async Task Quota_OfCpu_CountsWhatPodsAskFor()
    {
        await using var api = await TestApi.StartAsync();
        const string Pods = "/api/v1/namespaces/default/pods";
        await api.PostAsync("/api/v1/namespaces/default/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"1"}}}""");

        var first = await api.PostAsync(Pods, Pod("a", "600m"));
        var second = await api.PostAsync(Pods, Pod("b", "500m"));
        var without = await api.PostAsync(Pods, """{"metadata":{"name":"c"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");

        Assert.Equal(201, first.Status);
        Assert.Equal("pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1", second.Message);
        Assert.Equal("pods \"c\" is forbidden: failed quota: q: must specify requests.cpu for: c", without.Message);
        // The quota's status follows: before the pod it said 0.
        await api.WaitForAsync("/api/v1/namespaces/default/resourcequotas/q", answer => (string?)answer.Body["status"]?["used"]?["requests.cpu"] == "600m");
    }

    [Fact]
    public async Task DryRun_OfEveryWrite_ChangesNothing()
    {
        await using var api = await TestApi.StartAsync();
        const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
        await api.PostAsync(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""");
        var version = api.Cluster.Store.Version;

        Assert.Equal(201, (await api.PostAsync($"{ConfigMaps}?dryRun=All", """{"metadata":{"name":"b"}}""")).Status);
        Assert.Equal("w", (string?)(await api.MergeAsync($"{ConfigMaps}/a?dryRun=All", """{"data":{"k":"w"}}""")).Body["data"]!["k"]);
        Assert.Equal(201, (await api.ApplyAsync($"{ConfigMaps}/c", "me", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n", "&dryRun=All")).Status);
        Assert.Equal(200, (await api.DeleteAsync($"{ConfigMaps}/a?dryRun=All")).Status);

        Assert.Equal(version, api.Cluster.Store.Version);
    }

    [Fact]
    public async Task Event_OfTheSameFact_IsCountedUp()
    {
        await using var api = await TestApi.StartAsync();
        var node = api.Cluster.Get(new ObjectKey(ResourceTypes.Node, null, "sandbox"))!;

        for (var count = 0; count < 3; count++)
            api.Cluster.RecordEvent(node, "Warning", "Odd", "something odd", "test");

        var recorded = Assert.Single(api.Cluster.List(ResourceTypes.Event));
        Assert.Equal(3, (int?)recorded["count"]);
        Assert.Equal("sandbox", (string?)recorded["involvedObject"]!["name"]);
    }

    [Theory]
    [InlineData("{\"metadata\":{\"name\":\"x\"}}", "application/xml", 415)]
    [InlineData("metadata:\n  name: x\n", "application/yaml", 201)]
    [InlineData("metadata:\n  name: x\n  name: y\n", "application/yaml", 400)]
    public async Task Create_Body_IsReadByItsType(string body, string contentType, int status)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(status, (await api.SendAsync("POST", "/api/v1/namespaces/default/configmaps", body, contentType)).Status);
    }

    [Fact]
    public async Task Create_BodyTooLarge_IsRefused()
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.PostAsync("/api/v1/namespaces/default/configmaps", new string('x', 4 * 1024 * 1024));

        Assert.Equal((413, "Request entity too large: limit is 3145728"), (refused.Status, refused.Message));
    }

    private static JsonObject Pod(string name, string cpu) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "c",
                ["image"] = "i",
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu } },
            }),
        },
    };
}
