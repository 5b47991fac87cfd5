using System.Collections.Concurrent;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class OtherKindsTests
{
    private const string Template = """{ "metadata": { "labels": { "app": "db" } }, "spec": { "restartPolicy": "RESTART", "containers": [ { "name": "c", "image": "db:1" } ] } }""";

    private const string Nightly = $$"""{ "schedule": "0 3 * * *", "jobTemplate": { "spec": { "template": {{Template}} } } }""";

    private const string Always = $$"""{ "serviceName": "db", "selector": { "matchLabels": { "app": "db" } }, "template": {{Template}} }""";

    [Theory]
    [InlineData("StatefulSet", Always)]
    [InlineData("DaemonSet", Always)]
    [InlineData("CronJob", Nightly)]
    public async Task WorkloadThatDoesNotRunHere_IsDeclaredSoAtOnce(string kind, string spec)
    {
        var type = ResourceTypes.All.Single(type => type.Kind == kind);
        await using var running = new RunningControllers(running => [new NotRunController(running.Cluster)]);

        running.Apply(type, Json("db", spec));
        await running.UntilAsync(() => running.Get(type, "db").Annotation("sandbox.kubeapps.dev/not-run") is not null, "it is declared as not run");

        Assert.Equal($"The sandbox does not run {kind}s: it has stored this one, and nothing else will happen.", running.Get(type, "db").Annotation("sandbox.kubeapps.dev/not-run"));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(9, 5)]
    [InlineData(3, 3)]
    [InlineData(0, 0)]
    public async Task Autoscaler_WithoutMetrics_KeepsTheBounds(int replicas, int expected)
    {
        await using var running = new RunningControllers(running => [new AutoscalerController(running.Cluster, running.Clock)]);
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas));

        running.Apply(ResourceTypes.HorizontalPodAutoscaler, """
            {
              "metadata": { "name": "web" },
              "spec": { "minReplicas": 2, "maxReplicas": 5, "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" } }
            }
            """);
        await running.UntilAsync(() => running.Get(ResourceTypes.HorizontalPodAutoscaler, "web").Status.Count("desiredReplicas") == expected
            && running.Get(ResourceTypes.HorizontalPodAutoscaler, "web").Status["conditions"] is not null, "it has looked");
        await running.UntilQuietAsync();

        Assert.Equal(expected, running.Get(ResourceTypes.Deployment, "web").Spec.Count("replicas"));
    }

    [Fact]
    public async Task ReconcilerThatThrows_IsTriedAgainLaterAndLater_AndStopsNoOther()
    {
        var broken = new BrokenReconciler();
        await using var running = new RunningControllers(running =>
        {
            broken.Clock = running.Clock;
            return [broken, new NotRunController(running.Cluster)];
        });

        // What nobody else changes: each call but the first one is a retry.
        running.Apply(ResourceTypes.ConfigMap, """{ "metadata": { "name": "settings" } }""");
        running.Apply(ResourceTypes.CronJob, Json("nightly", Nightly));
        await running.UntilAsync(() => running.Get(ResourceTypes.CronJob, "nightly").Annotation("sandbox.kubeapps.dev/not-run") is not null, "the other one has done its work");
        // How soon it has asked for the next try is the machine's matter: time goes on until it has come.
        await running.UntilAsync(() =>
        {
            running.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return broken.Calls.Count >= 5;
        }, "the broken one was called again and again");

        var calls = broken.Calls.Take(5).ToList();
        Assert.All(calls.Zip(calls.Skip(1), (call, next) => next - call).Select((waited, i) => (waited, least: TimeSpan.FromMilliseconds(100 << i))), gap => Assert.True(gap.waited >= gap.least, $"{gap}"));
    }

    private static string Json(string name, string spec) =>
        $$"""{ "metadata": { "name": "{{name}}" }, "spec": {{spec.Replace("RESTART", spec == Nightly ? "Never" : "Always", StringComparison.Ordinal)}} }""";

    private sealed class BrokenReconciler : IReconciler
    {
        public TimeProvider? Clock { get; set; }

        public ConcurrentQueue<DateTimeOffset> Calls { get; } = [];

        public IReadOnlyList<Trigger> Triggers { get; } = [Trigger.Itself(ResourceTypes.ConfigMap)];

        public Next Reconcile(ObjectKey key)
        {
            Calls.Enqueue(Clock!.GetUtcNow());
            throw new InvalidOperationException("broken");
        }
    }
}
