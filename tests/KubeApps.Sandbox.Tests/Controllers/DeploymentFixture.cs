using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

internal static class DeploymentFixture
{
    public static RunningControllers Start(Action<FakeKubelet>? configure = null, ObjectStore? store = null) => new(running =>
    {
        var kubelet = new FakeKubelet(running.Cluster, running.Clock);
        configure?.Invoke(kubelet);
        return [new DeploymentController(running.Cluster, running.Clock), new ReplicaSetController(running.Cluster, running.Clock), kubelet];
    }, store);

    public static string Json(
        string name, int replicas, string image = "web:1", string surge = "\"25%\"", string unavailable = "\"25%\"", string more = "") => $$"""
        {
          "metadata": { "name": "{{name}}" },
          "spec": {
            "replicas": {{replicas}},
            "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": {
              "metadata": { "labels": { "app": "{{name}}" } },
              "spec": { "containers": [ { "name": "c", "image": "{{image}}" } ] }
            },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": {{surge}}, "maxUnavailable": {{unavailable}} } }
            {{more}}
          }
        }
        """;

    public static bool IsComplete(RunningControllers running, string name)
    {
        var deployment = running.Get(ResourceTypes.Deployment, name);
        return deployment.Status.Count("observedGeneration") == deployment.Generation
            && DeploymentStatus.Progressing(deployment.Status)?.Text("reason") == "NewReplicaSetAvailable"
            && DeploymentStatus.IsComplete(deployment, RollingLimits.Of(deployment), deployment.Status);
    }

    public static Task UntilCompleteAsync(this RunningControllers running, string name) =>
        running.UntilAsync(() => IsComplete(running, name), $"the rollout of {name} is complete");

    public static void SetImage(this RunningControllers running, string name, string image) =>
        running.Change(ResourceTypes.Deployment, name, deployment => deployment.Spec["template"]!["spec"]!["containers"]![0]!["image"] = image);

    public static void SetReplicas(this RunningControllers running, string name, int replicas) =>
        running.Change(ResourceTypes.Deployment, name, deployment => deployment.Spec["replicas"] = replicas);

    public static JsonObject Condition(this RunningControllers running, string name, string type) =>
        running.Get(ResourceTypes.Deployment, name).Status.Items("conditions").Single(condition => condition.Text("type") == type);

    public static string ImageOf(JsonObject templated) => (string)templated.Spec["template"]!["spec"]!["containers"]![0]!["image"]!;

    public static JsonObject SetWith(this RunningControllers running, string image) => running.List(ResourceTypes.ReplicaSet).Single(set => ImageOf(set) == image);
}
