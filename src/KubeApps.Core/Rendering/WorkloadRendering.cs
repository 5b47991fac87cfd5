using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class WorkloadRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var workload in context.App.All<Workload>())
        {
            var (apiVersion, spec) = workload switch
            {
                Deployment deployment => ("apps/v1", Deployment(context, deployment)),
                Job job => ("batch/v1", Job(context, job)),
                _ => throw new InvalidOperationException($"{workload.GetType()} is a new kind of workload."),
            };
            context.Add(
                Object(
                    ("apiVersion", apiVersion),
                    ("kind", workload.GetType().Name),
                    ("metadata", context.WorkloadMetadata(workload)),
                    ("spec", spec)),
                workload is Job { BeforeRollout: true } ? BundleConventions.BeforePhase : BundleConventions.MainPhase,
                workload);
        }
    }

    private static JsonObject Deployment(RenderContext context, Deployment deployment) => Object(
        ("replicas", deployment.Replicas),
        ("selector", Object(("matchLabels", context.Selector(deployment.Name)))),
        ("template", PodRendering.Template(context, deployment)));

    private static JsonObject Job(RenderContext context, Job job) => Object(
        ("backoffLimit", job.Retries),
        ("activeDeadlineSeconds", Seconds(job.TimeLimit)),
        ("template", PodRendering.Template(context, job)));
}
