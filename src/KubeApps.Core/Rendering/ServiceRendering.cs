using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class ServiceRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var service in context.App.All<Service>())
            context.Add(
                Object(
                    ("apiVersion", "v1"),
                    ("kind", "Service"),
                    ("metadata", context.Metadata(service.Name, service.Labels, service.Annotations, service.Workload)),
                    ("spec", Spec(context, service))),
                part: service);
    }

    private static JsonObject Spec(RenderContext context, Service service) => Object(
        ("type", service.Exposure is ServiceExposure.Cluster or ServiceExposure.Headless ? "ClusterIP" : "LoadBalancer"),
        ("clusterIP", service.Exposure == ServiceExposure.Headless ? "None" : null),
        ("selector", context.Selector(service.Workload)),
        ("ports", List(service.Ports, Port)));

    private static JsonObject Port(ServicePort port) => Object(
        ("name", port.Name),
        ("port", port.Port),
        ("targetPort", port.TargetPort),
        ("protocol", port.Protocol == PortProtocol.Tcp ? null : port.Protocol.ToString().ToUpperInvariant()));
}
