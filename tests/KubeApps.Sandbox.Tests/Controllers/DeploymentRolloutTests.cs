using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class DeploymentRolloutTests
{
    [Fact]
    public async Task Created_GetsAReplicaSetAndItsPods()
    {
        await using var running = DeploymentFixture.Start();

        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 3));
        await running.UntilCompleteAsync("web");

        var set = Assert.Single(running.List(ResourceTypes.ReplicaSet));
        Assert.Matches("^web-[bcdfghjklmnpqrstvwxz2456789]{5,10}$", set.Name);
        Assert.Equal(set.Name, "web-" + set.Labels.Text("pod-template-hash"));
        Assert.Equal("1", set.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("3", set.Annotation("deployment.kubernetes.io/desired-replicas"));
        Assert.Equal("4", set.Annotation("deployment.kubernetes.io/max-replicas"));
        Assert.Equal(3, running.List(ResourceTypes.Pod).Count);
        Assert.All(running.List(ResourceTypes.Pod), pod => Assert.Matches($"^{set.Name}-[bcdfghjklmnpqrstvwxz2456789]{{5}}$", pod.Name));
        Assert.All(running.List(ResourceTypes.Pod), pod => Assert.True(pod.IsControlledBy(set)));
    }

    [Fact]
    public async Task ZeroReplicas_IsComplete()
    {
        await using var running = DeploymentFixture.Start();

        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 0));
        await running.UntilCompleteAsync("web");

        Assert.Empty(running.List(ResourceTypes.Pod));
    }

    [Fact]
    public async Task Undo_TakesTheOldReplicaSetWithANewRevision()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 2, image: "web:1"));
        await running.UntilCompleteAsync("web");
        running.SetImage("web", "web:2");
        await running.UntilAsync(() => DeploymentFixture.IsComplete(running, "web") && running.List(ResourceTypes.ReplicaSet).Count == 2, "v2 is out");

        running.SetImage("web", "web:1");
        await running.UntilAsync(() => DeploymentFixture.IsComplete(running, "web") && running.SetWith("web:2").Spec.Count("replicas") == 0, "v1 is back");

        Assert.Equal(2, running.List(ResourceTypes.ReplicaSet).Count);
        Assert.Equal("3", running.SetWith("web:1").Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("1", running.SetWith("web:1").Annotation("deployment.kubernetes.io/revision-history"));
        Assert.Equal("2", running.SetWith("web:2").Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("3", running.Get(ResourceTypes.Deployment, "web").Annotation("deployment.kubernetes.io/revision"));
    }

    [Fact]
    public async Task Restart_ReplacesAllPods()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 2));
        await running.UntilCompleteAsync("web");
        var before = running.List(ResourceTypes.Pod).Select(pod => pod.Uid).ToHashSet();

        // What kubectl rollout restart writes.
        running.Change(ResourceTypes.Deployment, "web", deployment =>
            deployment.Spec.Part("template").Annotate("kubectl.kubernetes.io/restartedAt", "2026-11-23T12:00:00Z"));
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 2 && DeploymentFixture.IsComplete(running, "web"), "the restart is complete");
        await running.UntilQuietAsync();

        Assert.Equal(2, running.List(ResourceTypes.Pod).Count);
        Assert.All(running.List(ResourceTypes.Pod), pod => Assert.DoesNotContain(pod.Uid, before));
        Assert.All(running.List(ResourceTypes.Pod), pod => Assert.NotNull(pod.Annotation("kubectl.kubernetes.io/restartedAt")));
    }

    [Fact]
    public async Task RevisionHistory_KeepsAsManyAsAskedFor()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 1, more: ", \"revisionHistoryLimit\": 1"));
        await running.UntilCompleteAsync("web");

        for (var version = 2; version <= 4; version++)
        {
            running.SetImage("web", $"web:{version}");
            await running.UntilQuietAsync();
            await running.UntilCompleteAsync("web");
        }

        Assert.Equal(["web:3", "web:4"], running.List(ResourceTypes.ReplicaSet).Select(DeploymentFixture.ImageOf).Order());
    }

    [Fact]
    public async Task Recreate_StartsNothingBeforeAllOldPodsAreGone()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 3)
            .Replace("\"type\": \"RollingUpdate\", \"rollingUpdate\": { \"maxSurge\": \"25%\", \"maxUnavailable\": \"25%\" }", "\"type\": \"Recreate\"", StringComparison.Ordinal));
        await running.UntilCompleteAsync("web");
        running.SetImage("web", "web:2");
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count(pod => pod.IsReady) == 3 && running.List(ResourceTypes.ReplicaSet).Count == 2, "v2 runs");
        await running.UntilCompleteAsync("web");

        var hash = running.SetWith("web:2").Labels.Text("pod-template-hash");
        var old = 0;
        foreach (var change in running.Changes(ResourceTypes.Pod))
        {
            var isNew = change.Object.Labels.Text("pod-template-hash") == hash;
            if (!isNew && change.Type == WatchEventType.Added)
                old++;
            else if (!isNew && change.Type == WatchEventType.Deleted)
                old--;
            else if (isNew)
                Assert.Equal(0, old);
        }
    }

    [Fact]
    public async Task Paused_NewTemplateWaitsUntilItIsResumed()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 2));
        await running.UntilCompleteAsync("web");

        running.Change(ResourceTypes.Deployment, "web", deployment => deployment.Spec["paused"] = true);
        running.SetImage("web", "web:2");
        running.SetReplicas("web", 4);
        await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 4, "a paused Deployment still scales");
        await running.UntilQuietAsync();
        Assert.Single(running.List(ResourceTypes.ReplicaSet));
        Assert.Equal("DeploymentPaused", running.Condition("web", "Progressing").Text("reason"));

        running.Change(ResourceTypes.Deployment, "web", deployment => deployment.Spec.Remove("paused"));
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 2, "the new ReplicaSet is there");
        await running.UntilCompleteAsync("web");
    }

    [Fact]
    public async Task NoProgress_AfterTheDeadline_IsReported()
    {
        await using var running = DeploymentFixture.Start(kubelet => kubelet.BecomesReady = _ => false);
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 1, more: ", \"progressDeadlineSeconds\": 20"));

        await running.PassAsync(TimeSpan.FromSeconds(19));
        Assert.Equal("ReplicaSetUpdated", running.Condition("web", "Progressing").Text("reason"));
        await running.PassAsync(TimeSpan.FromSeconds(3));

        var condition = running.Condition("web", "Progressing");
        Assert.Equal("False", condition.Text("status"));
        Assert.Equal("ProgressDeadlineExceeded", condition.Text("reason"));
        Assert.Equal($"ReplicaSet \"{running.SetWith("web:1").Name}\" has timed out progressing.", condition.Text("message"));
    }

    [Fact]
    public async Task MinReadySeconds_PodsCountOnlyAfterThat()
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 2, more: ", \"minReadySeconds\": 10"));

        await running.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(2, running.Get(ResourceTypes.Deployment, "web").Status.Count("readyReplicas"));
        Assert.Equal(0, running.Get(ResourceTypes.Deployment, "web").Status.Count("availableReplicas"));

        await running.PassAsync(TimeSpan.FromSeconds(6));
        await running.UntilCompleteAsync("web");
    }

    [Fact]
    public async Task ScaledInTheMiddleOfARollout_BothReplicaSetsGetTheirShare()
    {
        // The example of the Kubernetes documentation: 10 pods, 3 more and 2 fewer allowed, an image that never starts, then scaled to 15.
        await using var running = DeploymentFixture.Start(kubelet => kubelet.BecomesReady = pod => (string)pod.Spec["containers"]![0]!["image"]! == "web:1");
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 10, surge: "3", unavailable: "2"));
        await running.UntilCompleteAsync("web");
        running.SetImage("web", "web:2");
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 2 && running.SetWith("web:2").Spec.Count("replicas") == 5, "the rollout is stuck");
        Assert.Equal(8, running.SetWith("web:1").Spec.Count("replicas"));

        running.SetReplicas("web", 15);
        await running.UntilAsync(() => running.SetWith("web:1").Spec.Count("replicas") == 11, "the old one has its share");
        await running.UntilQuietAsync();

        Assert.Equal(7, running.SetWith("web:2").Spec.Count("replicas"));
    }

    [Fact]
    public async Task Sandbox_KilledInTheMiddleOfARollout_GoesOnWhereItWas()
    {
        var store = new ObjectStore();
        await using (var running = DeploymentFixture.Start(kubelet => kubelet.BecomesReady = pod => (string)pod.Spec["containers"]![0]!["image"]! == "web:1", store))
        {
            running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 3));
            await running.UntilCompleteAsync("web");
            running.SetImage("web", "web:2");
            await running.UntilAsync(() => running.List(ResourceTypes.Pod).Count == 4, "the first new pod is there");
        }

        await using var again = DeploymentFixture.Start(store: store);
        await again.UntilAsync(() => DeploymentFixture.IsComplete(again, "web") && again.SetWith("web:1").Spec.Count("replicas") == 0, "the rollout is complete");
        Assert.Equal(2, again.List(ResourceTypes.ReplicaSet).Count);
    }

    [Fact]
    public async Task Rollout_OldReplicaSetHasNotReportedItsNewSize_DoesNotCountOnThePodsThatGo()
    {
        // Without the other controllers the test says what the ReplicaSets report.
        await using var running = new RunningControllers(running => [new DeploymentController(running.Cluster, running.Clock)]);
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 5, surge: "2", unavailable: "2"));
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 1, "the first ReplicaSet is there");
        running.ChangeStatus(ResourceTypes.ReplicaSet, running.SetWith("web:1").Name, """{ "replicas": 5, "availableReplicas": 5 }""");
        await running.UntilQuietAsync();
        running.SetImage("web", "web:2");
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 2 && running.SetWith("web:1").Spec.Count("replicas") == 3, "two old pods may go");

        running.ChangeStatus(ResourceTypes.ReplicaSet, running.SetWith("web:2").Name, """{ "replicas": 2, "availableReplicas": 2 }""");
        await running.UntilQuietAsync();

        Assert.Equal(1, running.SetWith("web:1").Spec.Count("replicas"));
    }

    [Theory]
    [InlineData(1, "1", "0")]
    [InlineData(3, "\"25%\"", "\"25%\"")]
    [InlineData(4, "0", "1")]
    [InlineData(5, "2", "2")]
    [InlineData(8, "\"50%\"", "\"10%\"")]
    [InlineData(10, "\"100%\"", "0")]
    [InlineData(3, "0", "\"100%\"")]
    public async Task Rollout_AtNoTime_LeavesItsLimits(int replicas, string surge, string unavailable)
    {
        await using var running = DeploymentFixture.Start();
        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas, surge: surge, unavailable: unavailable));
        await running.UntilCompleteAsync("web");
        var limits = RollingLimits.Of(running.Get(ResourceTypes.Deployment, "web"));

        running.SetImage("web", "web:2");
        await running.UntilAsync(() => running.List(ResourceTypes.ReplicaSet).Count == 2 && DeploymentFixture.IsComplete(running, "web"), "the rollout is complete");

        var pods = new Dictionary<string, JsonObject>();
        var wasComplete = false;
        foreach (var change in running.Changes(ResourceTypes.Pod))
        {
            if (change.Type == WatchEventType.Deleted)
                pods.Remove(change.Object.Uid);
            else
                pods[change.Object.Uid] = change.Object;
            var available = pods.Values.Count(pod => pod.IsActive && pod.IsReady);
            wasComplete |= available == replicas;
            Assert.True(pods.Values.Count(pod => pod.IsActive) <= limits.MaxTotal, $"More than {limits.MaxTotal} pods.");
            Assert.True(!wasComplete || available >= limits.MinAvailable, $"Only {available} of {limits.MinAvailable} pods are available.");
        }
    }
}
