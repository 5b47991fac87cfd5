using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Tests.Api;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeApps.Sandbox.Tests.Kubectl;

/// <summary>What people do with kubectl works on the sandbox as on any cluster.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private const string Deployment =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          labels:
            app: web
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
            spec:
              containers:
              - name: web
                image: registry.local/web:1
                ports:
                - containerPort: 8080
        """;

    private TestApi _api = null!;

    public static TheoryData<string> Ends => Kubectl.Ends;

    public async ValueTask InitializeAsync() => _api = await TestApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Create_EveryGenerator_IsAccepted(string version)
    {
        var kubectl = Kubectl.Named(_api, version);

        foreach (var command in (string[])
            [
                "create namespace team",
                "create deployment d --image=registry.local/web:1 --replicas=2 --port=8080 -n team",
                "create service clusterip s --tcp=80:8080 -n team",
                "create secret generic password --from-literal=value=hunter2 -n team",
                "create serviceaccount robot -n team",
                "create role reader --verb=get --resource=pods -n team",
                "create rolebinding readers --role=reader --serviceaccount=team:robot -n team",
                "create job once --image=registry.local/web:1 -n team -- migrate now",
                "create cronjob nightly --image=registry.local/web:1 --schedule='0 3 * * *' -n team",
                "create ingress front --rule=example.com/*=s:80 -n team",
                "create quota limits --hard=pods=10,services=5 -n team",
                "create poddisruptionbudget calm --selector=app=d --min-available=1 -n team",
                "expose deployment d --port=80 --target-port=8080 --name=exposed -n team",
                "run one --image=registry.local/web:1 -n team",
            ])
            Assert.Contains("created", (await kubectl.RunAsync(command)).Replace("exposed", "created", StringComparison.Ordinal), StringComparison.Ordinal);

        var deployment = _api.Cluster.Get(new ObjectKey(ResourceTypes.Deployment, "team", "d"))!;
        Assert.Equal(2, (int?)deployment["spec"]!["replicas"]);
        Assert.Equal(8080, (int?)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]![0]!["containerPort"]);
        var secret = _api.Cluster.Get(new ObjectKey(ResourceTypes.Secret, "team", "password"))!;
        Assert.Equal("aHVudGVyMg==", (string?)secret["data"]!["value"]);
        Assert.Equal("yes\n", await kubectl.RunAsync("auth can-i create pods -n team"));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Get_InEveryForm_ShowsTheObject(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("apply -f -", Deployment);

        Assert.Contains("CONTAINERS   IMAGES                 SELECTOR", await kubectl.RunAsync("get deploy -o wide"), StringComparison.Ordinal);
        Assert.Contains("image: registry.local/web:1", await kubectl.RunAsync("get deploy web -o yaml"), StringComparison.Ordinal);
        Assert.Equal("web", (string?)JsonNode.Parse(await kubectl.RunAsync("get deploy web -o json"))!["metadata"]!["name"]);
        Assert.Equal("deployment.apps/web\n", await kubectl.RunAsync("get deploy -l app=web -o name"));
        Assert.Equal("", await kubectl.RunAsync("get deploy -l app=other -o name"));
        Assert.Contains("sandbox   Ready", await kubectl.RunAsync("get nodes"), StringComparison.Ordinal);
        Assert.Contains("service/kubernetes", await kubectl.RunAsync("get all -A"), StringComparison.Ordinal);
        var (code, _, error) = await kubectl.TryAsync("get deploy absent");
        Assert.Equal((1, "Error from server (NotFound): deployments.apps \"absent\" not found\n"), (code, error));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task GetWatch_ShowsChangesAsTheyCome(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("create configmap first");
        using var watch = kubectl.Start("get configmaps -w --no-headers");
        try
        {
            Assert.StartsWith("first", await LineAsync(watch), StringComparison.Ordinal);
            await kubectl.RunAsync("create configmap second");
            Assert.StartsWith("second", await LineAsync(watch), StringComparison.Ordinal);
        }
        finally
        {
            watch.Kill();
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Diff_ShowsWhatApplyWouldChange(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("apply -f -", Deployment);

        Assert.Equal(0, (await kubectl.TryAsync("diff -f -", Deployment)).Code);
        var (code, output, error) = await kubectl.TryAsync("diff -f -", Deployment.Replace("web:1", "web:2", StringComparison.Ordinal));

        Assert.True(code == 1, error);
        Assert.Contains("-      - image: registry.local/web:1", output, StringComparison.Ordinal);
        Assert.Contains("+      - image: registry.local/web:2", output, StringComparison.Ordinal);
        var server = await kubectl.TryAsync("diff --server-side -f -", Deployment.Replace("web:1", "web:2", StringComparison.Ordinal));
        Assert.Contains("registry.local/web:2", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task PatchScaleSetAndLabel_ChangeTheObject(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("apply -f -", Deployment);

        await kubectl.RunAsync("scale deployment web --replicas=5");
        await kubectl.RunAsync("set image deployment/web web=registry.local/web:2");
        await kubectl.RunAsync("""patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}'""");
        await kubectl.RunAsync("""patch deployment web --type=merge -p '{"metadata":{"annotations":{"note":"merged"}}}'""");
        await kubectl.RunAsync("""patch deployment web --type=json -p '[{"op":"add","path":"/spec/minReadySeconds","value":3}]'""");
        await kubectl.RunAsync("label deployment web tier=front");

        var web = _api.Cluster.Get(new ObjectKey(ResourceTypes.Deployment, "default", "web"))!;
        var container = web["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(5, (int?)web["spec"]!["replicas"]);
        Assert.Equal("registry.local/web:2", (string?)container["image"]);
        Assert.Equal("A", (string?)container["env"]![0]!["name"]);
        Assert.Equal("merged", (string?)web["metadata"]!["annotations"]!["note"]);
        Assert.Equal(3, (int?)web["spec"]!["minReadySeconds"]);
        Assert.Equal("front", (string?)web["metadata"]!["labels"]!["tier"]);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Describe_ShowsTheObjectAndItsEvents(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("apply -f -", Deployment);
        var web = _api.Cluster.Get(new ObjectKey(ResourceTypes.Deployment, "default", "web"))!;
        _api.Cluster.RecordEvent(web, "Normal", "ScalingReplicaSet", "Scaled up replica set web-1 from 0 to 2", "deployment-controller");
        _api.Cluster.RecordEvent(web, "Normal", "ScalingReplicaSet", "Scaled up replica set web-1 from 0 to 2", "deployment-controller");

        var description = await kubectl.RunAsync("describe deployment web");

        Assert.Contains("StrategyType:           RollingUpdate", description, StringComparison.Ordinal);
        Assert.Contains("Scaled up replica set web-1 from 0 to 2", description, StringComparison.Ordinal);
        Assert.Contains("x2 over", description, StringComparison.Ordinal);
        Assert.Contains("Active", await kubectl.RunAsync("describe namespace default"), StringComparison.Ordinal);
        Assert.Contains("Ready            True", await kubectl.RunAsync("describe node sandbox"), StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", await kubectl.RunAsync("get events"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task WaitAndDelete_FollowTheObjectToItsEnd(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("create namespace short");
        await kubectl.RunAsync("create configmap inside -n short");

        var condition = kubectl.RunAsync("wait namespace/short --for=jsonpath={.status.phase}=Active --timeout=20s");
        Assert.Contains("condition met", await condition, StringComparison.Ordinal);
        await kubectl.RunAsync("delete namespace short --timeout=30s");

        Assert.Null(_api.Cluster.Get(new ObjectKey(ResourceTypes.Namespace, null, "short")));
        Assert.Null(_api.Cluster.Get(new ObjectKey(ResourceTypes.ConfigMap, "short", "inside")));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task CustomResources_AreServedAtOnce(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        await kubectl.RunAsync("apply -f -", Definition("widgets", "Widget", """
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        properties:
                          size: {type: integer, description: how large it is}
                additionalPrinterColumns:
                - name: Size
                  type: integer
                  jsonPath: .spec.size
            """));
        await kubectl.RunAsync("wait crd/widgets.example.com --for=condition=Established --timeout=20s");

        Assert.Equal("widget.example.com/w created\n", await kubectl.RunAsync("apply -f -", "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\nspec:\n  size: 3\n"));

        Assert.Contains("w      3", await kubectl.RunAsync("get wi"), StringComparison.Ordinal);
        Assert.Contains("how large it is", await kubectl.RunAsync("explain widget.spec"), StringComparison.Ordinal);
        await kubectl.RunAsync("delete crd widgets.example.com --timeout=30s");
        Assert.Null(_api.Cluster.Get(new ObjectKey(ResourceTypes.CustomResourceDefinition, null, "widgets.example.com")));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task CustomResourceDefinition_OfSeveralVersions_ServesTheStoredOneWithItsSchemaAndSaysSoOfTheOthers(string version)
    {
        var kubectl = Kubectl.Named(_api, version);

        var (code, _, warning) = await kubectl.TryAsync(
            "create -f -", Definition("gadgets", "Gadget", """
              - name: v1beta1
                served: true
                storage: false
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        required: [size]
                        properties:
                          size: {type: integer, minimum: 1}
                additionalPrinterColumns:
                - {name: Size, type: integer, jsonPath: .spec.size}
                - {name: Wide, type: string, jsonPath: .metadata.namespace, priority: 1}
            """));
        Assert.Equal(
            (0, "Warning: The sandbox converts between no versions: of gadgets.example.com it serves the storage version alone, not v1beta1.\n"), (code, warning));

        static string Gadget(string spec) => $"apiVersion: example.com/v1\nkind: Gadget\nmetadata: {{name: g}}\nspec: {spec}\n";
        Assert.Contains("spec.size: Required value", (await kubectl.TryAsync("create --validate=false -f -", Gadget("{}"))).Error, StringComparison.Ordinal);
        Assert.Contains("should be greater than or equal to 1", (await kubectl.TryAsync("create --validate=false -f -", Gadget("{size: 0}"))).Error, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.colour\"", (await kubectl.TryAsync("create -f -", Gadget("{size: 1, colour: red}"))).Error, StringComparison.Ordinal);
        Assert.Equal("gadget.example.com/g created\n", await kubectl.RunAsync("create -f -", Gadget("{size: 3}")));
        Assert.Equal("NAME   SIZE\ng      3\n", await kubectl.RunAsync("get gadgets"));
        Assert.Equal("NAME   SIZE   WIDE\ng      3      default\n", await kubectl.RunAsync("get gadgets -o wide"));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Logs_StreamWhatTheKubeletHas(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        _api.Server.PodLogs = (request, _) => Task.FromResult<IAsyncEnumerable<ReadOnlyMemory<byte>>?>(Lines(request.Previous ? "before\n" : "one\n", request.Previous ? "" : "two\n"));
        await kubectl.RunAsync("run one --image=registry.local/web:1");
        var key = new ObjectKey(ResourceTypes.Pod, "default", "one");
        _api.Cluster.Update(key, "test", pod =>
        {
            pod["spec"]!["nodeName"] = "sandbox";
            return true;
        });
        _api.Cluster.UpdateStatus(key, "test", pod =>
        {
            pod["status"] = JsonNode.Parse("""
                {"phase":"Running","containerStatuses":[{"name":"one","image":"i","imageID":"i","ready":true,"restartCount":1,"state":{"running":{}},
                "lastState":{"terminated":{"exitCode":1}}}]}
                """);
            return true;
        });

        Assert.Equal("one\ntwo\n", await kubectl.RunAsync("logs one -f"));
        Assert.Equal("before\n", await kubectl.RunAsync("logs one --previous"));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Rollout_HistoryUndoAndRestart_WorkOnRevisions(string version)
    {
        var kubectl = Kubectl.Named(_api, version);
        using var stop = new CancellationTokenSource();
        var controllers = new ControllerLoops(
            _api.Cluster, TimeProvider.System, NullLogger.Instance,
            [new DeploymentController(_api.Cluster, TimeProvider.System), new ReplicaSetController(_api.Cluster, TimeProvider.System)]).RunAsync(stop.Token);
        try
        {
            const string Path = "/apis/apps/v1/namespaces/default/deployments/web";
            await kubectl.RunAsync("apply -f -", Deployment.Replace("replicas: 2", "replicas: 0", StringComparison.Ordinal));
            await WhenRevisionAsync(Path, "1");
            await kubectl.RunAsync("set image deployment/web web=registry.local/web:2");
            await WhenRevisionAsync(Path, "2");
            Assert.Contains("successfully rolled out", await kubectl.RunAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);

            Assert.Matches("1 +<none>\n2 +<none>", await kubectl.RunAsync("rollout history deployment/web"));
            Assert.Equal("deployment.apps/web rolled back\n", await kubectl.RunAsync("rollout undo deployment/web"));
            var undone = await WhenRevisionAsync(Path, "3");
            Assert.Equal("registry.local/web:1", (string?)undone.Body["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
            await kubectl.RunAsync("rollout restart deployment/web");
            await WhenRevisionAsync(Path, "4");
        }
        finally
        {
            await stop.CancelAsync();
            await controllers;
        }
    }

    [Theory]
    [InlineData("StatefulSet", "replicas: 1, serviceName: db, selector: {matchLabels: {app: db}}, template: TEMPLATE")]
    [InlineData("DaemonSet", "selector: {matchLabels: {app: db}}, template: TEMPLATE")]
    [InlineData("CronJob", "schedule: '0 3 * * *', jobTemplate: {spec: {template: TEMPLATE}}")]
    [InlineData("Job", "completionMode: Indexed, completions: 2, template: TEMPLATE")]
    public async Task Apply_KindThatDoesNotRunHere_WarnsAtOnceAndInItsEvents(string kind, string spec)
    {
        var kubectl = Kubectl.Named(_api, "kubectl");
        using var stop = new CancellationTokenSource();
        var controllers = new ControllerLoops(_api.Cluster, TimeProvider.System, NullLogger.Instance, [new NotRunController(_api.Cluster), new JobController(_api.Cluster, TimeProvider.System)]).RunAsync(stop.Token);
        try
        {
            var isJob = kind is "Job" or "CronJob";
            var template = $"{{metadata: {{labels: {{app: db}}}}, spec: {{restartPolicy: {(isJob ? "Never" : "Always")}, containers: [{{name: c, image: registry.local/db:1}}]}}}}";
            var manifest = $"apiVersion: {(isJob ? "batch" : "apps")}/v1\nkind: {kind}\nmetadata: {{name: db}}\nspec: {{{spec.Replace("TEMPLATE", template, StringComparison.Ordinal)}}}\n";
            var words = $"The sandbox does not run {(kind == "Job" ? "Indexed Job" : kind)}s: it has stored this one, and nothing else will happen.";

            var (code, _, error) = await kubectl.TryAsync("apply -f -", manifest);

            Assert.Equal((0, $"Warning: {words}\n"), (code, error));
            await _api.WaitForAsync("/api/v1/namespaces/default/events", answer => answer.Text.Contains("NotSupported", StringComparison.Ordinal));
            Assert.Matches($"Warning +NotSupported .* {words}", await kubectl.RunAsync($"describe {kind} db"));
        }
        finally
        {
            await stop.CancelAsync();
            await controllers;
        }
    }

    private static string Definition(string plural, string kind, string versions) =>
        $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: {{plural}}.example.com
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: {{plural}}, singular: {{kind.ToLowerInvariant()}}, kind: {{kind}}, shortNames: [{{kind[..2].ToLowerInvariant()}}]}
          versions:
        {{versions}}
        """;

    private Task<Answer> WhenRevisionAsync(string path, string revision) => _api.WaitForAsync(path, answer =>
        (string?)answer.Body["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"] == revision
        && (long?)answer.Body["status"]!["observedGeneration"] == (long?)answer.Body["metadata"]!["generation"]);

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Lines(params string[] lines)
    {
        foreach (var line in lines)
        {
            await Task.Yield();
            yield return System.Text.Encoding.UTF8.GetBytes(line);
        }
    }

    private static async Task<string> LineAsync(System.Diagnostics.Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestApi.Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        return await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(limit.Token));
    }
}
