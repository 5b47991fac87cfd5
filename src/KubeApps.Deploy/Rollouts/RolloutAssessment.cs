using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Rollouts;

internal enum RolloutVerdict
{
    Waiting,
    Succeeded,
    Failed,
}

/// <summary>What a rollout looks like at one moment.</summary>
internal sealed record RolloutState(RolloutVerdict Verdict, WorkloadStatus Status, Finding? Finding);

/// <summary>
/// Decides over time whether a rollout succeeded. A status that says so is not enough: a container without a readiness probe counts as
/// available the moment it runs, so a crash right after the start would pass for success. The new pods must stay up for a while first.
/// </summary>
/// <param name="awaitsCompletion">Of a Job: whether it must end, or only run.</param>
/// <param name="stability">How long every container must stay up; null lets its probes decide.</param>
internal sealed class RolloutAssessment(bool awaitsCompletion, TimeSpan? stability = null)
{
    private static readonly TimeSpan WithReadinessProbe = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WithoutProbe = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(15);

    // Between the node's clock and ours.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Pod, string Container, int Restarts), DateTimeOffset> _runningSince = [];

    public RolloutState Assess(RolloutView view)
    {
        var status = WorkloadStatus.Of(view.Workload);
        // Until its controller has seen the new version, its newest pods are those of the old one.
        if ((string?)view.Workload["kind"] is "Deployment" or "StatefulSet" or "DaemonSet" && !WorkloadStatus.IsObserved(view.Workload))
            view = view with { ReplicaSet = null, NewPods = [] };
        var finding = RolloutDiagnosis.Find(view);
        RolloutState Say(RolloutVerdict verdict) => new(verdict, status, finding);
        if (status.State == WorkloadState.Failed)
            return Say(RolloutVerdict.Failed);
        if ((string?)view.Workload["kind"] == "Job")
            return Say(
                status.State == WorkloadState.Current || (!awaitsCompletion && ((int?)view.Workload["status"]?["ready"] ?? 0) > 0) ? RolloutVerdict.Succeeded
                : finding?.IsDecisive == true ? RolloutVerdict.Failed : RolloutVerdict.Waiting);
        if (finding?.IsDecisive == true)
            return Say(RolloutVerdict.Failed);
        return Say(status.State == WorkloadState.Current && StaysUp(view, status) ? RolloutVerdict.Succeeded : RolloutVerdict.Waiting);
    }

    /// <summary>How long a container must run before it counts as up.</summary>
    internal static TimeSpan Window(JsonObject? container)
    {
        if (container?["readinessProbe"] is not null)
            return WithReadinessProbe;
        if (container?["livenessProbe"] is not JsonObject liveness)
            return WithoutProbe;
        // Nothing but the liveness probe says whether it works: wait for its first verdict.
        var seconds = ((int?)liveness["initialDelaySeconds"] ?? 0) + (((int?)liveness["periodSeconds"] ?? 10) * ((int?)liveness["failureThreshold"] ?? 3)) + 1;
        var window = TimeSpan.FromSeconds(seconds);
        return window < LongestWindow ? window : LongestWindow;
    }

    private bool StaysUp(RolloutView view, WorkloadStatus status)
    {
        var isOnDelete = (string?)view.Workload["spec"]?["updateStrategy"]?["type"] == "OnDelete";
        if (isOnDelete || status.Desired == 0)
            return true;
        // The pods' own watch may be a moment behind the workload's.
        var partition = (int?)view.Workload["spec"]?["updateStrategy"]?["rollingUpdate"]?["partition"] ?? 0;
        if (view.NewPods.Count < status.Desired - partition)
            return false;
        var isUp = true;
        foreach (var pod in view.NewPods)
            foreach (var container in (pod["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>())
                isUp &= IsUp(view, pod, container);
        return isUp;
    }

    private bool IsUp(RolloutView view, JsonObject pod, JsonObject container)
    {
        var name = (string)container["name"]!;
        var key = ((string)pod["metadata"]!["uid"]!, name, (int?)container["restartCount"] ?? 0);
        if (container["state"]?["running"] is not JsonObject running)
            return false;
        if (!_runningSince.TryGetValue(key, out var since))
        {
            // The node's clock counts only where it leaves no doubt: a pod that has been up for long is not made to wait again.
            since = view.Now;
            if (RolloutView.Time(running["startedAt"]) is { } started && started + ClockSkew < since)
                since = started + ClockSkew;
            _runningSince[key] = since;
        }

        var specification = (pod["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(item => (string?)item["name"] == name);
        return view.Now - since >= (stability ?? Window(specification));
    }
}
