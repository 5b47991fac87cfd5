using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

// Pods that the cluster refuses to create.
internal static partial class RolloutDiagnosis
{
    // A kubelet and an API server need a moment to see what was just written.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(10);

    // Some answer before all of their addresses are there.
    private static readonly TimeSpan Declining = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan QuotaFullFor = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan WebhookDownFor = TimeSpan.FromSeconds(60);

    private static IEnumerable<Finding> OfCreation(RolloutView view)
    {
        if (view.EventsAbout(view.Workload, "NotSupported", "Unsupported").LastOrDefault() is { } unsupported)
            yield return new Finding(
                DiagnosticDescriptors.NotRunnableHere, view.Id, null, (string)unsupported["reason"]!, (string?)unsupported["message"] ?? "", true);

        // Who has stopped it may let it go on.
        if (WorkloadStatus.IsPaused(view.Workload))
            yield return new Finding(DiagnosticDescriptors.RolloutPaused, view.Id, null, "Paused", "The rollout is paused.", false);

        var condition = RefusalOf(view.Workload) ?? (view.ReplicaSet is null ? null : RefusalOf(view.ReplicaSet));
        var failed = condition is null ? LastRefusal(view) : null;
        if (((string?)condition?["message"] ?? (string?)failed?["message"]) is not { } message)
            yield break;
        var about = view.ReplicaSet ?? view.Workload;
        // A rule that denies the pod itself stays. A quota may be freed by old pods that are going, and a webhook may come up.
        var isDenied = Has(message, "violates PodSecurity", "denied the request", "denied request", "unable to validate against any security context constraint");
        var isQuota = Has(message, "exceeded quota", "failed quota");
        var isLasting = isDenied || Has(message, " is invalid: ", "usage per Container", "usage per Pod") || (Has(message, "serviceaccount") && Has(message, "not found"));
        var patience = Has(message, "failed calling webhook") ? WebhookDownFor
            : isQuota && view.HasLeavingPods ? TimeSpan.MaxValue
            : isQuota && !HasOldPods(view) ? QuotaFullFor
            : RefusedFor;
        yield return new Finding(
            isDenied ? DiagnosticDescriptors.PodsDenied : isQuota ? DiagnosticDescriptors.PodQuota : DiagnosticDescriptors.PodRefused,
            ObjectId.Of(about), null, (string?)condition?["reason"] ?? "FailedCreate",
            $"Pods are refused: {Refusal().Replace(message, "")}",
            isLasting || IsOlderThan(view, condition?["lastTransitionTime"] ?? failed?["firstTimestamp"], patience));
    }

    // Which pod it would have been says nothing: it is another one each time.
    [GeneratedRegex("""^(\(combined from similar events\): )?(Error creating: )?(pods "[^"]*" is forbidden: )?""", RegexOptions.CultureInvariant)]
    private static partial Regex Refusal();

    private static JsonObject? RefusalOf(JsonObject content) =>
        WorkloadStatus.Condition(content, "ReplicaFailure") is { } condition && (string?)condition["status"] == "True" ? condition
        : WorkloadStatus.Condition(content, "Progressing") is { } progressing && (string?)progressing["reason"] == "ReplicaSetCreateError" ? progressing
        : null;

    /// <summary>
    /// What a controller without a condition for it said last: of this version, and since its newest pod came about. Events stay for an
    /// hour, also those of the version before.
    /// </summary>
    private static JsonObject? LastRefusal(RolloutView view)
    {
        if (view.ReplicaSet is not null || view.EventsAbout(view.Workload, "FailedCreate").LastOrDefault() is not { } failed)
            return null;
        var applied = Planning.Ownership.Entries(view.Workload)
            .Where(entry => (string?)entry["operation"] == "Apply" && entry["subresource"] is null).Max(entry => KubeTime.Read(entry["time"]));
        var created = view.NewPods.Max(pod => KubeTime.Read(pod["metadata"]!["creationTimestamp"]));
        var told = RolloutView.ToldAt(failed);
        return told < applied || told <= created ? null : failed;
    }

    private static bool HasOldPods(RolloutView view) =>
        ((int?)view.Workload["status"]?["replicas"] ?? 0) > ((int?)view.Workload["status"]?["updatedReplicas"] ?? 0);

    private static bool HasSettled(RolloutView view, JsonObject pod) =>
        IsOlderThan(view, pod["status"]?["startTime"] ?? pod["metadata"]!["creationTimestamp"], Settling);

    private static bool IsOlderThan(RolloutView view, JsonNode? since, TimeSpan age) =>
        KubeTime.Read(since) is { } time && view.Now - time >= age;
}
