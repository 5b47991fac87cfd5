using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// What must not stand twice while an app gets its slots or gives them up: then the selector of the Deployment without a slot finds the pods
/// of both versions, and cannot be changed. Two autoscalers that see the same pods do nothing (the controller's condition
/// AmbiguousSelector), and a pod with two budgets cannot be evicted (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/).
/// So those of the old version stay alone until it is gone, and its autoscalers follow the traffic, where the new version has any. Pure.
/// </summary>
internal static class Overlap
{
    public static bool IsBetween(Slot? live, Slot? next) => live is { } from && next is { } to && (from == Slot.Plain) != (to == Slot.Plain);

    /// <summary>Whether an object of the new version waits for the end of the old one, which has one of its kind.</summary>
    public static bool Waits(Rollout rollout, ObjectId id) => Meets(rollout, rollout.Retired, id);

    /// <summary>Whether an object of the old version stands for one of the new one that waits for its end.</summary>
    public static bool StandsIn(Rollout rollout, ObjectId id) => Meets(rollout, rollout.Added, id);

    /// <summary>
    /// What waits no longer than until the switch. Without a slot a budget holds for both versions: it keeps what serves from being evicted all at once, which
    /// one of the slot does not.
    /// </summary>
    public static bool WaitsForTheSwitch(Rollout rollout, ObjectId id) => rollout.Next == Slot.Plain && IsBudget(id);

    /// <summary>The autoscalers of the old version, which scale whatever serves.</summary>
    public static IEnumerable<ObjectId> Following(Rollout rollout) => rollout.Retired.Where(id => IsScaler(id) && StandsIn(rollout, id));

    /// <summary>The autoscalers of the old version that have only it to scale: without load they would shrink what may have to serve again.</summary>
    public static IEnumerable<ObjectId> Left(Rollout rollout) => rollout.Live is null ? [] : rollout.Retired.Where(id => SlotSteps.IsAutoscaler(id) && !StandsIn(rollout, id));

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

    private static bool Meets(Rollout rollout, IReadOnlyList<ObjectId> others, ObjectId id) => IsBetween(rollout.Live, rollout.Next)
        && ((IsScaler(id) && others.Any(IsScaler)) || (IsBudget(id) && others.Any(IsBudget)));

    // KEDA's makes an autoscaler of Kubernetes.
    private static bool IsScaler(ObjectId id) => SlotSteps.IsAutoscaler(id) || id is { Group: "keda.sh", Kind: "ScaledObject" };

    private static bool IsBudget(ObjectId id) => id is { Group: "policy", Kind: "PodDisruptionBudget" };
}
