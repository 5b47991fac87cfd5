using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

public class NamespaceIndexTests
{
    private readonly Dictionary<ResourceType, IReadOnlyCollection<JsonObject>> _objects = new()
    {
        [ResourceType.Deployment] = [Json("""{"kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"d1","annotations":{"deployment.kubernetes.io/revision":"2"} } }"""), Json("""{"kind":"Deployment","metadata":{"name":"other","namespace":"shop","uid":"d2"} }""")],
        [ResourceType.ReplicaSet] = [Owned("r1", "d1", """{"deployment.kubernetes.io/revision":"1"}"""), Owned("r2", "d1", """{"deployment.kubernetes.io/revision":"2"}"""), Owned("r3", "d2")],
        [ResourceType.Pod] = [Owned("old", "r1"), Owned("new", "r2", claim: "data"), Owned("foreign", "r3", claim: "their-data")],
        [ResourceType.PersistentVolumeClaim] = [Owned("c1", "", name: "data"), Owned("c2", "", name: "their-data")],
        [ResourceType.Event] = [About("d1", "A"), About("r2", "B"), About("new", "C"), About("c1", "D"), About("foreign", "E"), About("d2", "F"), About("c2", "G")],
    };

    [Fact]
    public void ViewOf_AWorkload_HoldsWhatIsItsAloneAndOfItsNewVersion()
    {
        var index = new NamespaceIndex(type => _objects[type]);

        var view = index.ViewOf(index.Find(ResourceType.Deployment, "web")!, DateTimeOffset.UnixEpoch);

        Assert.Equal("r2", Uid(view.ReplicaSet!));
        Assert.Equal(["new"], view.NewPods.Select(Uid));
        Assert.Equal(["c1"], view.Claims.Select(Uid));
        Assert.Equal(["A", "B", "C", "D"], view.Events.Select(item => (string?)item["reason"]).Order());
    }

    [Fact]
    public void ViewOf_ManyWorkloads_LooksThroughEachKindOnce()
    {
        var looks = new List<ResourceType>();
        var index = new NamespaceIndex(type =>
        {
            looks.Add(type);
            return _objects[type];
        });

        foreach (var name in (string[])["web", "other", "web"])
            index.ViewOf(index.Find(ResourceType.Deployment, name)!, DateTimeOffset.UnixEpoch);

        Assert.Equal(looks.Distinct(), looks);
    }

    [Fact]
    public void Find_WhatIsNotThere_IsNull() => Assert.Null(new NamespaceIndex(type => _objects[type]).Find(ResourceType.Deployment, "nosuch"));

    private static JsonObject Owned(string uid, string owner, string annotations = "{}", string? claim = null, string? name = null) => Json($$"""
        {"metadata":{"name":"{{name ?? uid}}","namespace":"shop","uid":"{{uid}}","annotations":{{annotations}},"ownerReferences":[{"uid":"{{owner}}"}]},
         "spec":{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"{{claim}}"} }]},"status":{"phase":"Running"} }
        """);

    private static JsonObject About(string uid, string reason) => Json($$"""{"reason":"{{reason}}","involvedObject":{"uid":"{{uid}}"} }""");

    private static string? Uid(JsonObject content) => (string?)content["metadata"]!["uid"];

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;
}
