using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>How many requests a deploy of many objects sends.</summary>
public sealed class RequestCountTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const int Objects = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_OfNewObjects_AsksTwiceForEachAndWritesEachOnce()
    {
        // Into a namespace that is there, as most deploys are.
        await DeployAsync("many-new", 1);

        var requests = await DeployAsync("many-new", Objects);

        Assert.Equal(Objects - 1, requests.Count(request => request.StartsWith("PATCH", StringComparison.Ordinal) && IsObject(request) && !IsDryRun(request)));
        Assert.Equal(Objects, requests.Count(request => IsDryRun(request) && IsObject(request)));
        Assert.DoesNotContain(requests, request => request.StartsWith("GET", StringComparison.Ordinal) && IsObject(request) && !IsFirst(request));
    }

    [Fact]
    public async Task Deploy_OfUnchangedObjects_AsksOnceForEachAndWritesNothing()
    {
        await DeployAsync("many-same", Objects);

        var requests = await DeployAsync("many-same", Objects);

        Assert.Equal(Objects, requests.Count(request => IsDryRun(request) && IsObject(request)));
        Assert.DoesNotContain(requests, request => !request.StartsWith("GET", StringComparison.Ordinal) && !IsDryRun(request));
        // Besides: discovery, inventory, revisions, and one list for each kind.
        Assert.InRange(requests.Count, Objects, Objects + 15);
    }

    [Fact]
    public async Task Deploy_OfSomeChangedObjects_WritesThoseAloneAndWatchesByKind()
    {
        await DeployAsync("many-changed", Objects);

        var requests = await DeployAsync("many-changed", Objects, value: index => index < 5 ? "other" : "value");

        Assert.Equal(Objects, requests.Count(request => IsDryRun(request) && IsObject(request)));
        Assert.Equal(5, requests.Count(request => request.StartsWith("PATCH", StringComparison.Ordinal) && IsObject(request) && !IsDryRun(request)));
        // Besides, what a deploy that writes does once: permissions, quotas, the lock, the revision, the inventory.
        Assert.InRange(requests.Count, Objects + 5, Objects + 5 + 30);
        Assert.DoesNotContain(requests, request => request.Contains("watch=true", StringComparison.Ordinal) && request.Contains("fieldSelector", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_OfManyServices_ReadsTheirAddressesAtOnce()
    {
        (string, JsonObject)[] services =
        [
            .. Enumerable.Range(0, 10).Select(index => ("main", Parse($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"service-{{index}}"},"spec":{"selector":{"app":"none"},"ports":[{"port":80}]} }"""))),
        ];

        var requests = await DeployAsync("many-services", services);

        Assert.DoesNotContain(requests, request => request.StartsWith("GET", StringComparison.Ordinal) && request.Contains("/services/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_ThatMayNotListObjects_AsksForEachByName()
    {
        await DeployAsync("many-named", Objects);

        var requests = await DeployAsync("many-named", Objects, request => request.RequestUri!.Query.Contains("part-of", StringComparison.Ordinal));

        Assert.Equal(Objects, requests.Count(request => request.StartsWith("GET", StringComparison.Ordinal) && IsObject(request)));
        Assert.DoesNotContain(requests, request => !request.StartsWith("GET", StringComparison.Ordinal) && !IsDryRun(request));
    }

    private Task<IReadOnlyCollection<string>> DeployAsync(
        string app, int objects, Func<HttpRequestMessage, bool>? forbids = null, Func<int, string>? value = null) => DeployAsync(
        app,
        [
            .. Enumerable.Range(0, objects).Select(index => ("main", Parse(
                $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"counted-{{index}}"},"data":{"key":"{{value?.Invoke(index) ?? "value"}}"} }"""))),
        ],
        forbids);

    private async Task<IReadOnlyCollection<string>> DeployAsync(
        string app, (string, JsonObject)[] content, Func<HttpRequestMessage, bool>? forbids = null)
    {
        var requests = new ConcurrentQueue<string>();
        using var connection = cluster.Connect(TimeProvider.System, new Counted(requests, forbids ?? (_ => false)));
        var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(Bundle(app, TimeSpan.FromMinutes(2), content), "local"), new EventLog(), Token);
        Assert.True(result.ExitCode == ExitCodes.Done, string.Join('\n', result.Diagnostics));
        return requests;
    }

    private static bool IsObject(string request) => request.Contains("/configmaps/counted-", StringComparison.Ordinal);

    private static bool IsFirst(string request) => request.EndsWith("/counted-0", StringComparison.Ordinal);

    private static bool IsDryRun(string request) => request.Contains("dryRun=All", StringComparison.Ordinal);

    private sealed class Counted(ConcurrentQueue<string> requests, Func<HttpRequestMessage, bool> forbids) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
            return forbids(request)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden) { Content = new StringContent("""{"kind":"Status","status":"Failure","message":"forbidden","reason":"Forbidden","code":403}""") })
                : base.SendAsync(request, cancellationToken);
        }
    }
}
