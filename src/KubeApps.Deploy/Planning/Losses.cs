using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// What a plan takes away of what runs or serves: parts of the app that the new version does not have, and workloads that are deleted and made
/// anew. What belongs to the way of a version (slots, previews, Jobs, configuration) is no loss. Pure.
/// </summary>
internal static class Losses
{
    public static IReadOnlyList<ObjectId> Of(ReleasePlan plan) =>
    [
        .. plan.Steps.SelectMany(step => step switch
        {
            ReleaseStep.Prune prune => prune.Objects.Select(item => item.Id).Where(id => IsSingle(id.Kind) || id.Kind is "Deployment" or "Service" or "Ingress"),
            SlotStep.Retire retire => retire.Objects.Where(id => IsSingle(id.Kind)),
            ReleaseStep.Apply apply => apply.Objects.Where(item => item.Replacement is not null).Select(item => item.Object.Id).Where(id => IsSingle(id.Kind) || id.Kind == "Deployment"),
            _ => [],
        }).Distinct(),
    ];

    // Of these there is one, whatever the strategy.
    private static bool IsSingle(string kind) => kind is "StatefulSet" or "DaemonSet" or "CronJob" or "ReplicaSet";
}
