using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Decides over time about one object that runs no pods: each kind has a patience of its own. What an app can do without for the time being
/// ends as a warning.
/// </summary>
internal sealed class ObjectAssessment
{
    private DateTimeOffset? _since;

    public RolloutState Assess(RolloutView view)
    {
        _since ??= view.Now;
        var status = WorkloadStatus.Of(view.Workload);
        var finding = ObjectDiagnosis.Find(view, view.Now - _since.Value);
        var isWarning = finding?.Descriptor.Severity == DiagnosticSeverity.Warning;
        var verdict = finding is { IsDecisive: true } ? isWarning ? RolloutVerdict.Succeeded : RolloutVerdict.Failed
            : status.State == WorkloadState.Failed ? RolloutVerdict.Failed
            : status.State == WorkloadState.Current || IsWaitingRightly(view) ? RolloutVerdict.Succeeded
            : RolloutVerdict.Waiting;
        return new RolloutState(verdict, status, finding);
    }

    // A volume that is made where its first pod runs.
    private static bool IsWaitingRightly(RolloutView view) =>
        (string?)view.Workload["kind"] == "PersistentVolumeClaim"
        && (string?)RolloutView.Latest(view.EventsAbout(view.Workload))?["reason"] is "WaitForFirstConsumer" or "WaitForPodScheduled";
}
