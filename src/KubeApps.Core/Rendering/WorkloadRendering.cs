using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>Workloads, and the autoscalers and disruption budgets that belong to them.</summary>
internal static class WorkloadRendering
{
    public static void Render(RenderContext context)
    {
        var checkJobs = context.App.Checks.Select(check => check.Job).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var workload in context.App.All<Workload>())
        {
            var (apiVersion, spec) = workload switch
            {
                Deployment deployment => ("apps/v1", Deployment(context, deployment)),
                StatefulSet set => ("apps/v1", StatefulSet(context, set)),
                DaemonSet set => ("apps/v1", DaemonSet(context, set)),
                Job job => ("batch/v1", JobSpec(context, job, job.Retries, job.TimeLimit, job.Completions, job.Parallelism)),
                CronJob job => ("batch/v1", CronJob(context, job)),
                _ => throw new InvalidOperationException($"{workload.GetType()} is a new kind of workload."),
            };
            var phase = workload switch
            {
                Job { BeforeRollout: true } => BundleConventions.BeforePhase,
                Job when checkJobs.Contains(workload.Name) => BundleConventions.CheckPhase,
                _ => BundleConventions.MainPhase,
            };
            context.Add(
                Object(
                    ("apiVersion", apiVersion),
                    ("kind", workload.GetType().Name),
                    ("metadata", context.WorkloadMetadata(workload)),
                    ("spec", spec)),
                phase,
                workload);
            if (workload is ScalableWorkload scalable)
                RenderScaling(context, scalable);
        }
    }

    private static JsonObject Deployment(RenderContext context, Deployment deployment) => Object(
        ("replicas", deployment.Replicas),
        ("minReadySeconds", Unless(0, Seconds(deployment.MinReady))),
        ("progressDeadlineSeconds", Unless(600, Seconds(deployment.ProgressDeadline))),
        ("revisionHistoryLimit", Unless(10, deployment.RevisionHistory)),
        ("strategy", deployment.Recreate
            ? Object(("type", "Recreate"))
            : Object(
                ("type", "RollingUpdate"),
                ("rollingUpdate", Object(("maxSurge", Value(deployment.MaxSurge)), ("maxUnavailable", Value(deployment.MaxUnavailable)))))),
        ("selector", Object(("matchLabels", context.Selector(deployment.Name)))),
        ("template", PodRendering.Template(context, deployment)));

    private static JsonObject StatefulSet(RenderContext context, StatefulSet set) => Object(
        ("replicas", set.Replicas),
        ("serviceName", set.HeadlessService),
        ("podManagementPolicy", set.Parallel ? "Parallel" : null),
        ("selector", Object(("matchLabels", context.Selector(set.Name)))),
        ("template", PodRendering.Template(context, set)),
        ("volumeClaimTemplates", List(set.Claims, static claim => Object(
            ("metadata", Object(("name", claim.Name))),
            ("spec", StorageRendering.Spec(claim))))));

    private static JsonObject DaemonSet(RenderContext context, DaemonSet set) => Object(
        ("updateStrategy", Object(("type", "RollingUpdate"), ("rollingUpdate", Object(("maxUnavailable", Value(set.MaxUnavailable)))))),
        ("selector", Object(("matchLabels", context.Selector(set.Name)))),
        ("template", PodRendering.Template(context, set)));

    private static JsonObject CronJob(RenderContext context, CronJob job) => Object(
        ("schedule", job.Schedule),
        ("timeZone", job.TimeZone),
        ("concurrencyPolicy", job.Concurrency.ToString()),
        ("suspend", job.Suspend ? true : null),
        ("jobTemplate", Object(("spec", JobSpec(context, job, job.Retries, job.TimeLimit, 1, 1)))));

    private static JsonObject JobSpec(RenderContext context, Workload job, int retries, TimeSpan limit, int completions, int parallelism) => Object(
        ("backoffLimit", retries),
        ("activeDeadlineSeconds", Seconds(limit)),
        ("completions", Unless(1, completions)),
        ("parallelism", Unless(1, parallelism)),
        ("template", PodRendering.Template(context, job)));

    private static void RenderScaling(RenderContext context, ScalableWorkload workload)
    {
        if (workload.Autoscaling is { } autoscaling)
            context.Add(Object(
                ("apiVersion", "autoscaling/v2"),
                ("kind", "HorizontalPodAutoscaler"),
                ("metadata", context.Metadata(workload.Name, component: workload.Name)),
                ("spec", Object(
                    ("scaleTargetRef", Object(("apiVersion", "apps/v1"), ("kind", workload.GetType().Name), ("name", workload.Name))),
                    ("minReplicas", autoscaling.Min),
                    ("maxReplicas", autoscaling.Max),
                    ("metrics", List(
                        new[] { ("cpu", autoscaling.CpuPercent), ("memory", autoscaling.MemoryPercent) }.Where(static metric => metric.Item2 is not null),
                        static metric => Object(
                            ("type", "Resource"),
                            ("resource", Object(
                                ("name", metric.Item1),
                                ("target", Object(("type", "Utilization"), ("averageUtilization", metric.Item2))))))))))));
        if (workload.DisruptionBudget is { } budget)
            context.Add(Object(
                ("apiVersion", "policy/v1"),
                ("kind", "PodDisruptionBudget"),
                ("metadata", context.Metadata(workload.Name, component: workload.Name)),
                ("spec", Object(
                    ("minAvailable", budget.MinAvailable is { } available ? Value(available) : null),
                    ("maxUnavailable", budget.MaxUnavailable is { } unavailable ? Value(unavailable) : null),
                    // Without it a pod that never becomes ready keeps its node from being drained.
                    ("unhealthyPodEvictionPolicy", "AlwaysAllow"),
                    ("selector", Object(("matchLabels", context.Selector(workload.Name))))))));
    }

    private static JsonNode Value(CountOrPercent value) => value.Count is { } count ? count : value.ToString();
}
