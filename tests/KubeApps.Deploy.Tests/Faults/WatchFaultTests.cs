using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.BlueGreen;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>Watches that end, and lists that are out of date, while a rollout is waited for.</summary>
public sealed class WatchFaultTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WatchFault.EndsAtOnce)]
    [InlineData(WatchFault.TooOld)]
    [InlineData(WatchFault.Refused)]
    [InlineData(WatchFault.Throttled)]
    [InlineData(WatchFault.EndsInTheMiddle)]
    public async Task Deploy_EveryWatchFailsTwice_SeesTheRolloutNevertheless(WatchFault fault)
    {
        var app = $"watch-{fault}".ToLowerInvariant();
        var line = new FaultyWatches(fault);
        using var connection = cluster.Connect(TimeProvider.System, line);

        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, Patience, cluster.Web(2), WebService), "local"), new EventLog(), Token);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(line.Failed >= 4, $"{line.Failed} watches failed.");
    }

    [Fact]
    public async Task Deploy_ListsAreOutOfDate_WaitsForTheNewVersionNotTheOld()
    {
        var line = new StaleLists();
        using var connection = cluster.Connect(TimeProvider.System, line);
        var deployer = new Deployer(connection, _ => null);
        await deployer.RunAsync(new DeployRequest(Bundle("stale", Patience, Config("one"), cluster.Web(1, "one"), WebService), "local"), new EventLog(), Token);
        line.IsStale = true;

        // What the lists say is a rollout that is done.
        var result = await deployer.RunAsync(
            new DeployRequest(Bundle("stale", Patience, Config("two"), cluster.Web(1, "two"), WebService), "local"), new EventLog(), Token);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(line.Answered >= 3, $"{line.Answered} lists were out of date.");
        var (pods, _) = await cluster.Client.ListAsync(ResourceType.Pod, "stale", null, Token);
        var names = pods.Where(pod => pod["metadata"]!["deletionTimestamp"] is null)
            .Select(pod => (string?)pod["spec"]!["containers"]![0]!["env"]![0]!["valueFrom"]!["configMapKeyRef"]!["name"]);
        Assert.Equal(["two"], names);
    }

    [Theory]
    [InlineData(WatchFault.TooOld)]
    [InlineData(WatchFault.EndsInTheMiddle)]
    public async Task Deploy_IntoASlotEveryWatchFailsTwice_SwitchesAndDeletesTheOldOne(WatchFault fault)
    {
        var name = $"slot-{fault}".ToLowerInvariant();
        var app = new SlottedApp(cluster, name);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version("serve", "one"))).Outcome);
        var line = new FaultyWatches(fault);
        using var connection = cluster.Connect(TimeProvider.System, line);

        var result = await new SlottedApp(cluster, name) { Connection = connection }.DeployAsync(app.Version("serve", "two"));

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(line.Failed >= 4, $"{line.Failed} watches failed.");
        await RequireAloneAsync(name, "green", "two");
    }

    // Green was taken back a moment ago, and the lists still say that it serves, with all its pods.
    [Fact]
    public async Task Deploy_IntoASlotThatListsSayIsFull_SwitchesToTheNewPods()
    {
        const string Name = "stale-slot";
        var app = new SlottedApp(cluster, Name);
        var line = new StaleLists();
        using var connection = cluster.Connect(TimeProvider.System, line);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version("serve", "one"))).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version("serve", "two").KeepingOld(TimeSpan.FromHours(1)), soak: false)).Outcome);
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Pod])
            await connection.Client.ListAsync(type, Name, null, Token);
        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        line.IsStale = true;

        var result = await new SlottedApp(cluster, Name) { Connection = connection }.DeployAsync(app.Version("serve", "three"));

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(line.Answered >= 3, $"{line.Answered} lists were out of date.");
        await RequireAloneAsync(Name, "green", "three");
    }

    /// <summary>One slot stands, with the pods of this version, and is what the Service leads to.</summary>
    private async Task RequireAloneAsync(string ns, string slot, string version)
    {
        var (deployments, _) = await cluster.Client.ListAsync(ResourceType.Deployment, ns, null, Token);
        Assert.Equal([$"web-{slot}"], deployments.Select(item => (string?)item["metadata"]!["name"]));
        var service = await cluster.Client.GetAsync(ResourceType.Service, ns, "web", Token);
        Assert.Equal(slot, (string?)service!["spec"]!["selector"]![Slots.Label]);
        var (pods, _) = await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token);
        Assert.Equal([version], pods.Where(pod => pod["metadata"]!["deletionTimestamp"] is null).Select(pod => (string?)((JsonArray)pod["spec"]!["containers"]![0]!["args"]!)[^1]));
    }

    /// <summary>How a watch fails.</summary>
    public enum WatchFault
    {
        EndsAtOnce,
        TooOld,
        Refused,
        Throttled,
        EndsInTheMiddle,
    }

    private static bool IsWatch(HttpRequestMessage request) => request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);

    /// <summary>Spoils the first two watches of each kind.</summary>
    private sealed class FaultyWatches(WatchFault fault) : DelegatingHandler
    {
        private readonly ConcurrentDictionary<string, int> _seen = [];
        private int _failed;

        public int Failed => _failed;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!IsWatch(request) || _seen.AddOrUpdate(request.RequestUri!.AbsolutePath, 1, (_, count) => count + 1) > 2)
                return await base.SendAsync(request, cancellationToken);
            Interlocked.Increment(ref _failed);
            return fault switch
            {
                WatchFault.EndsAtOnce => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("") },
                WatchFault.TooOld => new HttpResponseMessage(HttpStatusCode.OK)
                {
                    Content = new StringContent("""{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","message":"too old resource version","code":410}}""" + "\n"),
                },
                WatchFault.Refused => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("apiserver not ready") },
                WatchFault.Throttled => new HttpResponseMessage(HttpStatusCode.TooManyRequests)
                {
                    Content = new StringContent("too many requests"),
                    Headers = { { "Retry-After", "1" } },
                },
                _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"type":"MODIFIED","object":{"kind":"Po""") },
            };
        }
    }

    /// <summary>Answers each list once more as it was at the first time.</summary>
    private sealed class StaleLists : DelegatingHandler
    {
        private readonly ConcurrentDictionary<string, string> _first = [];
        private int _answered;

        public volatile bool IsStale;

        public int Answered => _answered;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var isList = request.Method == HttpMethod.Get && !IsWatch(request) && path.Split('/')[^1] is "deployments" or "replicasets" or "pods";
            if (isList && IsStale && _first.TryRemove(path, out var stale))
            {
                Interlocked.Increment(ref _answered);
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(stale) };
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (!isList || IsStale)
                return response;
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            _first[path] = text;
            response.Content = new StringContent(text);
            return response;
        }
    }
}
