using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

// A pod of a former version that a StatefulSet waits for.
internal static partial class RolloutDiagnosis
{
    // A pod of a good version that was started again a moment ago may be ready in another one, and is then replaced in its turn.
    private static readonly TimeSpan Recovering = TimeSpan.FromSeconds(30);

    /// <summary>The pod that must be deleted for the rollout to go on, and why.</summary>
    public static (JsonObject Pod, Finding Finding)? Stuck(RolloutView view) =>
        view.StuckPod is { } pod && IsStuck(view, pod) ? (pod, OfStuck(view, pod)) : null;

    private static Finding OfStuck(RolloutView view, JsonObject pod)
    {
        var cause = CauseOf(view, pod)?.Cause.TrimEnd('.');
        return new Finding(
            DiagnosticDescriptors.FormerPodStuck, ObjectId.Of(pod), null, "OrderedReady",
            $"{pod["metadata"]!["name"]} of a version before is not ready{(cause is null ? "" : $" ({cause})")}, and its StatefulSet waits for it.",
            view.MayNotDeletePods && IsStuck(view, pod));
    }

    private static bool IsStuck(RolloutView view, JsonObject pod) =>
        CauseOf(view, pod)?.IsDecisive == true
        || (!IsStarting(pod) && IsOlderThan(view, WorkloadStatus.Condition(pod, "Ready")?["lastTransitionTime"] ?? pod["metadata"]!["creationTimestamp"], Recovering));

    // It has a startup probe, which says how long it may take: a database reads its log, say.
    private static bool IsStarting(JsonObject pod) =>
        Containers(pod).Any(item => item.Container["state"]?["running"] is not null && item.Container["started"]?.GetValueKind() == System.Text.Json.JsonValueKind.False);

    private static Finding? CauseOf(RolloutView view, JsonObject pod) => OfPod(view, pod).OrderByDescending(finding => finding.IsDecisive).FirstOrDefault();
}
