using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Rollouts;

/// <summary>How waiting for rollouts ended.</summary>
internal sealed record RolloutOutcome(bool IsSuccess, bool TimedOut, IReadOnlyList<FailureReport> Reports, IReadOnlyList<string> Pending);

/// <summary>Waits until workloads run, by watching; ends early when one of them cannot come up any more.</summary>
internal sealed class RolloutWatcher(KubeClient client, IEventSink sink)
{
    private const int LogLines = 30;

    // How long a namespace may be silent before time itself is looked at again (deadlines, the stability window).
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    /// <param name="workloads">What to wait for.</param>
    /// <param name="awaitsCompletion">Of Jobs: whether they must end.</param>
    /// <param name="stability">How long containers must stay up.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="until">Go on watching until then, even when all are up.</param>
    public async Task<RolloutOutcome> AwaitAsync(
        IReadOnlyList<ObjectId> workloads, bool awaitsCompletion, TimeSpan? stability, TimeSpan timeout, CancellationToken cancellationToken, DateTimeOffset? until = null)
    {
        using var limit = new LimitedToken(timeout, client.Clock, cancellationToken);
        var outcomes = await Task.WhenAll(workloads
            .GroupBy(workload => workload.Namespace ?? "default")
            .Select(group => AwaitAsync(group.Key, [.. group], () => new RolloutAssessment(awaitsCompletion, stability), limit, until, cancellationToken)));
        return new RolloutOutcome(
            outcomes.All(outcome => outcome.IsSuccess), outcomes.Any(outcome => outcome.TimedOut),
            [.. outcomes.SelectMany(outcome => outcome.Reports)], [.. outcomes.SelectMany(outcome => outcome.Pending)]);
    }

    private async Task<RolloutOutcome> AwaitAsync(
        string ns, List<ObjectId> workloads, Func<RolloutAssessment> assess, LimitedToken limit, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var types = workloads.Select(TypeOf).Append(ResourceType.ReplicaSet).Append(ResourceType.Pod).Append(ResourceType.Event).Distinct().ToList();
        if (workloads.All(workload => workload.Kind != "Deployment"))
            types.Remove(ResourceType.ReplicaSet);
        await using var watch = new NamespaceWatch(client, ns, types, limit.Token);
        var assessments = workloads.ToDictionary(workload => workload, _ => assess());
        var states = new Dictionary<ObjectId, RolloutState>();
        var told = new Dictionary<ObjectId, DeployEvent>();
        try
        {
            while (true)
            {
                await watch.NextAsync(Tick, client.Clock, limit.Token);
                foreach (var (workload, assessment) in assessments)
                {
                    var state = Assess(watch, workload, assessment);
                    states[workload] = state;
                    Tell(workload, state, told);
                }

                if (states.Values.Any(state => state.Verdict == RolloutVerdict.Failed))
                    return await FailedAsync(states, state => state.Verdict == RolloutVerdict.Failed || state.Finding?.IsDecisive == true, false, cancellationToken);
                if ((until is null || client.Clock.GetUtcNow() >= until) && states.Values.All(state => state.Verdict == RolloutVerdict.Succeeded))
                    return new RolloutOutcome(true, false, [], []);
            }
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            return await FailedAsync(states, state => state.Verdict != RolloutVerdict.Succeeded, true, cancellationToken);
        }
    }

    private RolloutState Assess(NamespaceWatch watch, ObjectId workload, RolloutAssessment assessment)
    {
        var content = watch.Of(TypeOf(workload)).FirstOrDefault(item => (string?)item["metadata"]!["name"] == workload.Name);
        return content is null
            ? new RolloutState(RolloutVerdict.Waiting, WorkloadStatus.Of(null), null)
            : assessment.Assess(RolloutView.Of(
                content, watch.Of(ResourceType.ReplicaSet), watch.Of(ResourceType.Pod), watch.Of(ResourceType.Event), client.Clock.GetUtcNow()));
    }

    private void Tell(ObjectId workload, RolloutState state, Dictionary<ObjectId, DeployEvent> told)
    {
        var progress = new DeployEvent.RolloutProgress(
            workload.Kind, workload.Namespace ?? "default", workload.Name, state.Status.Ready, state.Status.Updated, state.Status.Desired,
            state.Finding?.Cause ?? state.Status.Message);
        if (told.TryGetValue(workload, out var last) && last == progress)
            return;
        told[workload] = progress;
        sink.Publish(progress);
    }

    private async Task<RolloutOutcome> FailedAsync(
        Dictionary<ObjectId, RolloutState> states, Func<RolloutState, bool> isReported, bool timedOut, CancellationToken cancellationToken)
    {
        var reports = new List<FailureReport>();
        foreach (var (workload, state) in states.Where(pair => isReported(pair.Value)))
            reports.Add(await ReportAsync(workload, state, cancellationToken));
        return new RolloutOutcome(
            false, timedOut, reports, [.. states.Where(pair => pair.Value.Verdict != RolloutVerdict.Succeeded).Select(pair => $"{pair.Key} ({pair.Value.Status.Message.TrimEnd('.')})")]);
    }

    private async Task<FailureReport> ReportAsync(ObjectId workload, RolloutState state, CancellationToken cancellationToken)
    {
        var hasFailed = state.Status.State == WorkloadState.Failed;
        var finding = state.Finding ?? new Finding(
            !hasFailed ? DiagnosticDescriptors.TimedOut : workload.Kind == "Job" ? DiagnosticDescriptors.JobFailed : DiagnosticDescriptors.ProgressDeadline,
            workload, null, state.Status.State.ToString(), state.Status.Message, true);
        if (workload.Kind == "Job" && finding.Descriptor == DiagnosticDescriptors.CrashLoop)
            finding = finding with { Descriptor = DiagnosticDescriptors.JobFailed, Cause = $"{state.Status.Message.TrimEnd('.')}: {finding.Cause}" };
        string? log = null;
        if (finding.Log is { } source)
        {
            log = await client.LogTailAsync(source.Namespace, source.Pod, source.Container, source.Previous, LogLines, cancellationToken);
            if (string.IsNullOrWhiteSpace(log) && !source.Previous)
                log = await client.LogTailAsync(source.Namespace, source.Pod, source.Container, true, LogLines, cancellationToken);
        }

        return finding.Report(workload, log);
    }

    private static ResourceType TypeOf(ObjectId workload) => workload.Kind switch
    {
        "StatefulSet" => ResourceType.StatefulSet,
        "DaemonSet" => ResourceType.DaemonSet,
        "Job" => ResourceType.Job,
        _ => ResourceType.Deployment,
    };
}
