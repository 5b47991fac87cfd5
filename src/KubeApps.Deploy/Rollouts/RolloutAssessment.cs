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
/// available the moment it runs, so a crash right after the start would pass for success. The new pods must stay up for a while first
/// (<see cref="Stability"/>). A Job that need not end is good once it has stayed up as long, and stays so: how it ends does not depend on how long others are
/// waited for.
/// </summary>
/// <param name="awaitsCompletion">Of a Job: whether it must end, or only run.</param>
/// <param name="stability">How long every container must stay up; null lets its probes decide.</param>
internal sealed class RolloutAssessment(bool awaitsCompletion, TimeSpan? stability = null)
{
    private readonly Stability _stability = new(stability);
    private bool _hasRun;

    public RolloutState Assess(RolloutView view)
    {
        var status = WorkloadStatus.Of(view.Workload);
        // Until its controller has seen the new version, its newest pods are those of the old one; and where none are wanted, all have still to go.
        if ((string?)view.Workload["kind"] is "Deployment" or "StatefulSet" or "DaemonSet" && (!WorkloadStatus.IsObserved(view.Workload) || (int?)view.Workload["spec"]?["replicas"] == 0))
            view = view with { ReplicaSet = null, NewPods = [], LostPods = [] };
        var finding = RolloutDiagnosis.Find(view);
        RolloutState Say(RolloutVerdict verdict) => new(verdict, status, finding);
        var isJob = (string?)view.Workload["kind"] == "Job";
        if (isJob && !awaitsCompletion && (_hasRun |= status.State != WorkloadState.Failed && Runs(view)))
            return Say(RolloutVerdict.Succeeded);
        if (status.State == WorkloadState.Failed)
            return Say(RolloutVerdict.Failed);
        if (isJob)
            return Say(status.State == WorkloadState.Current ? RolloutVerdict.Succeeded : finding?.IsDecisive == true ? RolloutVerdict.Failed : RolloutVerdict.Waiting);
        // Looked at from the first moment on: the time until the others are ready counts, too.
        var isUp = _stability.IsUp(view);
        if (finding?.IsDecisive == true)
            return Say(RolloutVerdict.Failed);
        return Say(status.State == WorkloadState.Current && IsWhole(view, status) && isUp ? RolloutVerdict.Succeeded : RolloutVerdict.Waiting);
    }

    // Pods of a Job end, and may be tried again: those count that run. Where one has done its part, the rest is a matter of time.
    private bool Runs(RolloutView job)
    {
        if ((int?)job.Workload["status"]?["succeeded"] > 0)
            return true;
        List<JsonObject> running = [.. job.NewPods.Where(pod => (string?)pod["status"]?["phase"] is not ("Failed" or "Succeeded"))];
        return running.Count > 0 && _stability.IsUp(job with { NewPods = running }) && (int?)job.Workload["status"]?["ready"] > 0;
    }

    // The pods' own watch may be a moment behind the workload's.
    private static bool IsWhole(RolloutView view, WorkloadStatus status)
    {
        var strategy = view.Workload["spec"]?["updateStrategy"];
        return (string?)strategy?["type"] == "OnDelete" || view.NewPods.Count >= status.Desired - ((int?)strategy?["rollingUpdate"]?["partition"] ?? 0);
    }
}
