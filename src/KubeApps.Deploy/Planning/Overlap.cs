using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// What must not stand twice while an app gets its slots or gives them up: then the selector of the Deployment without a slot finds the pods
/// of both versions, and cannot be changed. Two autoscalers that see the same pods do nothing (the controller's condition
/// AmbiguousSelector), and a pod with two budgets cannot be evicted (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/).
/// So those of the old version stay alone until it is gone, and its autoscalers follow the traffic. Pure.
/// </summary>
internal static class Overlap
{
    public static bool IsBetween(Slot? live, Slot? next) => live is { } from && next is { } to && (from == Slot.Plain) != (to == Slot.Plain);

    /// <summary>Whether an object of the new version waits for the end of the old one, which has one of its kind.</summary>
    public static bool Waits(Rollout rollout, ObjectId id) =>
        IsBetween(rollout.Live, rollout.Next)
        && (SlotSteps.IsAutoscaler(id) || id is { Group: "policy", Kind: "PodDisruptionBudget" } or { Group: "keda.sh" })
        && rollout.Retired.Any(old => (old.Group, old.Kind) == (id.Group, id.Kind));

    /// <summary>The autoscalers of the old version, which scale whatever serves.</summary>
    public static IEnumerable<ObjectId> Following(Rollout rollout) =>
        IsBetween(rollout.Live, rollout.Next) ? rollout.Retired.Where(SlotSteps.IsAutoscaler) : [];

    /// <summary>What an autoscaler scales once another version serves; null where that has no such Deployment.</summary>
    /// <param name="rollout">Both versions.</param>
    /// <param name="target">The Deployment that it scales.</param>
    /// <param name="to">The slot of the version that is to serve.</param>
    public static string? TargetOf(Rollout rollout, string? target, Slot to)
    {
        var from = to == rollout.Next ? rollout.Live!.Value : rollout.Next!.Value;
        return rollout.Workloads.Where(id => id.Kind == "Deployment").Select(id => rollout.Next!.Value.RenderedName(id.Name))
            .FirstOrDefault(name => from.NameIn(name) == target) is { } rendered ? to.NameIn(rendered) : null;
    }
}
