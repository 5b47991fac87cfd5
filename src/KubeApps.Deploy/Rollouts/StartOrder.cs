using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Rollouts;

/// <summary>
/// Gives a program that crashes for want of another (a database of the same release that still pulls its image) the time until that one is
/// up, and one more start after it. Decides over time, for the workloads that are waited for together, in whatever namespaces.
/// </summary>
internal sealed class StartOrder
{
    // Most images are pulled in that time; what takes longer had better be waited for by the program itself.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectId, RolloutState> _known = [];
    private readonly Dictionary<ObjectId, (DateTimeOffset Since, Finding Finding)> _held = [];

    /// <summary>The states as they count: what may pass once another workload runs ends nothing yet.</summary>
    public IReadOnlyDictionary<ObjectId, RolloutState> Judge(IReadOnlyDictionary<ObjectId, RolloutState> states, DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var (workload, state) in states)
                _known[workload] = state;
            var isComing = _known.Values.Any(IsComing);
            return states.ToDictionary(pair => pair.Key, pair => Judge(pair.Key, pair.Value, isComing, now));
        }
    }

    private RolloutState Judge(ObjectId workload, RolloutState state, bool isComing, DateTimeOffset now)
    {
        if (state is not { Verdict: RolloutVerdict.Failed, Status.State: not WorkloadState.Failed, Finding: { } finding } || finding.Descriptor != DiagnosticDescriptors.CrashLoop)
            return state;
        // A crash that was counted before the other one came up says nothing about how it is with it.
        var isHeld = _held.TryGetValue(workload, out var held);
        if (isHeld ? now - held.Since >= Longest || (!isComing && held.Finding != finding) : !isComing)
            return state;
        _held[workload] = (isHeld ? held.Since : now, finding);
        return state with { Verdict = RolloutVerdict.Waiting, Finding = finding with { IsDecisive = false } };
    }

    // Nothing of it runs yet, and nothing is wrong with it.
    private static bool IsComing(RolloutState state) =>
        state is { Verdict: RolloutVerdict.Waiting, Status: { State: WorkloadState.InProgress, Ready: 0, Desired: > 0 }, Finding: null or { IsDecisive: false } }
        && state.Finding?.Descriptor != DiagnosticDescriptors.CrashLoop;
}
