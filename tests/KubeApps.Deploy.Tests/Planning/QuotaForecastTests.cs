using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Preflight;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>What a plan needs of a quota, kind by kind. These quotas leave nothing, so that what is needed is said.</summary>
public sealed class QuotaForecastTests
{
    private const string Containers = """[{"name":"web","resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"128Mi"} } }]""";

    private static string Deployment(int replicas, string version = "1", string more = "", string pod = "") =>
        $$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":{{replicas}},{{more}}"template":{"metadata":{"labels":{"v":"{{version}}"} },"spec":{ {{pod}}"containers":{{Containers}} } } } }""";

    private static string StatefulSet(int replicas) => $$"""
        {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"replicas":{{replicas}},"template":{"spec":{"containers":{{Containers}} } },
         "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"2Gi"} } } }]} }
        """;

    private static string DaemonSet(string version, string surge) => $$"""
        {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent"},"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":"{{surge}}"} },"template":{"metadata":{"labels":{"v":"{{version}}"} },"spec":{"containers":{{Containers}} } } },
         "status":{"desiredNumberScheduled":4} }
        """;

    private static string Service(string type, string more = "") =>
        $$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"{{type}}"{{more}},"ports":[{"port":80},{"port":443}]} }""";

    private static string Claim(string size) =>
        $$"""{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"{{size}}"} } } }""";

    public static TheoryData<string, string?, string, string, string> Needs => new()
    {
        // wanted, as it stands, resource, what cannot do without, what it takes for a while
        { Deployment(3), null, "pods", "3", "3" },
        { Deployment(3), null, "requests.cpu", "300m", "300m" },
        { Deployment(3), null, "limits.memory", "384Mi", "384Mi" },
        { Deployment(3), null, "count/deployments.apps", "1", "1" },
        { Deployment(3), null, "count/replicasets.apps", "1", "1" },
        { Deployment(5), Deployment(3), "pods", "2", "2" },
        { Deployment(5), Deployment(3), "count/replicasets.apps", "", "" },
        { Deployment(3), Deployment(5), "pods", "", "" },
        // A rolling update: 25 % more, in whole pods; none of the old ones may stop before where nothing may be missing.
        { Deployment(4, "2"), Deployment(4), "pods", "", "1" },
        { Deployment(4, "2"), Deployment(4), "count/replicasets.apps", "1", "1" },
        { Deployment(4, "2", """ "strategy":{"rollingUpdate":{"maxSurge":"100%"} },"""), Deployment(4), "pods", "", "4" },
        { Deployment(4, "2", """ "strategy":{"rollingUpdate":{"maxSurge":2,"maxUnavailable":0} },"""), Deployment(4), "pods", "1", "2" },
        { Deployment(4, "2", """ "strategy":{"type":"Recreate"},"""), Deployment(4), "pods", "", "" },
        // Sidecars run beside the others; init containers one after another.
        { Deployment(1, pod: """ "initContainers":[{"name":"side","restartPolicy":"Always","resources":{"requests":{"cpu":"50m"} } }],"""), null, "requests.cpu", "150m", "150m" },
        { Deployment(1, pod: """ "initContainers":[{"name":"first","resources":{"requests":{"cpu":"500m"} } }],"""), null, "requests.cpu", "500m", "500m" },
        { Deployment(1, pod: """ "initContainers":[{"name":"gpu","resources":{"limits":{"nvidia.com/gpu":"2"} } }],"""), null, "requests.nvidia.com/gpu", "2", "2" },
        // Claims of a stateful set may stand already, from an earlier time.
        { StatefulSet(3), null, "persistentvolumeclaims", "", "3" },
        { StatefulSet(3), StatefulSet(1), "requests.storage", "", "4Gi" },
        { StatefulSet(3), StatefulSet(1), "fast.storageclass.storage.k8s.io/requests.storage", "", "4Gi" },
        { StatefulSet(3), null, "count/controllerrevisions.apps", "1", "1" },
        { DaemonSet("2", "50%"), DaemonSet("1", "50%"), "pods", "", "2" },
        { DaemonSet("2", "0"), null, "pods", "", "" },
        { Service("LoadBalancer"), null, "services.loadbalancers", "1", "1" },
        { Service("LoadBalancer"), null, "services.nodeports", "2", "2" },
        { Service("LoadBalancer", ""","allocateLoadBalancerNodePorts":false"""), null, "services.nodeports", "", "" },
        { Service("NodePort"), Service("ClusterIP"), "services.nodeports", "2", "2" },
        { Service("NodePort"), Service("ClusterIP"), "services", "", "" },
        { Service("ClusterIP"), Service("NodePort"), "services.nodeports", "", "" },
        { Claim("3Gi"), Claim("1Gi"), "requests.storage", "2Gi", "2Gi" },
        { Claim("3Gi"), null, "fast.storageclass.storage.k8s.io/persistentvolumeclaims", "1", "1" },
        { """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate"},"spec":{"parallelism":3,"completions":2,"template":{"spec":{"containers":[]} } } }""", null, "pods", "", "2" },
    };

    [Theory]
    [MemberData(nameof(Needs))]
    public void Of_AnObject_SaysWhatItTakes(string wanted, string? stands, string resource, string least, string most)
    {
        Assert.Equal(least, Amount(Of($$"""{"{{resource}}":"0"}""", [Observed(wanted, stands)]), "KUBEAPP2011", resource));
        Assert.Equal(
            most == least ? "" : most, Amount(Of($$"""{"{{resource}}":"{{(least.Length == 0 ? "0" : least)}}"}""", [Observed(wanted, stands)]), "KUBEAPP2012", resource));
    }

    [Theory]
    [InlineData("""{"scopes":["BestEffort"]}""", "")]
    [InlineData("""{"scopes":["NotBestEffort"]}""", "2")]
    [InlineData("""{"scopes":["NotTerminating","NotBestEffort"]}""", "2")]
    [InlineData("""{"scopes":["Terminating"]}""", "")]
    [InlineData("""{"scopes":["CrossNamespacePodAffinity"]}""", "")]
    [InlineData("""{"scopes":["PriorityClass"]}""", "2")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high","low"]}]} }""", "2")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"NotIn","values":["high"]}]} }""", "")]
    [InlineData("""{"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"DoesNotExist"}]} }""", "")]
    public void Of_AQuotaWithScopes_CountsThePodsThatItIsAbout(string spec, string pods)
    {
        var quota = Quota("""{"pods":"0","count/deployments.apps":"0"}""");
        foreach (var (name, value) in Parse(spec))
            quota["spec"]![name] = value?.DeepClone();

        var found = Forecast([Observed(Deployment(2, pod: """ "priorityClassName":"high","""), null)]).Of("shop", [quota], []);

        Assert.Equal(pods, Amount(found, "KUBEAPP2011", "pods"));
        Assert.Equal("", Amount(found, "KUBEAPP2011", "count/deployments.apps"));
    }

    [Fact]
    public void Of_ALimitRange_CountsWhatItFillsIn()
    {
        var range = Parse("""{"spec":{"limits":[{"type":"Pod","max":{"cpu":"9"} },{"type":"Container","default":{"cpu":"1","ephemeral-storage":"2Gi"},"defaultRequest":{"ephemeral-storage":"1Gi"} }]} }""");

        var found = Forecast([Observed(Deployment(2), null)]).Of(
            "shop", [Quota("""{"requests.cpu":"0","limits.cpu":"0","requests.ephemeral-storage":"0","limits.ephemeral-storage":"0","limits.memory":"0"}""")], [range]);

        // What is said wins over what is filled in.
        Assert.Equal(("200m", "2"), (Amount(found, "KUBEAPP2011", "requests.cpu"), Amount(found, "KUBEAPP2011", "limits.cpu")));
        Assert.Equal(("2Gi", "4Gi"), (Amount(found, "KUBEAPP2011", "requests.ephemeral-storage"), Amount(found, "KUBEAPP2011", "limits.ephemeral-storage")));
        Assert.DoesNotContain(found, item => item.Code == "KUBEAPP2013");
        Assert.Contains("limits.cpu of Deployment shop/web (web)", Assert.Single(Of("""{"limits.cpu":"9"}""", [Observed(Deployment(2), null)])).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AFirstDeploy_CountsWhatItWritesDownItself()
    {
        var inventory = new Inventory("shop", "prod", "shop", null, "hash", false, null, [], []);
        ReleaseStep[] steps = [new ReleaseStep.Lock("lock", "", TimeSpan.Zero, null, null), new ReleaseStep.Intend("intend", "", TimeSpan.Zero, inventory, CreatesHashKey: true)];

        var found = Forecast([], steps).Of("shop", [Quota("""{"configmaps":"0","secrets":"0","count/leases.coordination.k8s.io":"0"}""")], []);

        Assert.Equal(("1", "1", "1"), (Amount(found, "KUBEAPP2011", "configmaps"), Amount(found, "KUBEAPP2011", "secrets"), Amount(found, "KUBEAPP2011", "count/leases.coordination.k8s.io")));
        // Without room for its revision a deploy goes on.
        var room = Forecast([], steps).Of("shop", [Quota("""{"configmaps":"1"}""")], []);
        Assert.Equal("2", Amount(room, "KUBEAPP2012", "configmaps"));
        Assert.Empty(Forecast([], steps).Of("other", [Quota("""{"configmaps":"0"}""")], []));
    }

    [Fact]
    public void Of_APreview_CountsItBeforeTheRolloutAndNotBesideIt()
    {
        var copy = new ReleaseObject(new ObjectId("apps/v1", "Deployment", "shop", "web-preview"), "main", "", Parse(Deployment(1)));
        ReleaseStep[] steps = [new ReleaseStep.StartPreview("preview", "", TimeSpan.Zero, [copy], null)];

        Assert.Equal("1", Amount(Forecast([Observed(Deployment(4, "2"), Deployment(4))], steps).Of("shop", [Quota("""{"pods":"0"}""")], []), "KUBEAPP2011", "pods"));
        Assert.Equal("3", Amount(Forecast([Observed(Deployment(7, "2"), Deployment(4))], steps).Of("shop", [Quota("""{"pods":"0"}""")], []), "KUBEAPP2011", "pods"));
    }

    /// <summary>Of what an autoscaler sizes, the dry run says one pod.</summary>
    [Theory]
    [InlineData(null, "6")]
    [InlineData(1, "5")]
    public void Of_ASlotThatGetsTheSizeOfTheLiveOne_CountsThatSize(int? stands, string pods)
    {
        var green = Observed(Deployment(1), stands is { } replicas ? Deployment(replicas) : null);
        var size = new SlotStep.Size("size", "", TimeSpan.Zero, [(green.Object.Id, 6)]);

        Assert.Equal(pods, Amount(Forecast([green], size).Of("shop", [Quota("""{"pods":"0"}""")], []), "KUBEAPP2011", "pods"));
    }

    [Fact]
    public void Of_WhatFits_SaysNothing() => Assert.Empty(Of("""{"pods":"3","requests.cpu":"0.3","count/deployments.apps":"1"}""", [Observed(Deployment(3), null)]));

    private static IReadOnlyList<KubeApps.Diagnostics.Diagnostic> Of(string hard, IReadOnlyList<ObservedObject> objects) => Forecast(objects).Of("shop", [Quota(hard)], []);

    private static QuotaForecast Forecast(IReadOnlyList<ObservedObject> objects, params ReleaseStep[] steps) =>
        new(new ReleasePlan("shop", "prod", "shop", "hash", steps), new LiveState(objects, [], null, [], true), Find);

    private static JsonObject Quota(string hard) => Parse($$"""{"metadata":{"name":"q"},"spec":{"hard":{{hard}} } }""");

    private static ObservedObject Observed(string wanted, string? stands)
    {
        var content = Parse(wanted);
        content["metadata"]!["namespace"] = "shop";
        return new ObservedObject(new ReleaseObject(ObjectId.Of(content), "main", "", content), stands is null ? null : Parse(stands), null);
    }

    private static ResourceType Find(ObjectId id) => new(id.Group, "v1", id.Kind, id.Kind.ToLowerInvariant() + "s", true);

    // "pods: 3 more, but only 0 of 0 left" → "3"
    private static string Amount(IReadOnlyList<KubeApps.Diagnostics.Diagnostic> found, string code, string resource) =>
        found.Where(item => item.Code == code).SelectMany(item => item.Cause.Split(": ", 2)[1].Split("; "))
            .FirstOrDefault(line => line.StartsWith(resource + ": ", StringComparison.Ordinal))?.Split(": ")[1].Split(' ')[0] ?? "";
}
