using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests;

public class KubeClientTests
{
    private static readonly JsonObject Config = (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"}}""")!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_ThrottledThenCutThenUnavailable_TriesAgainAndSucceeds()
    {
        var server = new ScriptedServer(Json(429, new JsonObject(), "0"), Cut(), Text(503, "not ready"), Json(200, Config.DeepClone()));

        var stored = await server.Client().ApplyAsync(ResourceType.ConfigMap, Config, false, Cancellation);

        Assert.Equal("a", (string?)stored["metadata"]!["name"]);
        Assert.Equal(4, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.Equal("PATCH /api/v1/namespaces/shop/configmaps/a?fieldManager=kubeapp&fieldValidation=Strict", request));
    }

    [Fact]
    public async Task Apply_ThrottledUntilADate_WaitsForItByTheServersClock()
    {
        // The clock of this machine says something else.
        static HttpResponseMessage Throttled(HttpRequestMessage request)
        {
            var response = Json(429, new JsonObject(), "Thu, 01 Jan 2026 00:00:07 GMT")(request);
            response.Headers.Date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return response;
        }

        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var server = new ScriptedServer(Throttled, Json(200, Config.DeepClone()));
        var apply = server.Client(clock).ApplyAsync(ResourceType.ConfigMap, Config, false, Cancellation);

        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Single(server.Requests);
        clock.Advance(TimeSpan.FromSeconds(2.3));

        await apply;
    }

