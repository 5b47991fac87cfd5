using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Tests.Pods;

public sealed class PodEnvironmentTests
{
    [Fact]
    public async Task Environment_FromAllItsSources_IsComposedAsTheKubeletDoes()
    {
        await using var node = new TestNode();
        node.CreateConfigMap("cfg", ("COLOR", "red"), ("SIZE", "big"));
        node.CreateSecret("sec", ("PASSWORD", "s3cret"));
        node.Cluster.Create(ResourceTypes.Service, JsonNode.Parse("""
            {"metadata": {"name": "my-db", "namespace": "test", "annotations": {"sandbox.kubeapps.dev/ports": "{\"5432\":30123}"}},
             "spec": {"clusterIP": "10.96.0.9", "ports": [{"name": "sql", "port": 5432, "protocol": "TCP"}]}}
            """)!.AsObject(), "test");

        var log = await PrintAsync(node, """
            {"envFrom": [{"configMapRef": {"name": "cfg"}}, {"prefix": "SEC_", "secretRef": {"name": "sec"}}, {"secretRef": {"name": "none", "optional": true}}],
             "env": [{"name": "SIZE", "value": "small"},
                     {"name": "BOTH", "value": "$(COLOR)-$(SIZE)-$(MY_DB_SERVICE_PORT)-$(UNKNOWN)-$$(COLOR)"},
                     {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "COLOR"}}},
                     {"name": "SECRET", "valueFrom": {"secretKeyRef": {"name": "sec", "key": "PASSWORD"}}},
                     {"name": "MAYBE", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "none", "optional": true}}},
                     {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                     {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
                     {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}}],
             "resources": {"limits": {"cpu": "1500m", "memory": "256Mi"}}}
            """, "FROM_IMAGE", "COLOR", "SIZE", "SEC_PASSWORD", "BOTH", "KEY", "SECRET", "MAYBE", "ME", "CPU", "MEMORY", "MY_DB_SERVICE_HOST", "MY_DB_SERVICE_PORT_SQL");

        Assert.Equal(
            """
            FROM_IMAGE=yes
            COLOR=red
            SIZE=small
            SEC_PASSWORD=s3cret
            BOTH=red-small-30123-$(UNKNOWN)-$(COLOR)
            KEY=red
            SECRET=s3cret
            MAYBE=
            ME=pod
            CPU=1500
            MEMORY=256
            MY_DB_SERVICE_HOST=127.0.0.1
            MY_DB_SERVICE_PORT_SQL=30123

            """, log);
    }

