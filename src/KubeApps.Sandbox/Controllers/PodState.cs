using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>What a pod's status says about it.</summary>
internal static class PodState
{
    extension(JsonObject pod)
    {
        public string Phase => pod.Status.Text("phase") ?? "Pending";

        public bool IsFinished => pod.Phase is "Succeeded" or "Failed";

        /// <summary>Neither finished nor going away.</summary>
        public bool IsActive => !pod.IsFinished && !pod.IsTerminating;

        public bool IsReady => pod.Condition("Ready")?.Text("status") == "True";

        public JsonObject? Condition(string type) => pod.Status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);

        /// <summary>When the pod became ready; null if it is not.</summary>
        public DateTimeOffset? ReadySince => pod.IsReady ? pod.Condition("Ready")!.Time("lastTransitionTime") ?? DateTimeOffset.MinValue : null;

        /// <summary>Ready for as long as is asked for.</summary>
        public bool IsAvailable(TimeSpan minReady, DateTimeOffset now) =>
            pod.ReadySince is { } since && (minReady == TimeSpan.Zero || since + minReady <= now);

        public int Restarts => pod.Status.Items("containerStatuses").Sum(container => container.Count("restartCount"));
    }

    /// <summary>
    /// The order in which Kubernetes gives up pods: not scheduled, pending, not ready, cheap to delete, ready for a shorter time, restarted more
    /// often, newer.
    /// </summary>
    public static IEnumerable<JsonObject> InOrderOfDeletion(IEnumerable<JsonObject> pods) => pods
        .OrderBy(pod => pod.Spec.Text("nodeName") is null ? 0 : 1)
        .ThenBy(pod => pod.Phase switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
        .ThenBy(pod => pod.IsReady)
        .ThenBy(DeletionCost)
        .ThenByDescending(pod => pod.ReadySince ?? DateTimeOffset.MinValue)
        .ThenByDescending(pod => pod.Restarts)
        .ThenByDescending(pod => pod.Created)
        .ThenBy(pod => pod.Name, StringComparer.Ordinal);

    private static int DeletionCost(JsonObject pod) => int.TryParse(pod.Annotation("controller.kubernetes.io/pod-deletion-cost"), out var cost) ? cost : 0;
}
