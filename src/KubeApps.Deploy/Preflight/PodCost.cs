using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Preflight;

/// <summary>What one pod takes of a quota, with what the namespace's limit ranges fill in. Pure.</summary>
/// <param name="limitRanges">The limit ranges.</param>
internal sealed class PodCost(IReadOnlyList<JsonObject> limitRanges)
{
    private readonly List<JsonObject> _defaults =
        [.. limitRanges.SelectMany(range => (range["spec"]?["limits"] as JsonArray ?? []).OfType<JsonObject>()).Where(limit => (string?)limit["type"] == "Container")];

    /// <summary>By the names that quotas have for it; nothing where there is no template.</summary>
    public Resources Of(JsonNode? template)
    {
        var pod = new Resources();
        if (template?["spec"] is not JsonObject spec)
            return pod;
        pod.Add("pods", 1);
        pod.Add("count/pods", 1);
        foreach (var resource in Named(spec))
        {
            pod.Add($"limits.{resource}", Sum(spec, "limits", resource));
            var requested = Sum(spec, "requests", resource);
            pod.Add($"requests.{resource}", requested);
            if (resource is "cpu" or "memory" or "ephemeral-storage" || resource.StartsWith("hugepages-", StringComparison.Ordinal))
                pod.Add(resource, requested);
        }

        return pod;
    }

    /// <summary>The containers that do not say how much of a resource they request, or are limited to, and are not told either.</summary>
    public IEnumerable<string> Open(JsonObject? pod, string field, string resource) => DefaultOf(field, resource) is not null
        ? []
        : Containers(pod, "containers").Concat(Containers(pod, "initContainers"))
            .Where(container => container["resources"]?[field]?[resource] is null && (field != "requests" || container["resources"]?["limits"]?[resource] is null))
            .Select(container => (string?)container["name"] ?? "");

    private IEnumerable<string> Named(JsonObject pod) => Containers(pod, "containers").Concat(Containers(pod, "initContainers"))
        .SelectMany(container => Keys(container["resources"]?["requests"]).Concat(Keys(container["resources"]?["limits"])))
        .Concat(_defaults.SelectMany(limit => Keys(limit["default"]).Concat(Keys(limit["defaultRequest"]))))
        .Distinct(StringComparer.Ordinal);

    // Init containers run one after another, before the others: only the largest counts, with the sidecars that were started before it.
    private double Sum(JsonObject pod, string field, string resource)
    {
        double sidecars = 0, largest = 0;
        foreach (var container in Containers(pod, "initContainers"))
        {
            var amount = Of(container, field, resource);
            if ((string?)container["restartPolicy"] == "Always")
                sidecars += amount;
            else
                largest = Math.Max(largest, sidecars + amount);
        }

        return Math.Max(sidecars + Containers(pod, "containers").Sum(container => Of(container, field, resource)), largest);
    }

    // What is limited and requests nothing requests its limit.
    private double Of(JsonObject container, string field, string resource) => Resources.Amount(
        container["resources"]?[field]?[resource] ?? (field == "requests" ? container["resources"]?["limits"]?[resource] : null) ?? DefaultOf(field, resource));

    private JsonNode? DefaultOf(string field, string resource) => _defaults
        .Select(limit => (field == "requests" ? limit["defaultRequest"]?[resource] : null) ?? limit["default"]?[resource]).FirstOrDefault(value => value is not null);

    private static IEnumerable<JsonObject> Containers(JsonObject? pod, string list) => (pod?[list] as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<string> Keys(JsonNode? amounts) => (amounts as JsonObject ?? []).Select(item => item.Key);
}
