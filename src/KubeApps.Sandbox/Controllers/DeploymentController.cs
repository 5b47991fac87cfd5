using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Selectors;

namespace KubeApps.Sandbox.Controllers;

/// <summary>Deployments: a ReplicaSet for each pod template, and the steps from the old ones to the new one.</summary>
internal sealed class DeploymentController(Cluster cluster, TimeProvider clock) : IReconciler
{
    public const string Name = "deployment-controller";

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.Deployment),
        Trigger.OwnedBy(ResourceTypes.ReplicaSet, ResourceTypes.Deployment, cluster),
        new Trigger(ResourceTypes.Pod, change => RecreatedBy(cluster, change)),
    ];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is not { } deployment)
            return Next.OnChange;
        if (LabelSelector.FromObject(deployment.Spec.Part("selector")).IsEverything)
        {
            cluster.RecordEvent(deployment, "Warning", "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.", Name);
            return Next.OnChange;
        }

        var rollout = new Rollout(cluster, clock, deployment);
        if (deployment.IsTerminating)
            rollout.ReportCounts();
        else if (rollout.ReportPause())
            rollout.ScaleOnly();
        else if (rollout.IsScaling)
            rollout.ScaleOnly();
        else if (rollout.Limits.Rolling)
            rollout.Roll();
        else
            rollout.Recreate();
        return Next.After(rollout.UntilDeadline);
    }

    // Recreate waits until the old pods are gone, not just until their ReplicaSets stopped counting them.
    private static IEnumerable<ObjectKey> RecreatedBy(Cluster cluster, WatchEvent change)
    {
        if (change.Type == WatchEventType.Added || (change.Type == WatchEventType.Modified && !change.Object.IsFinished)
            || change.Object.ControllerReference is not { } reference || reference.Text("kind") != ResourceTypes.ReplicaSet.Kind)
            yield break;
        var set = cluster.Get(new ObjectKey(ResourceTypes.ReplicaSet, change.Object.Namespace, reference.Text("name") ?? ""));
        if (set?.ControllerReference is not { } owner)
            yield break;
        var key = new ObjectKey(ResourceTypes.Deployment, set.Namespace, owner.Text("name") ?? "");
        if (cluster.Get(key)?.Spec.Part("strategy").Text("type") == "Recreate")
            yield return key;
    }
}
