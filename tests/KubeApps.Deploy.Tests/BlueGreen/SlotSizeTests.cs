using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
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
