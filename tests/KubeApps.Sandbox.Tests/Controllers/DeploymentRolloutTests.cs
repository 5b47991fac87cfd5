using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

public sealed class DeploymentRolloutTests
{
    [Fact]
    public async Task Deployment_Created_GetsAReplicaSetAndItsPods()
    {
        await using var running = DeploymentFixture.Start();

        running.Apply(ResourceTypes.Deployment, DeploymentFixture.Json("web", replicas: 3));
        await running.UntilAsync(() => DeploymentFixture.IsComplete(running, "web"), "the rollout is complete");

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
}
