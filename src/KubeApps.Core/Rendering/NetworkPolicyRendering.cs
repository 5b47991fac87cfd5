using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class NetworkPolicyRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var policy in context.App.All<NetworkPolicy>())
            context.Add(
                Object(
                    ("apiVersion", "networking.k8s.io/v1"),
                    ("kind", "NetworkPolicy"),
                    ("metadata", context.Metadata(policy.Name, component: policy.Workload)),
                    ("spec", Object(
                        ("podSelector", Object(("matchLabels", context.Selector(policy.Workload)))),
                        ("policyTypes", new JsonArray("Ingress")),
                        ("ingress", Ingress(context, policy))))),
                part: policy);
    }

    /// <summary>Nothing at all, for a workload without ports, means that nobody can connect.</summary>
    private static JsonArray? Ingress(RenderContext context, NetworkPolicy policy)
    {
        var ports = context.App.All<Workload>().First(workload => workload.Name == policy.Workload).AllContainers
            .SelectMany(container => container.Ports)
            .DistinctBy(port => (port.Port, port.Protocol))
            .ToList();
        if (ports.Count == 0)
            return null;
        var namespaces = policy.FromNamespaces.Select(name => Object(
            ("namespaceSelector", Object(("matchLabels", Object(("kubernetes.io/metadata.name", name)))))));
        var workloads = policy.FromWorkloads.Select(name => Object(("podSelector", Object(("matchLabels", context.Selector(name))))));
        return [(JsonNode)Object(
            ("from", List(workloads.Concat(namespaces), static peer => peer)),
            ("ports", List(ports, static port => Object(("port", port.Port), ("protocol", ContainerRendering.Protocol(port.Protocol))))))];
    }
}