    [Fact]
    public async Task Ports_AreGivenToTheProcessInEachOfItsWays()
    {
        await using var node = new TestNode();

        var log = await PrintAsync(
            node, """{"ports": [{"containerPort": 8080}, {"containerPort": 9090}], "env": [{"name": "ASPNETCORE_URLS", "value": "http://+:9090;http://+:8080"}]}""",
            "PORT", "KUBEAPPS_PORT_8080", "KUBEAPPS_PORT_9090", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS");

        var (web, metrics) = (TestNode.HostPort(node.Pod("pod"), 8080), TestNode.HostPort(node.Pod("pod"), 9090));
        Assert.Equal(
            $"PORT={web}\nKUBEAPPS_PORT_8080={web}\nKUBEAPPS_PORT_9090={metrics}\n"
            + $"ASPNETCORE_URLS=http://127.0.0.1:{metrics};http://127.0.0.1:{web}\nASPNETCORE_HTTP_PORTS=\n", log);
        Assert.InRange(web, 20_000, 29_999);
    }

    [Fact]
    public async Task Volumes_OfConfigAndSecret_AreFilesThatTheAppFindsByAbsoluteAndRelativePath()
    {
        await using var node = new TestNode();
        node.CreateConfigMap("cfg", ("app.json", "{}"), ("other", "no"));
        node.CreateSecret("sec", ("password", "s3cret"));
        var container = node.Container("cat", "config/app.json", "/etc/secret/password", "/etc/info/labels", "/etc/one.json");
        container["volumeMounts"] = JsonNode.Parse("""
            [{"name": "config", "mountPath": "/app/config"}, {"name": "secret", "mountPath": "/etc/secret", "readOnly": true},
             {"name": "info", "mountPath": "/etc/info"}, {"name": "config", "mountPath": "/etc/one.json", "subPath": "app.json"}]
            """);
        var created = node.Create("pod", container, spec =>
        {
            spec["restartPolicy"] = "Never";
            spec["volumes"] = JsonNode.Parse("""
                [{"name": "config", "configMap": {"name": "cfg", "items": [{"key": "app.json", "path": "app.json"}]}},
                 {"name": "secret", "secret": {"secretName": "sec", "defaultMode": 256}},
                 {"name": "info", "projected": {"sources": [{"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.name"}}]}}]}}]
                """);
        });

        var pod = await node.WhenAsync("pod", pod => TestNode.Status(pod)["state"]!["terminated"] is not null);

        Assert.Equal("{}\ns3cret\npod\n{}\n", await node.LogAsync(pod));
        var volumes = Path.Combine(node.Folder, "pods", (string)created["metadata"]!["uid"]!, "volumes");
        Assert.Equal(["app.json"], Directory.EnumerateFiles(Path.Combine(volumes, "config")).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(volumes, "secret", "password")));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(volumes)!));
        }
    }

    [Fact]
    public async Task EnvironmentValue_ThatNamesAMount_LeadsToItOnThisMachine()
    {
        await using var node = new TestNode();

        var log = await PrintAsync(
            node, """{"env": [{"name": "DATA", "value": "/data/db"}, {"name": "OTHER", "value": "/dataset"}], "volumeMounts": [{"name": "d", "mountPath": "/data"}]}""",
            spec => spec["volumes"] = JsonNode.Parse("""[{"name": "d", "emptyDir": {}}]"""), "DATA", "OTHER", "KUBEAPPS_ROOT");

        var lines = log.Split('\n');
        Assert.Equal($"DATA={lines[2]["KUBEAPPS_ROOT=".Length..]}/data/db", lines[0]);
        Assert.Equal("OTHER=/dataset", lines[1]);
    }

    [Fact]
    public async Task Volume_OfAMissingConfigMap_IsWaitedForAndThenMounted()
    {
        await using var node = new TestNode();
        var container = node.Container("cat", "/etc/cfg/a");
        container["volumeMounts"] = JsonNode.Parse("""[{"name": "v", "mountPath": "/etc/cfg"}]""");
        var created = node.Create("pod", container, spec =>
        {
            spec["restartPolicy"] = "Never";
            spec["volumes"] = JsonNode.Parse("""[{"name": "v", "configMap": {"name": "late"}}]""");
        });
        await node.WhenEventsAsync(() => node.Events(created).Contains(
            "Warning FailedMount: MountVolume.SetUp failed for volume \"v\" : configmap \"late\" not found"));
        Assert.Equal("ContainerCreating", (string?)TestNode.Status(node.Pod("pod"))["state"]!["waiting"]!["reason"]);

        node.CreateConfigMap("late", ("a", "in time"));

        Assert.Equal("in time\n", await node.LogAsync(await node.WhenPhaseAsync("pod", "Succeeded")));
    }

    [Fact]
    public async Task Claim_KeepsItsDataFromPodToPodUntilItIsDeleted()
    {
        await using var node = new TestNode();
        node.Create("first", Claiming(node, "append", "/data/file", "kept"), Claim);
        var waiting = await WhenScheduledConditionAsync(node, "first", "False");
        Assert.Equal("0/1 nodes are available: persistentvolumeclaim \"claim\" not found. not found", (string?)waiting["message"]);

        var claim = node.Cluster.Create(ResourceTypes.PersistentVolumeClaim, JsonNode.Parse("""
            {"metadata": {"name": "claim", "namespace": "test"},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
            """)!.AsObject(), "test")!;
        await node.WhenPhaseAsync("first", "Succeeded");
        node.Create("second", Claiming(node, "cat", "/data/file"), Claim);

        Assert.Equal("kept\n\n", await node.LogAsync(await node.WhenPhaseAsync("second", "Succeeded")));
        var key = new ObjectKey(ResourceTypes.PersistentVolumeClaim, TestNode.Namespace, "claim");
        Assert.Equal("Bound", (string?)node.Cluster.Get(key)!["status"]!["phase"]);
        Assert.True(Directory.Exists(Path.Combine(node.Folder, "claims", (string)claim["metadata"]!["uid"]!)));
    }

    [Fact]
    public async Task NodeSelector_IsNotLookedAtAndThatIsSaid()
    {
        await using var node = new TestNode();
        var created = node.Create("pod", node.Container("exit", "0"), spec =>
        {
            spec["restartPolicy"] = "Never";
            spec["nodeSelector"] = new JsonObject { ["pool"] = "gpu" };
        });

        await node.WhenPhaseAsync("pod", "Succeeded");

        Assert.Contains(node.Events(created), one => one.StartsWith("Normal PlacementIgnored: The sandbox has one node", StringComparison.Ordinal));
    }

    private static void Claim(JsonObject spec)
    {
        spec["restartPolicy"] = "Never";
        spec["volumes"] = JsonNode.Parse("""[{"name": "d", "persistentVolumeClaim": {"claimName": "claim"}}]""");
    }

    private static JsonObject Claiming(TestNode node, params string[] args)
    {
        var container = node.Container(args);
        container["volumeMounts"] = JsonNode.Parse("""[{"name": "d", "mountPath": "/data"}]""");
        return container;
    }

    private static async Task<JsonNode> WhenScheduledConditionAsync(TestNode node, string name, string status)
    {
        await foreach (var change in node.Cluster.WatchAsync(ResourceTypes.Pod, TestNode.Namespace, TestContext.Current.CancellationToken))
            if ((string?)change.Object["metadata"]!["name"] == name
                && (change.Object["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition =>
                    (string?)condition!["type"] == "PodScheduled" && (string?)condition["status"] == status) is { } condition)
                return condition;
        throw new InvalidOperationException("the watch ended");
    }

    private static Task<string> PrintAsync(TestNode node, string container, params string[] names) => PrintAsync(node, container, _ => { }, names);

    private static async Task<string> PrintAsync(TestNode node, string container, Action<JsonObject> spec, params string[] names)
    {
        var printing = node.Container(["print", .. names]);
        foreach (var (name, value) in JsonNode.Parse(container)!.AsObject())
            printing[name] = value!.DeepClone();
        node.Create("pod", printing, pod =>
        {
            pod["restartPolicy"] = "Never";
            spec(pod);
        });
        return await node.LogAsync(await node.WhenPhaseAsync("pod", "Succeeded"));
    }
}
