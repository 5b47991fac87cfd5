using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>What <c>fieldRef</c> and <c>resourceFieldRef</c> mean, for environment variables and downward API volumes.</summary>
internal static class PodFields
{
    public const string NodeName = "sandbox";

    public static string Field(PodSpec pod, string path)
    {
        var metadata = pod.Object["metadata"]!;
        if (path.IndexOf("['", StringComparison.Ordinal) is var at and > 0 && path.EndsWith("']", StringComparison.Ordinal))
            return (string?)metadata[path["metadata.".Length..at]]?[path[(at + 2)..^2]] ?? "";
        return path switch
        {
            "metadata.name" => pod.Name,
            "metadata.namespace" => pod.Namespace,
            "metadata.uid" => pod.Uid,
            "metadata.labels" or "metadata.annotations" => Lines(metadata[path["metadata.".Length..]]),
            "spec.nodeName" => NodeName,
            "spec.serviceAccountName" => (string?)pod.Object["spec"]!["serviceAccountName"] ?? "default",
            "status.podIP" or "status.hostIP" or "status.podIPs" or "status.hostIPs" => "127.0.0.1",
            _ => throw new ContainerException(ContainerException.ConfigError, $"unsupported fieldPath: {path}"),
        };
    }

    public static string Resource(PodSpec pod, ContainerSpec container, JsonNode reference)
    {
        var name = (string?)reference["containerName"] ?? container.Name;
        var named = pod.AllContainers.FirstOrDefault(candidate => candidate.Name == name)
            ?? throw new ContainerException(ContainerException.ConfigError, $"container {name} not found");
        var path = ((string)reference["resource"]!).Split('.', 2);
        var resources = named.Object["resources"];
        // Without a limit, what the node has; a request defaults to the limit.
        var quantity = resources?[path[0]]?[path[1]] ?? (path[0] == "requests" ? resources?["limits"]?[path[1]] : null);
        var value = quantity is not null ? Quantity((string)quantity!)
            : path[0] == "requests" ? 0
            : path[1] == "cpu" ? Environment.ProcessorCount
            : path[1] == "memory" ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : 0;
        var divisor = (string?)reference["divisor"] is { } text && Quantity(text) is var parsed and > 0 ? parsed : 1;
        return Math.Ceiling(value / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static string Lines(JsonNode? map) =>
        string.Join('\n', (map as JsonObject ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{pair.Key}=\"{((string)pair.Value!).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));

    private static decimal Quantity(string text)
    {
        var digits = text.TrimEnd("EPTGMKkimnu".ToCharArray());
        var number = decimal.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        return number * text[digits.Length..] switch
        {
            "n" => 0.000000001m,
            "u" => 0.000001m,
            "m" => 0.001m,
            "k" => 1_000m,
            "M" => 1_000_000m,
            "G" => 1_000_000_000m,
            "T" => 1_000_000_000_000m,
            "Ki" => 1L << 10,
            "Mi" => 1L << 20,
            "Gi" => 1L << 30,
            "Ti" => 1L << 40,
            _ => 1m,
        };
    }
}