    [Fact]
    public async Task Now_MachineIsWrongAboutTheTime_IsTheServersClockAndGoesOnEvenly()
    {
        HttpResponseMessage Dated(HttpRequestMessage request)
        {
            var response = Json(200, Config.DeepClone())(request);
            response.Headers.Date = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            return response;
        }

        var clock = new FakeTimeProvider(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var client = new ScriptedServer(Dated, Dated).Client(clock);
        Assert.Equal(2031, client.Now.Year);
        await client.GetAsync(ResourceType.ConfigMap, "shop", "a", Cancellation);
        clock.Advance(TimeSpan.FromSeconds(0.8));
        await client.GetAsync(ResourceType.ConfigMap, "shop", "a", Cancellation);

        // The second answer was of the same second, and said nothing new.
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 800, TimeSpan.Zero), client.Now);
    }

    [Fact]
    public async Task Apply_WebhookStarts_TriesAgainUntilItIsThere()
    {
        var away = Json(500, new JsonObject
        {
            ["kind"] = "Status",
            ["message"] = "Internal error occurred: failed calling webhook \"a.b\": failed to call webhook: Post \"https://a.b.svc\": dial tcp 10.0.0.1:443: connect: connection refused",
        });
        var server = new ScriptedServer(away, away, Json(200, Config.DeepClone()));

        await server.Client().ApplyAsync(ResourceType.ConfigMap, Config, false, Cancellation);

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Get_ServerAlwaysCuts_GivesUpWithOneDiagnostic()
    {
        var server = new ScriptedServer([.. Enumerable.Repeat(Cut(), 20)]);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => server.Client().GetAsync(ResourceType.ConfigMap, "shop", "a", Cancellation));

        Assert.Equal("KUBEAPP8001", failure.Diagnostics[0].Code);
        Assert.Contains("Connection reset by peer", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_CredentialsRefused_IsADiagnosticAndNotTriedAgain()
    {
        var server = new ScriptedServer(Json(401, new JsonObject { ["kind"] = "Status", ["message"] = "Unauthorized" }));

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => server.Client().GetAsync(ResourceType.ConfigMap, "shop", "a", Cancellation));

        Assert.Equal("KUBEAPP8002", failure.Diagnostics[0].Code);
    }

    [Fact]
    public async Task Get_AnswerIsNotJson_SaysWhatAnswered()
    {
        var server = new ScriptedServer(Text(200, "<html>Log in</html>"));

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => server.Client().GetAsync(ResourceType.ConfigMap, "shop", "a", Cancellation));

        Assert.Equal("KUBEAPP8005", failure.Diagnostics[0].Code);
    }

    [Fact]
    public async Task Apply_StaleVersion_TriesAgain()
    {
        var server = new ScriptedServer(Recorded("update with stale resourceVersion"), Json(200, Config.DeepClone()));

        await server.Client().ApplyAsync(ResourceType.ConfigMap, Config, false, Cancellation);

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("apply by another manager, conflict", "KUBEAPP5002", ".data.b (conflict with \"one\")")]
    [InlineData("deployment, selector changed", "KUBEAPP5003", "spec.selector: ")]
    [InlineData("job, template changed", "KUBEAPP5003", "spec.template: ")]
    [InlineData("service over quota", "KUBEAPP5004", "exceeded quota: q")]
    [InlineData("create in terminating namespace", "KUBEAPP2004", "being terminated")]
    [InlineData("apply unknown field, strict", "KUBEAPP5001", "field not declared in schema")]
    [InlineData("deployment, several errors at once", "KUBEAPP5001", "spec.replicas")]
    public async Task Apply_RecordedRefusal_IsExplainedAndNotTriedAgain(string what, string code, string cause)
    {
        var server = new ScriptedServer(Recorded(what));

        var refusal = await Assert.ThrowsAsync<ApiException>(() => server.Client().ApplyAsync(ResourceType.ConfigMap, Config, false, Cancellation));

        var diagnostic = ApiDiagnostics.For(refusal, "ConfigMap shop/a");
        Assert.Equal(code, diagnostic.Code);
        Assert.Contains(cause, diagnostic.Cause, StringComparison.Ordinal);
        Assert.InRange(diagnostic.Cause.Length, 10, 700);
    }

    [Fact]
    public async Task Delete_OtherObjectHasTheName_LeavesIt()
    {
        var server = new ScriptedServer(Recorded("delete with uid precondition wrong"));

        Assert.False(await server.Client().DeleteAsync(ResourceType.ConfigMap, "rec", "a", "other", "Background", Cancellation));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Watch_CutThenTooOld_ResumesAndThenStartsOver()
    {
        var server = new ScriptedServer(
            List("10", "a"),
            Text(200, Change("MODIFIED", "a", "11") + "\n" + """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"15"}}}""" + "\n" + """{"type":"ADD"""),
            Recorded("watch from a version too old"),
            List("20", "a", "b"),
            Text(200, Change("DELETED", "b", "21") + "\n"));
        var seen = new List<string>();

        await foreach (var change in server.Client().WatchAsync(ResourceType.ConfigMap, "shop", null, Cancellation))
        {
            seen.Add(change switch
            {
                WatchChange.Listed listed => $"listed {listed.Items.Count}",
                WatchChange.Upserted upserted => $"upserted {upserted.Object["metadata"]!["name"]}",
                WatchChange.Removed removed => $"removed {removed.Object["metadata"]!["name"]}",
                _ => "",
            });
            if (seen[^1].StartsWith("removed", StringComparison.Ordinal))
                break;
        }

        Assert.Equal(["listed 1", "upserted a", "listed 2", "removed b"], seen);
        Assert.Contains("resourceVersion=15", server.Requests[2], StringComparison.Ordinal);
        Assert.Contains("resourceVersion=20", server.Requests[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ConnectionDiesWithoutAWord_BeginsAgainAfterTheTimeThatTheServerWasGiven()
    {
        var clock = new FakeTimeProvider();
        var server = new ScriptedServer(List("10", "a"), Silent(Change("MODIFIED", "a", "11")), Text(200, Change("MODIFIED", "a", "12") + "\n"));
        await using var changes = server.Client(clock).WatchAsync(ResourceType.ConfigMap, "shop", null, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await changes.MoveNextAsync() && changes.Current is WatchChange.Listed);
        Assert.True(await changes.MoveNextAsync());
        var next = changes.MoveNextAsync().AsTask();

        clock.Advance(TimeSpan.FromSeconds(314));
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        Assert.Equal("12", (string?)Assert.IsType<WatchChange.Upserted>(changes.Current).Object["metadata"]!["resourceVersion"]);
        Assert.Contains("timeoutSeconds=300&resourceVersion=11", server.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_NothingWasSaidBeforeTheConnectionDied_BeginsAgainAllTheSame()
    {
        var clock = new FakeTimeProvider();
        var server = new ScriptedServer(List("10", "a"), Silent(null), Text(200, Change("DELETED", "a", "11") + "\n"));
        await using var changes = server.Client(clock).WatchAsync(ResourceType.ConfigMap, "shop", null, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await changes.MoveNextAsync());
        var next = changes.MoveNextAsync().AsTask();

        for (var seconds = 0; seconds < 340 && !next.IsCompleted; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, Cancellation);
        }

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), Cancellation) && changes.Current is WatchChange.Removed);
    }

    // Of a refusal its status alone came: what it means nobody has said, and the next attempt tells.
    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task Watch_RefusalIsCut_BeginsAgain(int status)
    {
        var server = new ScriptedServer(List("10", "a"), CutBody(status), Text(200, Change("DELETED", "a", "11") + "\n"));
        await using var changes = server.Client().WatchAsync(ResourceType.ConfigMap, "shop", null, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await changes.MoveNextAsync());

        Assert.True(await changes.MoveNextAsync() && changes.Current is WatchChange.Removed);

        Assert.Contains("resourceVersion=10", server.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_RefusalIsNeverSaid_BeginsAgainAfterTheTimeOfARequest()
    {
        var clock = new FakeTimeProvider();
        var server = new ScriptedServer(List("10", "a"), Silent(null, 500), Text(200, Change("DELETED", "a", "11") + "\n"));
        await using var changes = server.Client(clock).WatchAsync(ResourceType.ConfigMap, "shop", null, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await changes.MoveNextAsync());
        var next = changes.MoveNextAsync().AsTask();

        for (var seconds = 0; seconds < 60 && !next.IsCompleted; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, Cancellation);
        }

        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20), Cancellation) && changes.Current is WatchChange.Removed);
    }

    [Fact]
    public async Task LogLines_RefusalIsCut_EndAsWhereTheConnectionIs()
    {
        var server = new ScriptedServer(CutBody(400));

        await foreach (var line in server.Client().LogLinesAsync("shop", "web-1", "web", true, false, null, Cancellation))
            Assert.Fail(line);

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task List_ServerForgetsItBetweenTwoPages_BeginsAgain()
    {
        var server = new ScriptedServer(Page("10", "p2", "a", "b"), Forgotten, Page("20", "p3", "a", "c"), List("20", "d"));

        var (items, version) = await server.Client().ListAsync(ResourceType.ConfigMap, "shop", "labelSelector=app", Cancellation);

        Assert.Equal(["a", "c", "d"], items.Select(item => (string?)item["metadata"]!["name"]));
        Assert.Equal("20", version);
        Assert.Equal(["&labelSelector=app", "&labelSelector=app&continue=p2", "&labelSelector=app", "&labelSelector=app&continue=p3"], server.Requests.Select(request => request.Split("limit=500")[1]));
    }

    [Fact]
    public async Task List_ServerForgetsItEachTime_GivesUp()
    {
        var server = new ScriptedServer([.. Enumerable.Repeat<Func<HttpRequestMessage, HttpResponseMessage>[]>([Page("10", "p2", "a"), Forgotten], 20).SelectMany(pair => pair)]);

        var refusal = await Assert.ThrowsAsync<ApiException>(() => server.Client().ListAsync(ResourceType.ConfigMap, "shop", null, Cancellation));

        Assert.Equal(System.Net.HttpStatusCode.Gone, refusal.Status);
        Assert.Equal(8, server.Requests.Count);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"group":"","version":"","kind":""}""")]
    public async Task Catalog_ResourceWithoutAKind_IsPassedOver(string kind)
    {
        // As a group that has nothing but subresources is told (kubernetes#118361).
        var answer = Text(200, $$"""
            {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[
             {"resource":"odd","responseKind":{{kind}},"scope":"Namespaced","subresources":[{"subresource":"status"}]},{"resource":"bare","scope":"Namespaced"},
             {"resource":"widgets","responseKind":{"group":"example.com","version":"v1","kind":"Widget"},"scope":"Namespaced"}]}]}]}
            """);
        using var client = new ScriptedServer(answer, answer).Client();
        var catalog = new ResourceCatalog(client);

        await catalog.RefreshAsync(["example.com/v1"], Cancellation);

        Assert.Equal("widgets", catalog.Find("example.com/v1", "Widget")?.Plural);
        Assert.Null(catalog.Find("example.com/v1", ""));
    }

    [Fact]
    public async Task Catalog_AggregatedDiscovery_FindsKindsInTwoRequests()
    {
        // In the order of the two requests, whichever comes first.
        var server = new ScriptedServer(Discovery, Discovery);
        using var client = server.Client();
        var catalog = new ResourceCatalog(client);

        await catalog.RefreshAsync(["apps/v1"], Cancellation);

        Assert.Equal(new ResourceType("apps", "v1", "Deployment", "deployments", true), catalog.Find("apps/v1", "Deployment"));
        Assert.Equal(ResourceType.ConfigMap, catalog.Find("v1", "ConfigMap"));
        Assert.Null(catalog.Find("v1", "Nosuch"));
        Assert.Equal(2, server.Requests.Count);
    }

    private static HttpResponseMessage Discovery(HttpRequestMessage request) =>
        Recorded(request.RequestUri!.AbsolutePath == "/api" ? "core, aggregated" : "api groups, aggregated")(request);

    private static Func<HttpRequestMessage, HttpResponseMessage> List(string version, params string[] names) => Json(200, new JsonObject
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = version },
        ["items"] = new JsonArray([.. names.Select(name => (JsonNode)new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name } })]),
    });

    private static Func<HttpRequestMessage, HttpResponseMessage> Page(string version, string next, params string[] names) => request =>
    {
        var body = (JsonObject)JsonNode.Parse(List(version, names)(request).Content.ReadAsStream(Cancellation))!;
        body["metadata"]!["continue"] = next;
        return Json(200, body)(request);
    };

    private static HttpResponseMessage Forgotten(HttpRequestMessage request) => Json(410, new JsonObject
    {
        ["kind"] = "Status",
        ["reason"] = "Expired",
        ["message"] = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
    })(request);

    /// <summary>An answer that says this and then nothing more, and does not end.</summary>
    /// <summary>An answer of which no more than its beginning comes.</summary>
    private static Func<HttpRequestMessage, HttpResponseMessage> CutBody(int status) => _ =>
    {
        var said = new System.IO.Pipelines.Pipe();
        said.Writer.WriteAsync("""{"kind":"Sta"""u8.ToArray(), Cancellation).AsTask().Wait(Cancellation);
        said.Writer.Complete(new IOException("Connection reset by peer"));
        return new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new StreamContent(said.Reader.AsStream()) };
    };

    private static Func<HttpRequestMessage, HttpResponseMessage> Silent(string? line, int status = 200) => _ =>
    {
        var said = new System.IO.Pipelines.Pipe();
        if (line is not null)
            said.Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(line + "\n"), Cancellation).AsTask().Wait(Cancellation);
        return new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new StreamContent(said.Reader.AsStream()) };
    };

    private static string Change(string type, string name, string version) =>
        $$$$"""{"type":"{{{{type}}}}","object":{"metadata":{"name":"{{{{name}}}}","uid":"{{{{name}}}}","resourceVersion":"{{{{version}}}}"}}}""";
}
