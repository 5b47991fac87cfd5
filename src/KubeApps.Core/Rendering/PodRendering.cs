using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class PodRendering
{
    public static JsonObject Template(RenderContext context, Workload workload) => Object(
        ("metadata", Object(
            ("labels", Map(context.Labels(workload.Labels, workload.Name))),
            ("annotations", Map(workload.PodAnnotations)))),
        ("spec", Spec(context, workload)));

    private static JsonObject Spec(RenderContext context, Workload workload) => Object(
        ("restartPolicy", workload is Job ? "Never" : null),
        ("containers", List(workload.Containers, container => ContainerRendering.Container(context, container))));
}
