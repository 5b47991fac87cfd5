using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// What a rollout waits for: all workloads, and of what runs no pods that which is new, changed, or was not yet as it should be. Pure.
/// </summary>
internal static class Awaited
{
    // A group that is not among these is of a custom resource, whose controller may say in conditions how far it is.
    private static readonly string[] BuiltInGroups =
    [
        "", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "scheduling.k8s.io", "node.k8s.io",
        "coordination.k8s.io", "discovery.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io",
        "flowcontrol.apiserver.k8s.io", "events.k8s.io", "resource.k8s.io",
    ];

    public static List<ObjectId> Of(IReadOnlyList<PlannedObject> planned, IReadOnlyList<ObservedObject>? observed = null)
    {
        var live = (observed ?? []).ToDictionary(item => item.Object.Id, item => item.Live);
        return
        [
            .. planned.Where(item => !item.Object.IsBeforeJob).Where(item => IsWorkload(item.Object.Id)
                || (HasStatus(item.Object)
                    && (item.Change != ResourceChange.Unchanged || WorkloadStatus.Of(live.GetValueOrDefault(item.Object.Id)).State != WorkloadState.Current)))
                .Select(item => item.Object.Id),
        ];
    }

    private static bool IsWorkload(ObjectId id) => (id.Group, id.Kind) is ("apps", "Deployment" or "StatefulSet" or "DaemonSet") or ("batch", "Job");

    private static bool HasStatus(ReleaseObject item) => (item.Id.Group, item.Id.Kind) switch
    {
        ("", "PersistentVolumeClaim") or ("networking.k8s.io", "Ingress") or ("autoscaling", "HorizontalPodAutoscaler") => true,
        ("", "Service") => (string?)item.Content["spec"]?["type"] == "LoadBalancer",
        _ => !BuiltInGroups.Contains(item.Id.Group),
    };
}
