using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Selectors;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Controllers;

/// <summary>ReplicaSets: as many pods as they ask for.</summary>
internal sealed class ReplicaSetController(Cluster cluster, TimeProvider clock) : IReconciler
{
    public const string Name = "replicaset-controller";

    public IReadOnlyList<Trigger> Triggers { get; } =
    [
        Trigger.Itself(ResourceTypes.ReplicaSet),
        Trigger.OwnedBy(ResourceTypes.Pod, ResourceTypes.ReplicaSet, cluster),
    ];

    public Next Reconcile(ObjectKey key)
    {
        if (cluster.Get(key) is not { } set)
            return Next.OnChange;
        var failure = set.IsTerminating ? null : Resize(set);
        var pods = ActivePods(set);
        var minReady = TimeSpan.FromSeconds(set.Spec.Count("minReadySeconds"));
        var now = clock.GetUtcNow();
        cluster.UpdateStatus(key, BuiltInControllers.Manager, changed =>
        {
            if (changed.Uid != set.Uid)
                return false;
            changed["status"] = Status(changed, set.Generation, pods, minReady, failure, now);
            return true;
        });
        if (failure is not null)
            return Next.Retry;
        var ripening = pods.Where(pod => pod.IsReady && !pod.IsAvailable(minReady, now)).Select(pod => pod.ReadySince!.Value + minReady - now).ToList();
        return Next.After(ripening.Count > 0 ? ripening.Min() : null);
    }

    private List<JsonObject> ActivePods(JsonObject set) =>
        [.. Adoption.Claim(cluster, set, ResourceTypes.ReplicaSet, ResourceTypes.Pod, pod => pod.IsActive).Where(pod => pod.IsActive)];

    private (string Reason, string Message)? Resize(JsonObject set)
    {
        var pods = ActivePods(set);
        var wanted = set.Spec.Number("replicas") ?? 1;
        for (var i = pods.Count; i < wanted; i++)
        {
            try
            {
                var pod = cluster.Create(ResourceTypes.Pod, PodTemplate.NewPod(set, ResourceTypes.ReplicaSet), BuiltInControllers.Manager);
                if (pod is not null)
                    cluster.RecordEvent(set, "Normal", "SuccessfulCreate", $"Created pod: {pod.Name}", Name);
                else
                    // The random end of the name was taken: the next one will not be.
                    i--;
            }
            catch (ApiStatusException refused)
            {
                // What the API refuses once (a quota), it would refuse for the others, too.
                cluster.RecordEvent(set, "Warning", "FailedCreate", $"Error creating: {refused.Message}", Name);
                return ("FailedCreate", refused.Message);
            }
        }

        foreach (var pod in PodState.InOrderOfDeletion(pods).Take(Math.Max(0, pods.Count - wanted)))
            if (cluster.Delete(pod.Key(ResourceTypes.Pod)))
                cluster.RecordEvent(set, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name}", Name);
        return null;
    }

    private static JsonObject Status(
        JsonObject set, long generation, List<JsonObject> pods, TimeSpan minReady, (string Reason, string Message)? failure, DateTimeOffset now)
    {
        var status = new JsonObject { ["replicas"] = pods.Count };
        var labels = LabelSelector.FromLabels(set.Spec.Part("template").Labels);
        Set("fullyLabeledReplicas", pods.Count(labels.Matches));
        Set("readyReplicas", pods.Count(pod => pod.IsReady));
        Set("availableReplicas", pods.Count(pod => pod.IsAvailable(minReady, now)));
        status["observedGeneration"] = generation;
        if (failure is { } refused)
        {
            // The first refusal stands until there is none any more: a new text each time would be a change each time.
            var current = set.Status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "ReplicaFailure");
            status["conditions"] = new JsonArray(current?.DeepClone() ?? new JsonObject
            {
                ["type"] = "ReplicaFailure",
                ["status"] = "True",
                ["lastTransitionTime"] = ObjectFields.Stamp(now),
                ["reason"] = refused.Reason,
                ["message"] = refused.Message,
            });
        }

        return status;

        void Set(string name, int value)
        {
            if (value != 0)
                status[name] = value;
        }
    }
}
