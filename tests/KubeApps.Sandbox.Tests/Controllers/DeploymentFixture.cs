using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

internal static class DeploymentFixture
{
    public static RunningControllers Start(Action<FakeKubelet>? configure = null) => new(running =>
    {
        var kubelet = new FakeKubelet(running.Cluster, running.Clock);
        configure?.Invoke(kubelet);
        return [new DeploymentController(running.Cluster, running.Clock), new ReplicaSetController(running.Cluster, running.Clock), kubelet];
    });

    public static string Json(string name, int replicas, string image = "web:1", string more = "") => $$"""
        {
          "metadata": { "name": "{{name}}" },
          "spec": {
            "replicas": {{replicas}},
            "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": {
              "metadata": { "labels": { "app": "{{name}}" } },
              "spec": { "containers": [ { "name": "c", "image": "{{image}}" } ] }
            },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } }
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

    public static void SetImage(this RunningControllers running, string name, string image) =>
        running.Change(ResourceTypes.Deployment, name, deployment => deployment.Spec["template"]!["spec"]!["containers"]![0]!["image"] = image);

    public static JsonObject Condition(this RunningControllers running, string name, string type) =>
        running.Get(ResourceTypes.Deployment, name).Status.Items("conditions").Single(condition => condition.Text("type") == type);
}
