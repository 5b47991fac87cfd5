using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Tests.BlueGreen;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// An app of which each version needs every kind of write that a deploy can make: a migration, a check in the cluster, sizes, claims of a slot, ways from
/// outside, an object that is replaced, and one to which somebody has written with kubectl meanwhile.
/// </summary>
internal sealed class RichApp(SandboxCluster cluster, string name, string strategy)
{
    private static readonly ResourceType Budget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    private static readonly ResourceType[] Kinds =
    [
        ResourceType.ConfigMap, ResourceType.Service, ResourceType.Deployment, ResourceType.Job, ResourceType.Ingress, ResourceType.HorizontalPodAutoscaler, Budget,
        ResourceType.PersistentVolumeClaim,
    ];

    private static readonly string[] OfTheCluster = ["kube-root-ca.crt", Inventory.NameOf(""), "kubeapp-revision-"];

    private int _number;
    private Bundle _version = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Name => name;

    /// <summary>The first version, at a size that its autoscaler has given it.</summary>
    public async Task BeginAsync()
    {
        Next();
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync()).Outcome);
        if (strategy == "blueGreen")
            await cluster.Client.ApplyAsync(ResourceType.Deployment, Parse(
                $$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-blue","namespace":"{{name}}"},"spec":{"replicas":2} }"""), dryRun: false, Token, force: true, "autoscaler");
    }

    /// <summary>A new version is to be deployed, and somebody has written to what stands.</summary>
    public async Task RenewAsync()
    {
        await cluster.Client.SendAsync(
            HttpMethod.Patch, $"/api/v1/namespaces/{name}/configmaps/settings?fieldManager=kubectl-edit", Parse($$"""{"data":{"by-hand":"{{_number}}"} }"""), Token,
            "application/merge-patch+json");
        Next();
    }

    public Task<DeployResult> DeployAsync(ClusterConnection? connection = null, EventLog? log = null, bool resume = false) => new Deployer(connection ?? cluster.Connection, _ => null)
        .RunAsync(new DeployRequest(_version, "local") { Policy = new ApplyPolicy(ForceConflicts: true, Replace: true), Resume = resume }, log ?? new EventLog(), Token);

    public async Task<DeployResult> AbortAsync() => await new SlottedApp(cluster, name).AbortAsync();

    public async Task<Inventory> InventoryAsync() => Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, name, Inventory.NameOf(name), Token))!;

    /// <summary>The version stands, whole and alone: what the inventory lists, and nothing else.</summary>
    public async Task RequireStandsAsync(string at)
    {
        await RequireWholeAsync(at);
        var inventory = await InventoryAsync();
        Assert.True(inventory.OneWayJobs.Count(job => job.Name == $"migrate-{_number}") == 1, $"{at}: {string.Join(", ", inventory.OneWayJobs)}");
        var migration = (await cluster.Client.ListAsync(ResourceType.Pod, name, $"labelSelector=migration%3D{_number}", Token)).Items;
        Assert.True(migration.Count == 1, $"{at}: the migration ran {migration.Count} times.");
        var settings = await cluster.Client.GetAsync(ResourceType.ConfigMap, name, "settings", Token);
        Assert.True(settings!["data"]!.ToJsonString() == $$"""{"version":"{{_number}}"}""", $"{at}: {settings["data"]}");
        var web = Assert.Single((await cluster.Client.ListAsync(ResourceType.Deployment, name, null, Token)).Items);
        var arguments = (JsonArray)web["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!;
        Assert.True((string?)arguments[^1] == $"{_number}", $"{at}: {arguments}");
    }

    /// <summary>One version stands, whichever it is: what the inventory lists, and nothing else.</summary>
    public async Task RequireWholeAsync(string at)
    {
        var inventory = await InventoryAsync();
        Assert.True(inventory is { IsComplete: true, Rollout: null or { Phase: RolloutPhase.Steady } }, $"{at}: {inventory.Rollout?.Phase}");
        var lists = await Task.WhenAll(Kinds.Select(type => cluster.Client.ListAsync(type, name, null, Token)));
        var objects = lists.SelectMany(list => list.Items).Where(item => !OfTheCluster.Any(start => ((string)item["metadata"]!["name"]!).StartsWith(start, StringComparison.Ordinal))).ToList();
        var stands = objects.Where(item => item["metadata"]!["deletionTimestamp"] is null).ToDictionary(item => $"{item["kind"]} {item["metadata"]!["name"]}", item => (string?)item["metadata"]!["uid"]);
        // What a run that was killed has made is known by its name.
        var known = inventory.Items.ToDictionary(item => $"{item.Id.Kind} {item.Id.Name}", item => item.Uid);
        var wrong = known.Where(item => !stands.TryGetValue(item.Key, out var uid) || (item.Value is not null && item.Value != uid)).Select(item => item.Key)
            .Concat(stands.Keys.Except(known.Keys)).ToList();
        Assert.True(wrong.Count == 0, $"{at}: {string.Join(", ", wrong)}; there is {string.Join(", ", stands.Keys)}");
        // What serves is scaled as its autoscaler wants it again.
        var autoscaler = Assert.Single(objects, item => (string?)item["kind"] == "HorizontalPodAutoscaler");
        Assert.True((string?)autoscaler["spec"]!["behavior"]?["scaleDown"]?["selectPolicy"] != "Disabled", $"{at}: {autoscaler["spec"]}");
        var revisions = await new RevisionStore(cluster.Client).ListAsync(name, name, Token);
        Assert.True(
            revisions[^1].State.Outcome == RevisionOutcome.Aborted || RevisionRules.Settled(revisions[^1], inventory) == RevisionOutcome.Deployed, $"{at}: {revisions[^1].State}");
    }

    public async Task RequireUnlockedAsync(string at) =>
        Assert.True(await cluster.Client.GetAsync(ResourceType.Lease, name, LockLease.NameOf(name), Token) is null, $"{at}: the lock stands.");

    private void Next()
    {
        _number++;
        _version = Bundle(name, TimeSpan.FromMinutes(1), Objects()).Deployed(strategy).KeepingOld(TimeSpan.Zero).AtOnce()
            .Checked(new BundleCheck("job", "job probe", TimeSpan.FromMinutes(1)) { Job = "probe" });
    }

    private (string Phase, JsonObject Content)[] Objects()
    {
        var web = cluster.Web(1, null, null, "sleep", $"{_number}");
        var spec = (JsonObject)web.Content["spec"]!;
        spec.Remove("replicas");
        var pod = (JsonObject)spec["template"]!["spec"]!;
        ((JsonObject)pod["containers"]![0]!).Remove("readinessProbe");
        pod["volumes"] = JsonNode.Parse("""[{"name":"pages","persistentVolumeClaim":{"claimName":"pages"} }]""");
        return
        [
            ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"version":"{{_number}}"} }""")),
            ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fixed"},"immutable":true,"data":{"version":"{{_number}}"} }""")),
            ("main", Parse($$"""
                {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"pages","annotations":{"{{BundleConventions.PerSlot}}":"true"} },
                 "spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Mi"} } } }
                """)),
            Job("before", $"migrate-{_number}", $$"""{"{{BundleConventions.OneWay}}":"true"}"""),
            Job("check", "probe", "{}"),
            WebService,
            ("main", Parse($$"""
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"public-{{_number}}"},"spec":{"type":"LoadBalancer","selector":{"app":"web"},"ports":[{"port":80,"targetPort":"http"}]} }
                """)),
            web,
            ("main", Parse($$"""
                {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"shop-{{_number}}"},"spec":{"rules":[
                 {"host":"shop.example","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"name":"http"} } } }]} }]} }
                """)),
            ("main", Parse("""
                {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
                 "spec":{"minReplicas":1,"maxReplicas":4,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
                 "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70} } }]} }
                """)),
            ("main", Parse("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"} } } }""")),
        ];
    }

    private (string Phase, JsonObject Content) Job(string phase, string job, string annotations)
    {
        var (_, content) = cluster.Migration("exit", "0");
        (content["metadata"]!["name"], content["metadata"]!["annotations"]) = (job, Parse(annotations));
        content["spec"]!["template"]!["metadata"] = Parse($$"""{"labels":{"{{(phase == "before" ? "migration" : "probe")}}":"{{_number}}"} }""");
        return (phase, content);
    }
}
