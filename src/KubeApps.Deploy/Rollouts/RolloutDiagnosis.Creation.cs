using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

// What goes wrong before a container exists: pods that are refused, that no node takes, or whose volumes do not come.
internal static partial class RolloutDiagnosis
{
    // A kubelet and an API server need a moment to see what was just written.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(10);

    // A node autoscaler announces itself sooner than this; old pods that give way take about as long.
    private static readonly TimeSpan UnschedulableFor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ClaimMissingFor = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan QuotaFullFor = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan WebhookDownFor = TimeSpan.FromSeconds(60);

    private static Finding? OfScheduling(RolloutView view, JsonObject pod)
    {
        if (WorkloadStatus.Condition(pod, "PodScheduled") is not { } condition || (string?)condition["status"] != "False")
            return null;
        var message = (string?)condition["message"] ?? "";
        // The claim's own events say more than that it is unbound; and unbound is what every volume is at first.
        if (Has(message, "unbound immediate PersistentVolumeClaims"))
            return view.Claims.Select(claim => ObjectDiagnosis.OfClaim(view, claim, view.Now - (RolloutView.Time(condition["lastTransitionTime"]) ?? view.Now))).FirstOrDefault(finding => finding is not null)
                ?? new Finding(DiagnosticDescriptors.VolumeClaimMissing, ObjectId.Of(pod), null, "Unschedulable", $"No node takes the pod: {FirstSentence(message)}", false);
        var isClaim = Has(message, "persistentvolumeclaim");
        // The last word of a node autoscaler: it adds a node, or it has none that would help.
        var scaling = (string?)RolloutView.Latest(view.EventsAbout(pod, "TriggeredScaleUp", "Nominated", "NotTriggerScaleUp"))?["reason"];
        var patience = scaling == "NotTriggerScaleUp" ? Settling : isClaim ? ClaimMissingFor : UnschedulableFor;
        var isDecisive = scaling is not ("TriggeredScaleUp" or "Nominated") && IsOlderThan(view, condition["lastTransitionTime"], patience);
        var isMismatch = Has(message, "node affinity/selector", "untolerated taint") && !Has(message, "Insufficient", "Too many pods");
        return new Finding(
            isClaim ? DiagnosticDescriptors.VolumeClaimMissing : isMismatch ? DiagnosticDescriptors.NoMatchingNode : DiagnosticDescriptors.Unschedulable,
            ObjectId.Of(pod), null, (string?)condition["reason"] ?? "Unschedulable", $"No node takes the pod: {FirstSentence(message)}", isDecisive);
    }

    private static Finding? OfMount(RolloutView view, JsonObject pod, string container)
    {
        if (view.EventsAbout(pod, "FailedMount", "FailedAttachVolume").LastOrDefault() is not { } failed)
            return null;
        var message = (string?)failed["message"] ?? "";
        var isMissing = Has(message, "not found", "references non-existent");
        return new Finding(
            isMissing ? DiagnosticDescriptors.ConfigMissing : DiagnosticDescriptors.ContainerConfig,
            ObjectId.Of(pod), container, (string)failed["reason"]!, $"A volume of the pod cannot be mounted: {Essence(message)}",
            isMissing && IsOlderThan(view, pod["status"]?["startTime"] ?? pod["metadata"]!["creationTimestamp"], ClaimMissingFor));
    }

    private static IEnumerable<Finding> OfCreation(RolloutView view)
    {
        if (view.EventsAbout(view.Workload, "NotSupported", "Unsupported").LastOrDefault() is { } unsupported)
            yield return new Finding(
                DiagnosticDescriptors.NotRunnableHere, view.Id, null, (string)unsupported["reason"]!, (string?)unsupported["message"] ?? "", true);

        var condition = WorkloadStatus.Condition(view.Workload, "ReplicaFailure") ?? (view.ReplicaSet is null ? null : WorkloadStatus.Condition(view.ReplicaSet, "ReplicaFailure"));
        var failed = new[] { view.ReplicaSet, view.Workload }.OfType<JsonObject>().SelectMany(about => view.EventsAbout(about, "FailedCreate")).LastOrDefault();
        var message = (string?)condition?["message"] ?? (string?)failed?["message"];
        if (message is null)
            yield break;
        var about = view.ReplicaSet ?? view.Workload;
        // A rule that denies the pod itself stays. A quota may be freed by old pods that are going, and a webhook may come up.
        var isDenied = Has(message, "violates PodSecurity", "denied the request", "denied request");
        var isQuota = Has(message, "exceeded quota", "failed quota");
        var isLasting = isDenied || (Has(message, "serviceaccount") && Has(message, "not found"));
        var patience = Has(message, "failed calling webhook") ? WebhookDownFor : isQuota && !HasOldPods(view) ? QuotaFullFor : RefusedFor;
        yield return new Finding(
            isDenied ? DiagnosticDescriptors.PodsDenied : isQuota ? DiagnosticDescriptors.PodQuota : DiagnosticDescriptors.PodRefused,
            ObjectId.Of(about), null, (string?)condition?["reason"] ?? "FailedCreate",
            $"Pods are refused: {message.Replace("Error creating: ", "", StringComparison.Ordinal)}",
            isLasting || IsOlderThan(view, condition?["lastTransitionTime"] ?? failed?["firstTimestamp"], patience));
    }

    private static bool HasOldPods(RolloutView view) =>
        ((int?)view.Workload["status"]?["replicas"] ?? 0) > ((int?)view.Workload["status"]?["updatedReplicas"] ?? 0);

    private static bool HasSettled(RolloutView view, JsonObject pod) =>
        IsOlderThan(view, pod["status"]?["startTime"] ?? pod["metadata"]!["creationTimestamp"], Settling);

    private static bool IsOlderThan(RolloutView view, JsonNode? since, TimeSpan age) =>
        RolloutView.Time(since) is { } time && view.Now - time >= age;

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
