using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

// What goes wrong before a pod runs on a node: none takes it, its volumes do not come, or its node turns it away.
internal static partial class RolloutDiagnosis
{
    // A node autoscaler announces itself sooner than this; old pods that give way take about as long.
    private static readonly TimeSpan UnschedulableFor = TimeSpan.FromSeconds(60);

    // Where nothing adds nodes and no old pod is to go, only somebody else's pods could make room.
    private static readonly TimeSpan FullFor = TimeSpan.FromSeconds(8);

    // From the moment when a node is there until it takes pods.
    private static readonly TimeSpan NodeJoinsFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClaimMissingFor = TimeSpan.FromSeconds(8);

    private static Finding? OfScheduling(RolloutView view, JsonObject pod)
    {
        if (WorkloadStatus.Condition(pod, "PodScheduled") is not { } condition || (string?)condition["status"] != "False")
            return null;
        var message = (string?)condition["message"] ?? "";
        // The claim's own events say more than that it is unbound; and unbound is what every volume is at first.
        if (Has(message, "unbound immediate PersistentVolumeClaims"))
            return view.Claims.Select(claim => ObjectDiagnosis.OfClaim(view, claim, view.Now - (KubeTime.Read(condition["lastTransitionTime"]) ?? view.Now))).FirstOrDefault(finding => finding is not null)
                ?? new Finding(DiagnosticDescriptors.VolumeClaimMissing, ObjectId.Of(pod), null, "Unschedulable", $"No node takes the pod: {FirstSentence(message)}", false);
        var isClaim = Has(message, "persistentvolumeclaim");
        var isMismatch = Has(message, "node affinity/selector", "untolerated taint") && !Has(message, "Insufficient", "Too many pods");
        return new Finding(
            isClaim ? DiagnosticDescriptors.VolumeClaimMissing : isMismatch ? DiagnosticDescriptors.NoMatchingNode : DiagnosticDescriptors.Unschedulable,
            ObjectId.Of(pod), null, (string?)condition["reason"] ?? "Unschedulable", $"No node takes the pod: {FirstSentence(message)}",
            IsOlderThan(view, condition["lastTransitionTime"], isClaim ? ClaimMissingFor : PatienceFor(view, pod, message)));
    }

    /// <summary>How long it makes sense to wait for room.</summary>
    private static TimeSpan PatienceFor(RolloutView view, JsonObject pod, string message)
    {
        // Others give way to it, in the time that they have for their end.
        if (((string?)pod["status"]?["nominatedNodeName"])?.Length > 0)
            return NodeJoinsFor;
        // The last word of a node autoscaler: it adds a node, or it has none that would help.
        var told = RolloutView.Latest(view.EventsAbout(pod, "TriggeredScaleUp", "Nominated", "NotTriggerScaleUp", "FailedScheduling").Where(item =>
            (string?)item["reason"] != "FailedScheduling" || Has((string?)item["message"] ?? "", "Failed to schedule pod, ")));
        var reason = (string?)told?["reason"];
        if (reason is "TriggeredScaleUp" or "Nominated" || view.HasLeavingPods)
            return TimeSpan.MaxValue;
        if (IsJoining(message))
            return NodeJoinsFor;
        // Of one that could not add a node a moment ago it is not said that it never can.
        if (reason is not null && !Has((string?)told!["message"] ?? "", "in backoff"))
            return Settling;
        return view.HasAutoscaler == false && !HasOldPods(view) ? FullFor : UnschedulableFor;
    }

    // Taints of nodes that have just come: the node controller's, the cloud's, the network's, and those of node autoscalers.
    private static bool IsJoining(string message) => Has(message, "not-ready", "network-unavailable", "uninitialized", "karpenter.sh/unregistered");

    private static Finding? OfMount(RolloutView view, JsonObject pod, string container)
    {
        // Images are pulled once all volumes are there.
        if (view.EventsAbout(pod, "Pulling", "Pulled").Any() || view.EventsAbout(pod, "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox").LastOrDefault() is not { } failed)
            return null;
        var message = (string?)failed["message"] ?? "";
        if ((string?)failed["reason"] == "FailedCreatePodSandBox")
            return new Finding(DiagnosticDescriptors.ContainerConfig, ObjectId.Of(pod), container, "FailedCreatePodSandBox", Essence(message), false);
        // Drivers and machines that are not found are on their way to a node that has just come.
        var isMissing = MissingSource().IsMatch(message) || Has(message, "references non-existent");
        return new Finding(
            isMissing ? DiagnosticDescriptors.ConfigMissing : DiagnosticDescriptors.ContainerConfig,
            ObjectId.Of(pod), container, (string)failed["reason"]!, $"A volume of the pod cannot be mounted: {Essence(message)}",
            isMissing && !IsComing(view, pod, message) && IsOlderThan(view, pod["status"]?["startTime"] ?? pod["metadata"]!["creationTimestamp"], ClaimMissingFor));
    }

    /// <summary>Pods that ended as a whole are replaced, and that is all; it is a failure when their successors end the same way.</summary>
    private static IEnumerable<Finding> OfLostPods(RolloutView view)
    {
        if (view.LostPods.MaxBy(pod => (string?)pod["metadata"]!["creationTimestamp"], StringComparer.Ordinal) is not { } last)
            yield break;
        var (reason, message) = ((string?)last["status"]?["reason"] ?? "Failed", (string?)last["status"]?["message"] ?? "it ended.");
        yield return new Finding(
            DiagnosticDescriptors.PodsLost, ObjectId.Of(last), null, reason,
            $"{(view.LostPods.Count == 1 ? "A pod was" : $"{view.LostPods.Count} pods were")} ended by the node ({reason}): {Essence(message)}",
            view.LostPods.Count > 2 * Math.Max(1, WorkloadStatus.Of(view.Workload).Desired));
    }

    [GeneratedRegex("""\b(configmap|secret) "[^"]*" not found""", RegexOptions.IgnoreCase)]
    private static partial Regex MissingSource();

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
