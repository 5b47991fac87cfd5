using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Targets;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>An app whose Deployment <c>web</c> stands in slots, on a real cluster.</summary>
internal sealed class SlottedApp(SandboxCluster cluster, string name)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The way on which it is deployed.</summary>
    public ClusterConnection Connection { get; init; } = cluster.Connection;

    /// <summary>Ends what is run.</summary>
    public CancellationToken Cancellation { get; init; } = Token;

    /// <summary>A version of it. What it is to do is said as a pod's arguments are.</summary>
    public Bundle Version(params string[] arguments) => Version([WebService, cluster.Web(1, null, null, arguments)]);

    public Bundle Version((string Phase, JsonObject Content)[] objects) => Bundle(name, TimeSpan.FromMinutes(1), objects).Deployed("blueGreen").KeepingOld(TimeSpan.Zero);

    /// <summary>A version to which two Services lead and of which no pod runs, where only what is written counts. None can run: its image is nowhere.</summary>
    public Bundle Resting(string version, int replicas = 0) => Version([Config("settings"), WebService, Admin, ("main", Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":{{replicas}},
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{version}}"}]} } } }
        """))]);

    /// <summary>Another Service that leads to it.</summary>
    public static (string Phase, JsonObject Content) Admin => ("main", Parse(
        """{"apiVersion":"v1","kind":"Service","metadata":{"name":"admin"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":8080,"targetPort":"http"}]}}"""));

    public static ResourceType Autoscaler { get; } = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);

    public static ResourceType Budget { get; } = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    /// <summary>The objects of a version whose size an autoscaler decides, with a disruption budget.</summary>
    public (string Phase, JsonObject Content)[] Scaled(string version)
    {
        var web = cluster.Web(1, null, null, "serve", version);
        ((JsonObject)web.Content["spec"]!).Remove("replicas");
        return
        [
            WebService, web,
            ("main", Parse("""
                {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
                 "spec":{"minReplicas":1,"maxReplicas":4,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
                 "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70} } }]} }
                """)),
            ("main", Parse("""
                {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"} } } }
                """)),
        ];
    }

    public Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, bool? hold = null, bool soak = true, bool resume = false, ApplyPolicy? policy = null) => new Deployer(Connection, _ => null)
        .RunAsync(new DeployRequest(bundle, "local") { Hold = hold, Soak = soak, Resume = resume, Policy = policy ?? new ApplyPolicy() }, log ?? new EventLog(), Cancellation);

    public async Task<DeployResult> PromoteAsync(EventLog? log = null) =>
        await new SlotOperations(Connection, _ => null, log ?? new EventLog()).PromoteAsync(await InventoryAsync(), new SlotOptions(), Cancellation);

    public async Task<DeployResult> AbortAsync(EventLog? log = null) =>
        await new SlotOperations(Connection, _ => null, log ?? new EventLog()).AbortAsync(await InventoryAsync(), new SlotOptions(), Cancellation);

    /// <summary>Returns to a revision; null takes the one before.</summary>
    public async Task<DeployResult> RollBackAsync(int? number)
    {
        var target = await Rollback.FindTargetAsync(Connection.Client, await InventoryAsync(), number, Token);
        return await new Deployer(Connection, _ => null).RunAsync(Rollback.To(target, new Author("tester")), new EventLog(), Cancellation);
    }

    public async Task<Inventory> InventoryAsync() =>
        Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, name, Inventory.NameOf(name), Token))!;

    /// <summary>What belongs to its versions and what leads there: workloads and pods by UID, Services by what they select.</summary>
    public async Task<IReadOnlyList<string>> ObjectsAsync()
    {
        var found = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Service, ResourceType.Pod])
            found.AddRange((await cluster.Client.ListAsync(type, name, null, Token)).Items.Select(item =>
                $"{type.Kind} {item["metadata"]!["name"]} {(type == ResourceType.Service ? Selector.Of(item["spec"]?["selector"]) : item["metadata"]!["uid"])}"));
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>This resting version stands, whole and alone; its Services lead to it, and the inventory lists just what there is.</summary>
    public async Task RequireAloneAsync(Bundle version, string at)
    {
        var environment = version.Environments[0];
        var contents = environment.Objects.Select(item => item.Content).ToLookup(item => (string)item["kind"]!);
        var deployment = Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, name, null, Token)).Items);
        Assert.True(ImageOf(deployment) == ImageOf(contents["Deployment"].Single()), $"{at}: {ImageOf(deployment)}");
        var slot = Slots.Parse((string?)deployment["metadata"]!["labels"]?[Slots.Label]);
        Assert.True((environment.Strategy.Kind == "rolling") == (slot is null), at);
        var services = (await cluster.Client.ListAsync(ResourceType.Service, name, null, Token)).Items;
        foreach (var service in services.Where(item => contents["Service"].Any(wanted => (string?)wanted["metadata"]!["name"] == (string?)item["metadata"]!["name"])))
            Assert.True($"{Selector.Of(service["spec"]!["selector"])}" == (slot is { } known ? $"app=web,{Slots.Label}={known.Word()}" : "app=web"), $"{at}: {service["spec"]!["selector"]}");

        var inventory = await InventoryAsync();
        Assert.True(inventory is { IsComplete: true, Rollout: null or { Phase: RolloutPhase.Steady } }, at);
        var items = inventory.Items.Select(item => (item.Id.Kind, item.Id.Name, item.Uid)).Order().ToList();
        var settings = await cluster.Client.GetAsync(ResourceType.ConfigMap, name, "settings", Token);
        var stands = services.Append(deployment).Append(settings!).Select(item => ((string)item["kind"]!, (string)item["metadata"]!["name"]!, (string?)item["metadata"]!["uid"])).Order().ToList();
        Assert.True(stands.SequenceEqual(items), $"{at}: there are {string.Join(' ', stands)}, known are {string.Join(' ', items)}");
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(version)).Outcome);
    }

    private static string ImageOf(JsonObject deployment) => (string)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!;
}

internal static class SlottedBundles
{
    /// <summary>With another strategy.</summary>
    public static Bundle Deployed(this Bundle bundle, string strategy) => bundle.With(item => item with { Strategy = item.Strategy with { Kind = strategy } });

    public static Bundle Checked(this Bundle bundle, params BundleCheck[] checks) => bundle.With(item => item with { Checks = checks });

    public static Bundle KeepingOld(this Bundle bundle, TimeSpan time) => bundle.With(item => item with { Strategy = item.Strategy with { KeepOld = time } });

    /// <summary>The specification says that a person promotes.</summary>
    public static Bundle HeldByStrategy(this Bundle bundle) => bundle.With(item => item with { Strategy = item.Strategy with { AutoPromote = false } });

    /// <summary>Pods count as soon as they run.</summary>
    public static Bundle AtOnce(this Bundle bundle) => bundle.With(item => item with { Strategy = item.Strategy with { StabilityWindow = TimeSpan.Zero } });

    private static Bundle With(this Bundle bundle, Func<BundleEnvironment, BundleEnvironment> change) => bundle with { Environments = [.. bundle.Environments.Select(change)] };
}
