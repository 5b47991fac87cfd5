using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>What serves and what is to serve are of one size, whatever scales them.</summary>
public sealed class SlotSizeTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly ResourceType Autoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    private static readonly ResourceType Budget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_WithAnAutoscaler_IsNotShrunkBeforeItServes()
    {
        var app = new SlottedApp(cluster, "scaled");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Version(Objects("one")))).Outcome);
        await cluster.Client.ApplyAsync(ResourceType.Deployment, Parse(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-blue","namespace":"scaled"},"spec":{"replicas":2} }"""), dryRun: false, Token, force: true, "autoscaler");

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(Objects("two")), hold: true)).Outcome);

        Assert.Equal(2, (int)(await ReadAsync(ResourceType.Deployment, "web-green"))!["spec"]!["replicas"]!);
        Assert.Equal("Disabled", ScaleDown(await ReadAsync(Autoscaler, "web-green"))?["selectPolicy"]?.GetValue<string>());
        Assert.NotEqual("Disabled", ScaleDown(await ReadAsync(Autoscaler, "web-blue"))?["selectPolicy"]?.GetValue<string>());
        Assert.NotNull(await ReadAsync(Budget, "web-blue"));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version(Objects("two")), hold: true)).Outcome);

        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);

        var serving = (await ReadAsync(Autoscaler, "web-green"))!;
        Assert.NotEqual("Disabled", ScaleDown(serving)?["selectPolicy"]?.GetValue<string>());
        Assert.DoesNotContain((JsonArray)serving["metadata"]!["managedFields"]!, entry => (string?)entry!["manager"] == "kubeapp-size");
        Assert.Equal(2, (int)(await ReadAsync(ResourceType.Deployment, "web-green"))!["spec"]!["replicas"]!);
        Assert.NotNull(await ReadAsync(Budget, "web-green"));
        Assert.Null(await ReadAsync(Budget, "web-blue"));
        Assert.Null(await ReadAsync(Autoscaler, "web-blue"));
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(app.Version(Objects("two")))).Outcome);
    }

    [Fact]
    public async Task Deploy_OverASizeThatSomebodyGaveByHand_StopsUnlessItMayTakeIt()
    {
        var app = new SlottedApp(cluster, "by-hand");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("one"))).Outcome);
        await cluster.KubectlAsync("scale deployment web-blue -n by-hand --replicas=3");
        var before = await app.ObjectsAsync();

        var refused = await app.DeployAsync(app.Resting("two"));

        Assert.Equal((DeployOutcome.Failed, false), (refused.Outcome, refused.HasApplied));
        var diagnostic = Assert.Single(refused.Diagnostics);
        Assert.Equal("KUBEAPP5002", diagnostic.Code);
        Assert.Equal("Deployment by-hand/web-blue: spec.replicas belongs to kubectl, is 3 and would become 0.", diagnostic.Cause);
        Assert.Equal(before, await app.ObjectsAsync());
        var forced = await app.DeployAsync(app.Resting("two"), policy: new ApplyPolicy(ForceConflicts: true));
        Assert.Equal(DeployOutcome.Deployed, forced.Outcome);
        Assert.Equal(3, (int?)Assert.Single(forced.Plan!.Objects.SelectMany(item => item.Conflicts)).Theirs);
        await app.RequireAloneAsync(app.Resting("two"), "forced");
    }

    [Fact]
    public async Task Deploy_WithTheSizeThatSomebodyGaveByHand_TakesItForItsOwn()
    {
        var app = new SlottedApp(cluster, "agreed");
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("one"))).Outcome);
        await cluster.KubectlAsync("scale deployment web-blue -n agreed --replicas=2");
        await cluster.KubectlAsync("scale deployment web-blue -n agreed --replicas=0");

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting("two"))).Outcome);

        await app.RequireAloneAsync(app.Resting("two"), "agreed");
    }

    private Task<JsonObject?> ReadAsync(ResourceType type, string name) => cluster.Client.GetAsync(type, "scaled", name, Token);

    private static JsonNode? ScaleDown(JsonObject? autoscaler) => autoscaler?["spec"]?["behavior"]?["scaleDown"];

    private (string Phase, JsonObject Content)[] Objects(string version)
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
}
