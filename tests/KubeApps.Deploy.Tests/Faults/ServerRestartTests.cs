using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Tests.BlueGreen;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>An API server that goes down while a rollout is watched.</summary>
public sealed class ServerRestartTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // As long as a restart takes.
    private static readonly TimeSpan KeepOld = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ServerRestartsDuringTheRollout_GoesOnWatching()
    {
        cluster.RequireSandbox();
        var bundle = Bundle("restarted", TimeSpan.FromMinutes(3), cluster.Web(1), WebService);
        // Long enough for the restart to come in the middle, however fast the pod is.
        bundle = bundle with { Environments = [bundle.Environments[0] with { Strategy = bundle.Environments[0].Strategy with { StabilityWindow = TimeSpan.FromSeconds(5) } }] };
        Task? restart = null;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.RolloutProgress)
                    restart ??= Task.Run(cluster.RestartAsync, Token);
            },
        };

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log, Token);

        Assert.NotNull(restart);
        await restart;
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("; ", result.Diagnostics));
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-", await http.GetStringAsync(cluster.Reach(result.Urls), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_ServerRestartsInEachPhase_EndsWell()
    {
        cluster.RequireSandbox();
        var bundle = Bundle("phases", TimeSpan.FromMinutes(3), Config("settings"), cluster.Web(1), WebService);
        var check = new BundleCheck("http", "http web/", TimeSpan.FromMinutes(1)) { Service = "web", Port = "http", Path = "/" };
        bundle = bundle with { Environments = [bundle.Environments[0] with { Checks = [check] }] };
        await using var restarts = new Restarts(cluster, "lock", "intend", "workloads", "checks", "record");
        // While it looks and asks what the server would store, too.
        restarts.Begin();

        var result = await Task.Run(() => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), restarts.Log, Token), Token);

        await restarts.RequireAllAsync();
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("; ", result.Diagnostics));
        Assert.Equal(DeployOutcome.Unchanged, (await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token)).Outcome);
    }

    [Fact]
    public async Task Deploy_BlueGreenServerRestartsInTheSwitchAndAfter_EndsWell()
    {
        cluster.RequireSandbox();
        var app = new SlottedApp(cluster, "switched");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
        var second = app.Resting("2").KeepingOld(KeepOld);
        await using var restarts = new Restarts(cluster, "switch", "soak", "retire");

        var result = await Task.Run(() => app.DeployAsync(second, restarts.Log), Token);

        await restarts.RequireAllAsync();
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("; ", result.Diagnostics));
        await app.RequireAloneAsync(second, "deploy");
    }

    [Fact]
    public async Task PromoteAndAbort_ServerRestartsInEachPhase_EndWell()
    {
        cluster.RequireSandbox();
        var app = new SlottedApp(cluster, "held");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("1"))).Outcome);
        var second = app.Resting("2").KeepingOld(KeepOld);
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(second, hold: true)).Outcome);
        await using var promoting = new Restarts(cluster, "rollout", "switch", "retire");

        var promoted = await Task.Run(() => app.PromoteAsync(promoting.Log), Token);

        await promoting.RequireAllAsync();
        Assert.True(promoted.Outcome == DeployOutcome.Deployed, string.Join("; ", promoted.Diagnostics));
        await app.RequireAloneAsync(second, "promote");

        // Of a version that serves already: the Services return.
        await app.DeployAsync(app.Resting("3").KeepingOld(TimeSpan.FromHours(1)), soak: false);
        await using var aborting = new Restarts(cluster, "return", "remove");

        var aborted = await Task.Run(() => app.AbortAsync(aborting.Log), Token);

        await aborting.RequireAllAsync();
        Assert.True(aborted.Outcome == DeployOutcome.Aborted, string.Join("; ", aborted.Diagnostics));
        await app.RequireAloneAsync(second, "abort");
    }

    [Fact]
    public async Task Watch_ChangesArriveTwice_CountOnce()
    {
        var server = new ScriptedServer(
        [
            Json(200, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "10" }, ["items"] = new JsonArray(Item("a", "9"), Item("b", "9")) }),
            Text(200, string.Join('\n', Change("MODIFIED", "a", "11"), Change("MODIFIED", "a", "11"), Change("ADDED", "c", "12"), Change("ADDED", "c", "12"), Change("DELETED", "b", "13"), Change("DELETED", "b", "13")) + "\n"),
            .. Enumerable.Repeat(Cut(), 100),
        ]);
        await using var watch = new NamespaceWatch(server.Client(), "shop", [ResourceType.ConfigMap], Token);

        while (!watch.Of(ResourceType.ConfigMap).Any(item => (string?)item["metadata"]!["name"] == "c") || watch.Of(ResourceType.ConfigMap).Count > 2)
            await watch.NextAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Token);

        Assert.Equal(["a 11", "c 12"], watch.Of(ResourceType.ConfigMap).Select(item => $"{item["metadata"]!["name"]} {item["metadata"]!["resourceVersion"]}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Watch_KindThatTheRoleMayNotRead_CountsAsEmptyOnlyWhereItIsOptional()
    {
        static HttpResponseMessage Forbidden(HttpRequestMessage request) => Json(403, new JsonObject
        {
            ["kind"] = "Status",
            ["reason"] = "Forbidden",
            ["message"] = "persistentvolumeclaims is forbidden",
        })(request);
        await using var watch = new NamespaceWatch(
            new ScriptedServer(Forbidden).Client(), "shop", [ResourceType.PersistentVolumeClaim], Token, optional: new HashSet<ResourceType> { ResourceType.PersistentVolumeClaim });
        await watch.NextAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Token);

        Assert.True(watch.IsUnreadable(ResourceType.PersistentVolumeClaim));
        await using var needed = new NamespaceWatch(new ScriptedServer(Forbidden).Client(), "shop", [ResourceType.Pod], Token);
        await Assert.ThrowsAsync<ApiException>(() => needed.NextAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Token));
    }

    private static JsonObject Item(string name, string version) =>
        new() { ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name, ["resourceVersion"] = version } };

    private static string Change(string type, string name, string version) => new JsonObject { ["type"] = type, ["object"] = Item(name, version) }.ToJsonString();

    /// <summary>Restarts the server at the beginning of steps, while each goes on.</summary>
    private sealed class Restarts : IAsyncDisposable
    {
        private readonly SandboxCluster _cluster;
        private readonly string[] _steps;
        private readonly List<string> _restarted = [];
        private Task _restart = Task.CompletedTask;

        public Restarts(SandboxCluster cluster, params string[] steps)
        {
            (_cluster, _steps) = (cluster, steps);
            Log = new EventLog
            {
                OnEvent = item =>
                {
                    if (item is not DeployEvent.StepStarted step || !steps.Contains(step.StepId))
                        return;
                    _restart.Wait(Token);
                    _restarted.Add(step.StepId);
                    Begin();
                },
            };
        }

        public EventLog Log { get; }

        public void Begin() => _restart = Task.Run(_cluster.RestartAsync, Token);

        public async Task RequireAllAsync()
        {
            await _restart;
            Assert.Equal(_steps, _restarted);
        }

        // Also where the run under test failed: the next test needs the server.
        public async ValueTask DisposeAsync() => await _restart;
    }
}
