using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;
using static KubeApps.Deploy.Tests.ScriptedServer;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>An API server that goes down while a rollout is watched.</summary>
public sealed class ServerRestartTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
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
        var restarted = new List<string>();
        // While it looks and asks what the server would store.
        var restart = Task.Run(cluster.RestartAsync, Token);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is not DeployEvent.StepStarted { StepId: "lock" or "intend" or "workloads" or "checks" or "record" } step)
                    return;
                restart.Wait(Token);
                restarted.Add(step.StepId);
                restart = Task.Run(cluster.RestartAsync, Token);
            },
        };

        var result = await Task.Run(() => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log, Token), Token);

        await restart;
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("; ", result.Diagnostics));
        Assert.Equal(["lock", "intend", "workloads", "checks", "record"], restarted);
        Assert.Equal(DeployOutcome.Unchanged, (await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token)).Outcome);
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
}
