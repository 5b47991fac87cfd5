using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>What stands in every cluster from the start: namespaces, the one node, the API's own Service.</summary>
internal static class ClusterSeed
{
    public const string NodeName = "sandbox";

    private const string Manager = "kubeapps-sandbox";

    /// <summary>Creates what is missing, and brings the node up to date with the machine.</summary>
    public static void Plant(Cluster cluster)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
            cluster.Create(ResourceTypes.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, Manager);
        cluster.Create(ResourceTypes.Service, ApiService(), Manager);
        cluster.Create(ResourceTypes.Node, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = NodeName,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/arch"] = Architecture,
                    ["kubernetes.io/hostname"] = NodeName,
                    ["kubernetes.io/os"] = System,
                },
            },
        }, Manager);
        var node = new ObjectKey(ResourceTypes.Node, null, NodeName);
        cluster.UpdateStatus(node, Manager, value =>
        {
            value["status"] = NodeStatus(cluster.Timestamp());
            return true;
        });
    }

    private static string Architecture => RuntimeInformation.OSArchitecture == global::System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private static string System => OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";

    private static JsonObject ApiService() => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "kubernetes",
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" },
        },
        ["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["clusterIP"] = "10.96.0.1",
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = 6443 }),
        },
    };

    private static JsonObject NodeStatus(string now)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024;
        var capacity = new JsonObject
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = memory.ToString(CultureInfo.InvariantCulture) + "Ki",
            ["pods"] = "110",
        };
        return new JsonObject
        {
            ["capacity"] = capacity,
            ["allocatable"] = capacity.DeepClone(),
            ["conditions"] = new JsonArray(
                Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
                Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now)),
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" },
                new JsonObject { ["type"] = "Hostname", ["address"] = NodeName }),
            ["nodeInfo"] = new JsonObject
            {
                ["machineID"] = "",
                ["systemUUID"] = "",
                ["bootID"] = "",
                ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
                ["osImage"] = RuntimeInformation.OSDescription,
                ["containerRuntimeVersion"] = "processes://1",
                ["kubeletVersion"] = "v1.34.9",
                ["kubeProxyVersion"] = "",
                ["operatingSystem"] = System,
                ["architecture"] = Architecture,
            },
        };
    }

    private static JsonObject Condition(string type, string status, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastHeartbeatTime"] = now,
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
