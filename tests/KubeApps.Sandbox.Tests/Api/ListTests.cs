using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Api;

public sealed class ListTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task List_InPages_ShowsTheStateOfTheFirstPage()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var name in (string[])["a", "b", "c", "d"])
            await CreateAsync(api, name);

        var first = await api.GetAsync($"{ConfigMaps}?limit=2");
        await api.DeleteAsync($"{ConfigMaps}/c");
        await CreateAsync(api, "bb");
        await api.MergeAsync($"{ConfigMaps}/d", """{"data":{"k":"changed"}}""");
        var rest = await api.GetAsync($"{ConfigMaps}?limit=10&continue={(string)first.Body["metadata"]!["continue"]!}");

        Assert.Equal(["a", "b"], first.Names);
        Assert.Equal(2, (int?)first.Body["metadata"]!["remainingItemCount"]);
        Assert.Equal(["c", "d"], rest.Names);
        Assert.Equal("v", (string?)rest.Body["items"]![1]!["data"]!["k"]);
        Assert.Equal((string?)first.Body["metadata"]!["resourceVersion"], (string?)rest.Body["metadata"]!["resourceVersion"]);
        Assert.Null(rest.Body["metadata"]!["continue"]);
    }

    [Theory]
    [InlineData("labelSelector=tier%3Dfront", "a")]
    [InlineData("labelSelector=tier+in+(front,back)", "a b")]
    [InlineData("labelSelector=!tier", "c")]
    [InlineData("labelSelector=tier,tier!%3Dfront", "b")]
    [InlineData("labelSelector=weight%3E3", "b")]
    [InlineData("fieldSelector=metadata.name%3Dc", "c")]
    [InlineData("fieldSelector=metadata.name!%3Dc,metadata.namespace%3Ddefault", "a b")]
    public async Task List_WithSelector_ShowsWhatMatches(string query, string names)
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "a", """{"tier":"front","weight":"1"}""");
        await CreateAsync(api, "b", """{"tier":"back","weight":"5"}""");
        await CreateAsync(api, "c");

        Assert.Equal(names.Split(' '), (await api.GetAsync($"{ConfigMaps}?{query}")).Names);
    }

    [Theory]
    [InlineData("labelSelector=a+b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("labelSelector=a+in+b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("fieldSelector=spec.color%3Dred", "\"spec.color\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("fieldSelector=abc", "invalid selector: 'abc'; can't understand 'abc'")]
    public async Task List_WithBadSelector_SaysWhatIsWrong(string query, string message)
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.GetAsync($"{ConfigMaps}?{query}");

        Assert.Equal(400, refused.Status);
        Assert.EndsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_FromAVersionYetToCome_SaysSo()
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.GetAsync($"{ConfigMaps}?resourceVersion=999999&resourceVersionMatch=NotOlderThan");

        Assert.Equal((504, "Timeout"), (refused.Status, refused.Reason));
    }

    [Fact]
    public async Task List_MetadataOnly_LeavesTheRestOut()
    {
        await using var api = await TestApi.StartAsync();
        await CreateAsync(api, "a");

        var list = await api.GetAsync(ConfigMaps, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");

        Assert.Equal("PartialObjectMetadataList", (string?)list.Body["kind"]);
        Assert.Null(list.Body["items"]![0]!["data"]);
    }

    [Theory]
    [InlineData("application/xml", 406)]
    [InlineData("application/vnd.kubernetes.protobuf", 406)]
    [InlineData("application/vnd.kubernetes.protobuf,application/json", 200)]
    [InlineData("application/yaml", 200)]
    public async Task Get_Accept_ChoosesWhatCanBeServed(string accept, int status)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(status, (await api.SendAsync("GET", "/api/v1/namespaces/default", accept: accept)).Status);
    }

    [Theory]
    [InlineData("/apis/certificates.k8s.io/v1/certificatesigningrequests", 501)]
    [InlineData("/api/v1/componentstatuses", 501)]
    [InlineData("/apis/events.k8s.io/v1/events", 501)]
    [InlineData("/api/v1/namespaces/default/pods/p/exec", 501)]
    [InlineData("/apis/example.com/v1/widgets", 404)]
    [InlineData("/no/such/path", 404)]
    public async Task Get_WhatIsNotThere_TellsAbsentFromNotServed(string path, int status)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.GetAsync(path);

        Assert.Equal(status, answer.Status);
        if (status == 501)
            Assert.StartsWith("the KubeApps sandbox does not serve ", answer.Message, StringComparison.Ordinal);
    }

    private static Task CreateAsync(TestApi api, string name, string labels = "{}") => api.PostAsync(ConfigMaps, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = JsonNode.Parse(labels) },
        ["data"] = new JsonObject { ["k"] = "v" },
    });
}
