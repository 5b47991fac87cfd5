using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// HorizontalPodAutoscalers without metrics: as in a cluster that has no metrics server, they only keep the number of replicas within their bounds,
/// and say so.
/// </summary>
internal sealed class AutoscalerController(Cluster cluster, TimeProvider clock) : IReconciler
{
    public const string Name = "horizontal-pod-autoscaler";

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.HorizontalPodAutoscaler),
        new Trigger(ResourceTypes.Deployment, change => cluster.List(ResourceTypes.HorizontalPodAutoscaler, change.Object.Namespace)
            .Where(autoscaler => TargetOf(autoscaler) is { } target && target.Name == change.Object.Name)
            .Select(autoscaler => autoscaler.Key(ResourceTypes.HorizontalPodAutoscaler))),
    ];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is not { IsTerminating: false } autoscaler || TargetOf(autoscaler) is not { } targetKey || cluster.Get(targetKey) is not { } target)
            return Next.OnChange;
        var current = target.Spec.Number("replicas") ?? 1;
        var (min, max) = (autoscaler.Spec.Number("minReplicas") ?? 1, autoscaler.Spec.Number("maxReplicas") ?? int.MaxValue);
        // None at all means that somebody has switched the workload off: that is not the autoscaler's to undo.
        var wanted = current == 0 ? 0 : Math.Clamp(current, min, Math.Max(min, max));
        if (wanted != current)
        {
            cluster.Update(targetKey, BuiltInControllers.Manager, changed =>
            {
                changed.Editable("spec")["replicas"] = wanted;
                return true;
            });
            var why = wanted > current ? "below Spec.MinReplicas" : "above Spec.MaxReplicas";
            cluster.RecordEvent(autoscaler, "Normal", "SuccessfulRescale", $"New size: {wanted}; reason: Current number of replicas {why}", Name);
        }

        var stamp = ObjectFields.Stamp(clock.GetUtcNow());
        cluster.UpdateStatus(key, BuiltInControllers.Manager, changed =>
        {
            var status = changed.Editable("status");
            status["currentReplicas"] = target.Status.Count("replicas");
            status["desiredReplicas"] = wanted;
            if (status["conditions"] is null)
                status["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "ScalingActive",
                    ["status"] = "False",
                    ["lastTransitionTime"] = stamp,
                    ["reason"] = "FailedGetResourceMetric",
                    ["message"] = "The sandbox has no metrics: the number of replicas is only kept within its bounds.",
                });
            return true;
        });
        return Next.OnChange;
    }

    private static ObjectKey? TargetOf(JsonObject autoscaler) => autoscaler.Spec.Part("scaleTargetRef") is var target && target.Text("kind") == "Deployment"
        ? new ObjectKey(ResourceTypes.Deployment, autoscaler.Namespace, target.Text("name") ?? "")
        : null;
}
