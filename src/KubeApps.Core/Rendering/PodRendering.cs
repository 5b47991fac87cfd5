using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class PodRendering
{
    public const string NodePoolLabel = "kubeapps.dev/node-pool";

    public static JsonObject Template(RenderContext context, Workload workload) => Object(
        ("metadata", Object(
            ("labels", context.Labels(workload.Labels, workload.Name)),
            ("annotations", Map(workload.PodAnnotations)))),
        ("spec", Spec(context, workload)));

    private static JsonObject Spec(RenderContext context, Workload workload)
    {
        var isJob = workload is Job or CronJob;
        var pool = context.Pool(workload.Placement);
        if (pool is not null)
            foreach (var container in workload.AllContainers)
                context.CheckPlatform(container.Image, pool);
        return Object(
            ("serviceAccountName", workload.ServiceAccount),
            ("automountServiceAccountToken", context.Account(workload.ServiceAccount) is { Rules.Count: > 0 }),
            ("securityContext", SecurityRendering.Pod(workload.Security)),
            ("restartPolicy", isJob ? "Never" : null),
            ("terminationGracePeriodSeconds", workload.TerminationGracePeriod is { } grace ? Unless(30, Seconds(grace)) : null),
            ("nodeSelector", NodeSelector(context, workload.Placement, pool)),
            ("tolerations", Tolerations(context, workload.Placement, pool)),
            ("topologySpreadConstraints", List(workload.TopologySpread, spread => Object(
                ("maxSkew", spread.MaxSkew),
                ("topologyKey", spread.TopologyKey),
                ("whenUnsatisfiable", spread.IsRequired ? "DoNotSchedule" : "ScheduleAnyway"),
                ("labelSelector", Object(("matchLabels", context.Selector(workload.Name))))))),
            ("initContainers", List(
                workload.InitContainers.Select(container => (Container: container, IsSidecar: false))
                    .Concat(workload.Sidecars.Select(container => (Container: container, IsSidecar: true))),
                item => ContainerRendering.Container(context, item.Container, item.IsSidecar))),
            ("containers", List(workload.Containers, container => ContainerRendering.Container(context, container, isSidecar: false))),
            ("volumes", StorageRendering.Volumes(workload)));
    }

    private static JsonObject? NodeSelector(RenderContext context, Placement? placement, NodePool? pool)
    {
        if (placement is null || context.App.Environment.Target.Kind == TargetKind.Sandbox)
            return null;
        Dictionary<string, string> labels = new(placement.NodeSelector);
        if (pool is not null)
        {
            labels[NodePoolLabel] = pool.Name;
            labels["kubernetes.io/arch"] = pool.Architecture.ToString().ToLowerInvariant();
        }

        return Map(labels);
    }

    private static JsonArray? Tolerations(RenderContext context, Placement? placement, NodePool? pool)
    {
        if (placement is null || context.App.Environment.Target.Kind == TargetKind.Sandbox)
            return null;
        var ofPool = pool?.Taints.Select(taint => new Toleration(taint.Key, taint.Value, taint.Effect)) ?? [];
        return List(ofPool.Concat(placement.Tolerations), static toleration => Object(
            ("key", toleration.Key),
            ("operator", toleration.Value is null ? "Exists" : "Equal"),
            ("value", toleration.Value),
            ("effect", toleration.Effect?.ToString())));
    }
}
