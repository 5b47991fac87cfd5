using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class ReplicaSetTests
{
    [Fact]
    public async Task PodThatMatches_AndBelongsToNobody_IsAdopted()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Pod, """{ "metadata": { "name": "alone", "labels": { "app": "web" } }, "spec": { "containers": [ { "name": "c", "image": "web:1" } ] } }""");

        running.Apply(ResourceTypes.ReplicaSet, Json(replicas: 2));
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count(pod => pod.IsReady) == 2, "two pods are ready");
        await running.UntilQuietAsync();

        Assert.Equal(2, running.List(ResourceTypes.Pod).Count);
        Assert.True(running.Get(ResourceTypes.Pod, "alone").IsControlledBy(running.Get(ResourceTypes.ReplicaSet, "web")));
    }

    [Fact]
    public async Task PodThatStopsMatching_IsReleasedAndReplaced()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.ReplicaSet, Json(replicas: 1));
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 1, "its pod is there");
        var pod = running.List(ResourceTypes.Pod)[0].Name;

        running.Change(ResourceTypes.Pod, pod, changed => changed.Labels["app"] = "debug");
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 2, "another pod takes its place");

        Assert.Null(running.Get(ResourceTypes.Pod, pod).ControllerReference);
    }

    [Fact]
    public async Task PodThatFails_IsReplaced()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.ReplicaSet, Json(replicas: 1));
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Any(pod => pod.IsReady), "its pod is ready");
        var pod = running.List(ResourceTypes.Pod)[0].Name;

        running.ChangeStatus(ResourceTypes.Pod, pod, """{ "phase": "Failed" }""");
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Any(other => other.Name != pod && other.IsReady), "another pod is ready");
    }

    [Fact]
    public async Task ScaledDown_LosesThePodsThatServeLeast()
    {
        await using var running = DeploymentFixture.Start(kubelet => kubelet.BecomesReady = FakeKubelet.IsLetBecomeReady);
        running.Apply(ResourceTypes.ReplicaSet, Json(replicas: 3));
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 3, "three pods are there");
        var pods = running.List(ResourceTypes.Pod);
        running.LetBecomeReady(pods[0]);
        await running.UntilAsync(() => running.Get(ResourceTypes.Pod, pods[0].Name).IsReady, "one is ready");
        running.Clock.Advance(TimeSpan.FromMinutes(1));
        running.LetBecomeReady(pods[2]);
        await running.UntilAsync(() => running.Get(ResourceTypes.ReplicaSet, "web").Status.Count("readyReplicas") == 2, "two are ready");

        running.Change(ResourceTypes.ReplicaSet, "web", set => set.Spec["replicas"] = 2);
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 2, "one is gone");
        Assert.DoesNotContain(running.List(ResourceTypes.Pod), pod => pod.Name == pods[1].Name);

        running.Change(ResourceTypes.ReplicaSet, "web", set => set.Spec["replicas"] = 1);
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 1, "two are gone");
        Assert.Equal(pods[0].Name, running.List(ResourceTypes.Pod)[0].Name);
    }

    [Fact]
    public async Task QuotaRefusesAPod_IsReportedAsRecorded_AndTriedAgain()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.ResourceQuota, """{ "metadata": { "name": "q" }, "spec": { "hard": { "pods": "1" } } }""");
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 2));
        await running.UntilAsync(() => running.Get(ResourceTypes.Deployment, "web").Status.Items("conditions").Any(item => item.Text("type") == "ReplicaFailure"), "the refusal is reported");

        var condition = running.Condition("web", "ReplicaFailure");
        var name = running.SetWith("web:1").Name;
        Assert.Equal("FailedCreate", condition.Text("reason"));
        Assert.Matches($"^pods \"{name}-.....\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1$", condition.Text("message"));
        Assert.All(running.EventMessages("FailedCreate"), message => Assert.StartsWith($"Error creating: pods \"{name}-", message, StringComparison.Ordinal));

        running.Delete(ResourceTypes.ResourceQuota, "q");
        await running.PassAsync(TimeSpan.FromSeconds(30));
        await running.UntilCompleteAsync("web");
        Assert.DoesNotContain(running.Get(ResourceTypes.Deployment, "web").Status.Items("conditions"), item => item.Text("type") == "ReplicaFailure");
    }

    private static string Json(int replicas) => $$"""
        {
          "metadata": { "name": "web" },
          "spec": {
            "replicas": {{replicas}},
            "selector": { "matchLabels": { "app": "web" } },
            "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [ { "name": "c", "image": "web:1" } ] } }
          }
        }
        """;
}
