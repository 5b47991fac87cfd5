using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Api;

public sealed class WatchTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Watch_FromTheVersionOfAList_TellsEveryChangeAfterIt()
    {
        await using var api = await TestApi.StartAsync();
        var version = (string)(await api.GetAsync(ConfigMaps)).Body["metadata"]!["resourceVersion"]!;
        await api.PostAsync(ConfigMaps, Body("a", "1"));
        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1&resourceVersion={version}");
        await api.MergeAsync($"{ConfigMaps}/a", """{"data":{"k":"2"}}""");
        await api.DeleteAsync($"{ConfigMaps}/a");

        Assert.Equal(["ADDED a 1", "MODIFIED a 2", "DELETED a 2"], await TakeAsync(watch, 3));
    }

    [Fact]
    public async Task Watch_WithSelector_TellsWhenAnObjectBeginsAndCeasesToMatch()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync(ConfigMaps, Body("a", "1"));
        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1&labelSelector=on%3Dyes");

        await api.MergeAsync($"{ConfigMaps}/a", """{"metadata":{"labels":{"on":"yes"}}}""");
        await api.MergeAsync($"{ConfigMaps}/a", """{"data":{"k":"2"}}""");
        await api.MergeAsync($"{ConfigMaps}/a", """{"metadata":{"labels":{"on":"no"}}}""");

        Assert.Equal(["ADDED a 1", "MODIFIED a 2", "DELETED a 2"], await TakeAsync(watch, 3));
    }

    [Fact]
    public async Task Watch_SendInitialEvents_EndsThemWithABookmark()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync(ConfigMaps, Body("a", "1"));

        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

        Assert.Equal("ADDED a 1", Show(await watch.ReadAsync()));
        var bookmark = await watch.ReadAsync();
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Equal("true", (string?)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task Watch_TimeOver_EndsWithABookmark()
    {
        await using var api = await TestApi.StartAsync();

        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1&allowWatchBookmarks=true&timeoutSeconds=1");

        Assert.Equal("BOOKMARK", (string?)(await watch.ReadAsync())["type"]);
        Assert.True(await watch.EndedAsync());
    }

    [Fact]
    public async Task Watch_FromAVersionThatIsForgotten_IsGone()
    {
        await using var api = await TestApi.StartAsync();
        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1&resourceVersion=1");

        var error = await watch.ReadAsync();

        Assert.Equal("ERROR", (string?)error["type"]);
        Assert.Equal((410, "Expired"), ((int)error["object"]!["code"]!, (string?)error["object"]!["reason"]));
    }

    [Fact]
    public async Task Watch_AsTable_ShowsTheColumnsOnce()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync(ConfigMaps, Body("a", "1"));
        await api.PostAsync(ConfigMaps, Body("b", "1"));
        await using var watch = await StreamAsync(api, $"{ConfigMaps}?watch=1", "application/json;as=Table;v=v1;g=meta.k8s.io");

        var first = (await watch.ReadAsync())["object"]!;
        var second = (await watch.ReadAsync())["object"]!;

        Assert.Equal("Name", (string?)first["columnDefinitions"]![0]!["name"]);
        Assert.Null(second["columnDefinitions"]);
        Assert.Equal("b", (string?)second["rows"]![0]!["cells"]![0]);
    }

    [Fact]
    public async Task Watch_HundredAtOnce_AllSeeEveryChangeInOrder()
    {
        await using var api = await TestApi.StartAsync();
        var watches = new List<Stream>();
        for (var index = 0; index < 100; index++)
            watches.Add(await StreamAsync(api, $"{ConfigMaps}?watch=1"));
        try
        {
            for (var index = 0; index < 20; index++)
                await api.PostAsync(ConfigMaps, Body($"c{index:00}", "1"));

            var expected = Enumerable.Range(0, 20).Select(index => $"ADDED c{index:00} 1");
            foreach (var watch in watches)
                Assert.Equal(expected, await TakeAsync(watch, 20));
        }
        finally
        {
            foreach (var watch in watches)
                await watch.DisposeAsync();
        }
    }

    private static JsonObject Body(string name, string value) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["k"] = value },
    };

    private static string Show(JsonNode change) =>
        $"{(string)change["type"]!} {(string)change["object"]!["metadata"]!["name"]!} {(string?)change["object"]!["data"]?["k"]}";

    private static async Task<List<string>> TakeAsync(Stream watch, int count)
    {
        var changes = new List<string>();
        while (changes.Count < count)
            changes.Add(Show(await watch.ReadAsync()));
        return changes;
    }

    private static async Task<Stream> StreamAsync(TestApi api, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestApi.Token);
        return new Stream(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestApi.Token), Encoding.UTF8));
    }

    /// <summary>The lines of a watch.</summary>
    private sealed class Stream(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

        public async Task<JsonNode> ReadAsync() => JsonNode.Parse(await LineAsync() ?? throw new InvalidOperationException("the watch ended"))!;

        public async Task<bool> EndedAsync() => await LineAsync() is null;

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<string?> LineAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestApi.Token);
            limit.CancelAfter(Patience);
            return await reader.ReadLineAsync(limit.Token);
        }
    }
}
