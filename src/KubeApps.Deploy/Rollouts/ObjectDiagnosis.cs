using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

/// <summary>Finds out why an object that runs no pods does not become what it should be. Pure.</summary>
internal static class ObjectDiagnosis
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    // Controllers try again: what still fails then does not pass by itself.
    private static readonly TimeSpan ControllerFails = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ScaleMissing = TimeSpan.FromSeconds(15);

    // An autoscaler looks every 15 seconds.
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ProvisioningFails = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ClaimPatience = TimeSpan.FromMinutes(5);

    // The slowest of the large clouds takes about two minutes.
    private static readonly TimeSpan BalancerPatience = TimeSpan.FromMinutes(5);

    // Many ingress controllers serve without ever saying where.
    private static readonly TimeSpan IngressPatience = TimeSpan.FromMinutes(1);

    /// <param name="view">The object and the events about it.</param>
    /// <param name="waited">For how long it was watched.</param>
    public static Finding? Find(RolloutView view, TimeSpan waited)
    {
        var status = WorkloadStatus.Of(view.Workload);
        return (string?)view.Workload["kind"] switch
        {
            "HorizontalPodAutoscaler" => OfAutoscaler(view, waited),
            _ when status.State == WorkloadState.Current => null,
            "PersistentVolumeClaim" => OfClaim(view, view.Workload, waited),
            "Service" => OfBalancer(view, waited),
            "Ingress" => OfIngress(view, waited),
            _ => new Finding(
                DiagnosticDescriptors.ObjectNotReady, view.Id, null, ReasonOf(view.Workload), status.Message, status.State == WorkloadState.Failed),
        };
    }

    /// <summary>Why a claim has no volume. One that waits for its first pod is as it should be.</summary>
    public static Finding? OfClaim(RolloutView view, JsonObject claim, TimeSpan waited)
    {
        Finding Say(string reason, string cause, bool isDecisive) =>
            new(DiagnosticDescriptors.VolumeClaimMissing, ObjectId.Of(claim), null, reason, $"Claim {claim["metadata"]!["name"]} gets no volume: {cause}", isDecisive);
        if ((string?)claim["status"]?["phase"] == "Lost")
            return Say("Lost", "the volume that it was bound to is gone.", true);
        if (RolloutView.Latest(view.EventsAbout(claim, "ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer")) is not { } told)
            return waited >= ClaimPatience ? Say("Pending", $"it is still pending after {waited.TotalMinutes:0} min.", true) : null;
        var (reason, message) = ((string?)told["reason"] ?? "", (string?)told["message"] ?? "");
        if (reason == "WaitForFirstConsumer")
            return null;
        // No class will come by itself; a volume that somebody makes by hand might, but nobody is said to.
        var isLasting = RolloutDiagnosis.Has(message, "no storage class is set") || (RolloutDiagnosis.Has(message, "storageclass") && RolloutDiagnosis.Has(message, "not found"));
        return Say(reason, message, waited >= (isLasting ? Settling : ProvisioningFails));
    }

    private static Finding OfBalancer(RolloutView view, TimeSpan waited)
    {
        // Each attempt is announced; what came of the last one counts.
        var last = RolloutView.Latest(view.EventsAbout(view.Workload).Where(item => (string?)item["reason"] != "EnsuringLoadBalancer"));
        var isOver = waited >= BalancerPatience;
        if (last is null || (string?)last["type"] != "Warning")
            return new Finding(
                DiagnosticDescriptors.LoadBalancerPending, view.Id, null, "Pending",
                isOver
                    ? $"Its load balancer has no address after {waited.TotalMinutes:0} min, and nothing in the cluster says why."
                    : "Its load balancer has no address yet.",
                isOver);
        var message = ((string?)last["message"] ?? "").Replace("Error syncing load balancer: ", "", StringComparison.Ordinal);
        // Some clouds say as an error that it is being made.
        var isComing = RolloutDiagnosis.Has(message, "not yet active", "not ready", "in progress", "is pending", "status: pending", "Retriable: true", "etag");
        return new Finding(
            DiagnosticDescriptors.LoadBalancerPending, view.Id, null, (string?)last["reason"] ?? "Warning",
            $"Its load balancer gets no address: {message}", isOver || (!isComing && waited >= ControllerFails));
    }

    private static Finding OfIngress(RolloutView view, TimeSpan waited)
    {
        var told = RolloutView.Latest(view.EventsAbout(view.Workload).Where(item => (string?)item["type"] == "Warning"));
        if (told is not null && (string?)told["reason"] != "NotSupported")
            return new Finding(
                DiagnosticDescriptors.ObjectNotReady, view.Id, null, (string?)told["reason"] ?? "Warning",
                $"Its controller gives it no address: {(string?)told["message"]}", waited >= ControllerFails);
        return new Finding(
            DiagnosticDescriptors.IngressPending, view.Id, null, "Pending", (string?)told?["message"] ?? "No controller has given it an address.",
            told is not null || waited >= IngressPatience);
    }

    private static Finding? OfAutoscaler(RolloutView view, TimeSpan waited)
    {
        Finding Say(DiagnosticDescriptor descriptor, JsonObject condition, bool isDecisive) =>
            new(descriptor, view.Id, null, (string?)condition["reason"] ?? "", (string?)condition["message"] ?? "", isDecisive);
        if (WorkloadStatus.Condition(view.Workload, "AbleToScale") is { } able && (string?)able["status"] == "False")
            return Say(DiagnosticDescriptors.ObjectNotReady, able, (string?)able["reason"] == "FailedGetScale" && waited >= ScaleMissing);
        if (WorkloadStatus.Condition(view.Workload, "ScalingActive") is not { } active)
            return waited < FirstLook ? null : new Finding(
                DiagnosticDescriptors.AutoscalerBlind, view.Id, null, "Pending", "Nothing in the cluster has looked after it yet.", true);
        // Of pods that have just started there are no metrics yet: that is no fault.
        var isBlind = (string?)active["status"] == "False"
            && RolloutDiagnosis.Has((string?)active["message"] ?? "", "could not find the requested resource", "unable to handle the request", "no metrics:");
        return isBlind ? Say(DiagnosticDescriptors.AutoscalerBlind, active, true) : null;
    }

    private static string ReasonOf(JsonObject content) => (string?)(
        WorkloadStatus.Condition(content, "Stalled") ?? WorkloadStatus.Condition(content, "Ready") ?? WorkloadStatus.Condition(content, "Available"))?["reason"] ?? "NotReady";
}
