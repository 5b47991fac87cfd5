using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>
/// While an app gets slots or gives them up, the Deployment without a slot selects the pods of both versions: then Kubernetes' autoscalers do
/// nothing where two see the same pods, and no pod with two budgets can be evicted. The sandbox does not tell: what counts is what stands.
/// </summary>
public sealed class OverlapTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly ResourceType Autoscaler = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true);
    private static readonly ResourceType Budget = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rolling", "blueGreen", "web", "web-blue")]
    [InlineData("blueGreen", "rolling", "web-blue", "web")]
    public async Task Deploy_BetweenRollingAndSlots_HasOneAutoscalerAtATimeWhichFollowsTheTraffic(string from, string to, string old, string next)
    {
        var app = new SlottedApp(cluster, $"over-{next}");
        await app.DeployAsync(Version(app, "one", from));
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));

        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "two", to), hold: true)).Outcome);
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(Version(app, "two", to), hold: true)).Outcome);

        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(Version(app, "two", to), hold: false, soak: false)).Outcome);
        Assert.Equal([$"{old} scales {next}", old], await ScalersAsync(app));

        Assert.Equal(DeployOutcome.Aborted, (await app.AbortAsync()).Outcome);
        Assert.Equal([$"{old} scales {old}", old], await ScalersAsync(app));

        await app.DeployAsync(Version(app, "two", to), soak: false);
        Assert.Equal(DeployOutcome.Deployed, (await app.PromoteAsync()).Outcome);
        Assert.Equal([$"{next} scales {next}", next], await ScalersAsync(app));
        Assert.Equal(0, (await app.DeployAsync(Version(app, "two", to))).ExitCode);
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync(Version(app, "two", to))).Outcome);
        Assert.Equal([$"{next} scales {next}", next], await ScalersAsync(app));
    }

    private Bundles.Bundle Version(SlottedApp app, string version, string strategy)
    {
        var web = cluster.Web(1, null, null, "serve", version);
        ((JsonObject)web.Content["spec"]!).Remove("replicas");
        return app.Version([WebService, web, ("main", Parse("""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
             "spec":{"minReplicas":1,"maxReplicas":4,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
             "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70} } }]} }
            """)), ("main", Parse("""
            {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"} } } }
            """))]).Deployed(strategy).KeepingOld(TimeSpan.FromHours(1));
    }

    // What scales what, and then the budgets.
    private async Task<IEnumerable<string>> ScalersAsync(SlottedApp app)
    {
        var ns = (await app.InventoryAsync()).Namespace;
        return [
            .. (await cluster.Client.ListAsync(Autoscaler, ns, null, Token)).Items.Select(item => $"{item["metadata"]!["name"]} scales {item["spec"]!["scaleTargetRef"]!["name"]}"),
            .. (await cluster.Client.ListAsync(Budget, ns, null, Token)).Items.Select(item => $"{item["metadata"]!["name"]}"),
        ];
    }
}
