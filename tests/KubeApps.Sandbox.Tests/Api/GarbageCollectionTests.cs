using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Api;

public sealed class GarbageCollectionTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Delete_Background_TakesTheOwnedObjectsAfterwards()
    {
        await using var api = await OwnerAndChildAsync();

        var deleted = await api.DeleteAsync($"{ConfigMaps}/owner");

        Assert.Equal("Success", (string?)deleted.Body["status"]);
        await api.WaitForAsync($"{ConfigMaps}/child", answer => answer.Status == 404);
    }

    [Fact]
    public async Task Delete_Foreground_WaitsForTheOwnedObjects()
    {
        await using var api = await OwnerAndChildAsync();
        await api.MergeAsync($"{ConfigMaps}/child", """{"metadata":{"finalizers":["example.com/hold"]}}""");

        await api.DeleteAsync($"{ConfigMaps}/owner", """{"propagationPolicy":"Foreground"}""");

        await api.WaitForAsync($"{ConfigMaps}/child", answer => answer.Body["metadata"]!["deletionTimestamp"] is not null);
        Assert.Equal(200, (await api.GetAsync($"{ConfigMaps}/owner")).Status);
        await api.MergeAsync($"{ConfigMaps}/child", """{"metadata":{"finalizers":null}}""");
        await api.WaitForAsync($"{ConfigMaps}/owner", answer => answer.Status == 404);
        Assert.Equal(404, (await api.GetAsync($"{ConfigMaps}/child")).Status);
    }

    [Fact]
    public async Task Delete_Orphan_LeavesTheOwnedObjectsAlone()
    {
        await using var api = await OwnerAndChildAsync();

        await api.DeleteAsync($"{ConfigMaps}/owner", """{"propagationPolicy":"Orphan"}""");

        await api.WaitForAsync($"{ConfigMaps}/owner", answer => answer.Status == 404);
        var child = await api.GetAsync($"{ConfigMaps}/child");
        Assert.Equal(200, child.Status);
        Assert.Null(child.Body["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task Create_ObjectOfAnOwnerThatIsGone_IsCollected()
    {
        await using var api = await TestApi.StartAsync();

        await api.PostAsync(ConfigMaps, Child("00000000-0000-0000-0000-000000000001"));

        await api.WaitForAsync($"{ConfigMaps}/child", answer => answer.Status == 404);
    }

    [Fact]
    public async Task Delete_Pod_WaitsForTheKubelet()
    {
        const string Pods = "/api/v1/namespaces/default/pods";
        await using var api = await TestApi.StartAsync();
        await api.PostAsync(Pods, """{"metadata":{"name":"p"},"spec":{"nodeName":"sandbox","containers":[{"name":"c","image":"i"}]}}""");

        var deleted = await api.DeleteAsync($"{Pods}/p");

        Assert.Equal(30, (int?)deleted.Body["metadata"]!["deletionGracePeriodSeconds"]);
        Assert.Equal(200, (await api.GetAsync($"{Pods}/p")).Status);
        await api.DeleteAsync($"{Pods}/p", """{"gracePeriodSeconds":0}""");
        Assert.Equal(404, (await api.GetAsync($"{Pods}/p")).Status);
    }

    private static async Task<TestApi> OwnerAndChildAsync()
    {
        var api = await TestApi.StartAsync();
        var owner = await api.PostAsync(ConfigMaps, """{"metadata":{"name":"owner"}}""");
        await api.PostAsync(ConfigMaps, Child((string)owner.Body["metadata"]!["uid"]!));
        return api;
    }

    private static JsonObject Child(string owner) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "child",
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["name"] = "owner",
                ["uid"] = owner,
                ["blockOwnerDeletion"] = true,
            }),
        },
    };
}
