using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Tests.Api;

/// <summary>Creating, reading, changing and deleting one object.</summary>
public sealed class ObjectLifecycleTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Create_NewObject_HasIdentityAndVersion()
    {
        await using var api = await TestApi.StartAsync();

        var created = await api.PostAsync(ConfigMaps, ConfigMap("a"));

        Assert.Equal(201, created.Status);
        var metadata = created.Body["metadata"]!;
        Assert.Equal("default", (string?)metadata["namespace"]);
        Assert.NotNull((string?)metadata["uid"]);
        Assert.NotNull((string?)metadata["creationTimestamp"]);
        Assert.True(long.Parse((string)metadata["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(created.Text, (await api.GetAsync($"{ConfigMaps}/a")).Text);
    }

    [Fact]
    public async Task Create_GenerateName_NamesEachDifferently()
    {
        await using var api = await TestApi.StartAsync();
        var body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"g-"}}""";

        var first = await api.PostAsync(ConfigMaps, body);
        var second = await api.PostAsync(ConfigMaps, body);

        Assert.Matches("^g-[a-z0-9]{5}$", (string)first.Body["metadata"]!["name"]!);
        Assert.NotEqual((string?)first.Body["metadata"]!["name"], (string?)second.Body["metadata"]!["name"]);
    }

    [Fact]
    public async Task Create_NamespaceThatIsNotThere_IsRefused()
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.PostAsync("/api/v1/namespaces/nowhere/configmaps", ConfigMap("a"));

        Assert.Equal((404, "namespaces \"nowhere\" not found"), (refused.Status, refused.Message));
    }

    [Fact]
    public async Task Update_NoChange_KeepsTheVersion()
    {
        await using var api = await TestApi.StartAsync();
        var created = await api.PostAsync(ConfigMaps, ConfigMap("a"));

        var updated = await api.PutAsync($"{ConfigMaps}/a", created.Body);

        Assert.Equal(200, updated.Status);
        Assert.Equal((string?)created.Body["metadata"]!["resourceVersion"], (string?)updated.Body["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Update_OfAnOlderVersion_IsAConflict()
    {
        await using var api = await TestApi.StartAsync();
        var created = await api.PostAsync(ConfigMaps, ConfigMap("a"));
        var newer = created.Body.DeepClone();
        newer["data"] = new JsonObject { ["k"] = "newer" };
        await api.PutAsync($"{ConfigMaps}/a", newer);

        var refused = await api.PutAsync($"{ConfigMaps}/a", created.Body);

        Assert.Equal((409, "Conflict"), (refused.Status, refused.Reason));
    }

    [Fact]
    public async Task Delete_ObjectWithFinalizer_WaitsUntilItIsRemoved()
    {
        await using var api = await TestApi.StartAsync();
        var body = ConfigMap("f");
        body["metadata"]!["finalizers"] = new JsonArray("example.com/x");
        await api.PostAsync(ConfigMaps, body);

        var deleted = await api.DeleteAsync($"{ConfigMaps}/f");
        Assert.NotNull((string?)deleted.Body["metadata"]!["deletionTimestamp"]);
        Assert.Equal(200, (await api.GetAsync($"{ConfigMaps}/f")).Status);

        var live = (await api.GetAsync($"{ConfigMaps}/f")).Body;
        live["metadata"]!.AsObject().Remove("finalizers");
        await api.PutAsync($"{ConfigMaps}/f", live);
        Assert.Equal(404, (await api.GetAsync($"{ConfigMaps}/f")).Status);
    }

    [Fact]
    public async Task Delete_Namespace_RemovesWhatIsInIt()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"gone"},"spec":{"finalizers":["kubernetes"]}}""");
        await api.PostAsync("/api/v1/namespaces/gone/configmaps", ConfigMap("a"));

        await api.DeleteAsync("/api/v1/namespaces/gone");

        await api.WaitForAsync("/api/v1/namespaces/gone", answer => answer.Status == 404);
        Assert.Empty(api.Cluster.List(ResourceTypes.ConfigMap, "gone"));
        Assert.Empty(api.Cluster.List(ResourceTypes.ServiceAccount, "gone"));
    }

    private static JsonObject ConfigMap(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["k"] = "v" },
    };
}
