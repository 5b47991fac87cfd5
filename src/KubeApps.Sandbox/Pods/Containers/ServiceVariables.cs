using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// The variables by which Kubernetes tells a container of the services in its namespace (<c>WEB_SERVICE_HOST</c>, <c>WEB_SERVICE_PORT</c>, …).
/// Host and ports are those of the sandbox's proxy, so they work from this machine.
/// </summary>
internal static class ServiceVariables
{
    private const string PortsAnnotation = "sandbox.kubeapps.dev/ports";

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
        if ((string?)service["spec"]!["clusterIP"] == "None" || service["spec"]!["ports"] is not JsonArray { Count: > 0 } ports
            || (string?)service["metadata"]!["annotations"]?[PortsAnnotation] is not { } recorded
            || JsonNode.Parse(recorded) is not JsonObject hostPorts)
            return;
        var name = Upper((string)service["metadata"]!["name"]!);
        var first = true;
        foreach (var port in ports)
        {
            var number = port!["port"].AsInt()!.Value.ToString(CultureInfo.InvariantCulture);
            if (hostPorts[number]?.ToString() is not { } hostPort)
                continue;
            var protocol = (string?)port["protocol"] ?? "TCP";
            var address = $"{protocol.ToLowerInvariant()}://127.0.0.1:{hostPort}";
            if (first)
            {
                target[$"{name}_SERVICE_HOST"] = "127.0.0.1";
                target[$"{name}_SERVICE_PORT"] = hostPort;
                target[$"{name}_PORT"] = address;
                first = false;
            }

            if ((string?)port["name"] is { Length: > 0 } portName)
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
