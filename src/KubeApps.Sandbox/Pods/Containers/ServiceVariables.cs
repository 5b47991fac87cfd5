using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// The variables by which Kubernetes tells a container of the services in its namespace (<c>WEB_SERVICE_HOST</c>, <c>WEB_SERVICE_PORT</c>, …).
/// Host and ports are those of the sandbox's proxy, so they work from this machine.
/// </summary>
internal static class ServiceVariables
{
    public static Dictionary<string, string> Of(Cluster cluster, PodSpec pod)
    {
        var result = new Dictionary<string, string>();
        if ((bool?)pod.Object["spec"]!["enableServiceLinks"] == false)
            return result;
        foreach (var service in cluster.List(ResourceTypes.Service, pod.Namespace))
            Add(service, result);
        return result;
    }

    private static void Add(JsonObject service, Dictionary<string, string> target)
    {
        if (service.Spec.Text("clusterIP") == "None")
            return;
        var hostPorts = PortAnnotation.Read(service);
        var name = Upper(service.Name);
        var first = true;
        foreach (var port in service.Spec.Items("ports"))
        {
            var number = port.Count("port");
            if (!hostPorts.TryGetValue(number, out var mapped))
                continue;
            var hostPort = mapped.ToString(CultureInfo.InvariantCulture);
            var protocol = port.Text("protocol") ?? "TCP";
            var address = $"{protocol.ToLowerInvariant()}://127.0.0.1:{hostPort}";
            if (first)
            {
                target[$"{name}_SERVICE_HOST"] = "127.0.0.1";
                target[$"{name}_SERVICE_PORT"] = hostPort;
                target[$"{name}_PORT"] = address;
                first = false;
            }

            if (port.Text("name") is { Length: > 0 } portName)
                target[$"{name}_SERVICE_PORT_{Upper(portName)}"] = hostPort;
            var link = $"{name}_PORT_{number}_{protocol}";
            target[link] = address;
            target[$"{link}_PROTO"] = protocol.ToLowerInvariant();
            target[$"{link}_PORT"] = hostPort;
            target[$"{link}_ADDR"] = "127.0.0.1";
        }
    }

    private static string Upper(string name) => name.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
}
