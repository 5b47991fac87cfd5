using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Preflight;

/// <summary>What pods of a workload take of a quota, before, during and after its change.</summary>
/// <param name="Least">What must be free for it to end well: what it takes in the end, or one pod beside the old ones where none of those may stop before.</param>
/// <param name="Most">What it takes at its largest, old pods and new ones together.</param>
internal sealed record PodNeeds(Resources Least, Resources Most)
{
    private static readonly string[] Computed = ["cpu", "memory", "ephemeral-storage"];

    /// <summary>Null where pods do not come of it at once, or nobody knows how many.</summary>
    public static PodNeeds? Of(ObservedObject observed)
    {
        var wanted = observed.DryRun ?? observed.Object.Content;
        var spec = wanted["spec"] as JsonObject;
        var live = observed.IsTerminating ? null : observed.Live;
        switch (observed.Object.Id.Kind)
        {
            case "Deployment" or "StatefulSet" when spec is not null && spec["template"] is JsonObject template:
                var count = Count(spec["replicas"], 1);
                var old = live is null ? new Resources() : PodsOf(live["spec"]?["template"], Count(live["spec"]?["replicas"], 1));
                var isNew = live is not null && !JsonNode.DeepEquals(live["spec"]?["template"], template);
                var growth = Difference(PodsOf(template, count), old);
                return observed.Object.Id.Kind == "Deployment" && isNew && (string?)spec["strategy"]?["type"] != "Recreate"
                    ? Rolling(spec["strategy"]?["rollingUpdate"], template, count, growth)
                    : new PodNeeds(growth, growth.AtLeastNothing());
            case "Job" when live is null && spec is not null && spec["template"] is JsonObject jobTemplate:
                var pods = PodsOf(jobTemplate, Math.Min(Count(spec["parallelism"], 1), Count(spec["completions"], int.MaxValue)));
                // It may be over before the others begin.
                return new PodNeeds(new Resources(), pods);
            default:
                return null;
        }
    }

    /// <summary>The containers that do not say how much of a resource they request, or are limited to, in a workload that makes pods.</summary>
    public static IEnumerable<string> Unspecified(JsonObject content, string field, string resource) =>
        Containers(Secrets.SecretReferences.PodSpecOf(content), "containers").Concat(Containers(Secrets.SecretReferences.PodSpecOf(content), "initContainers"))
            .Where(container => container["resources"]?[field]?[resource] is null && (field != "requests" || container["resources"]?["limits"]?[resource] is null))
            .Select(container => (string?)container["name"] ?? "");

    private static PodNeeds Rolling(JsonNode? update, JsonObject template, int count, Resources growth)
    {
        // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ : both 25 %, up for the surge and down for what may be missing.
        var surge = Part(update?["maxSurge"], count, roundsUp: true);
        var missing = Part(update?["maxUnavailable"], count, roundsUp: false);
        if (surge == 0 && missing == 0)
            missing = 1;
        var most = growth.AtLeastNothing();
        most.Add(PodsOf(template, surge));
        var least = growth;
        if (missing == 0 && count > 0)
        {
            least = growth.AtLeastNothing();
            least.Add(PodsOf(template, 1));
        }

        return new PodNeeds(least, most);
    }

    private static Resources PodsOf(JsonNode? template, int count)
    {
        var pod = new Resources();
        pod.Add("pods", 1);
        pod.Add("count/pods", 1);
        var spec = template?["spec"] as JsonObject;
        foreach (var resource in Computed)
        {
            pod.Add($"limits.{resource}", Sum(spec, "limits", resource));
            var requested = Sum(spec, "requests", resource);
            pod.Add($"requests.{resource}", requested);
            pod.Add(resource, requested);
        }

        var all = new Resources();
        all.Add(pod, count);
        return all;
    }

    // Init containers run one after another, before the others: only the largest counts.
    private static double Sum(JsonObject? pod, string field, string resource)
    {
        // What is limited and requests nothing requests its limit.
        double Of(JsonObject container) => Resources.Amount(container["resources"]?[field]?[resource] ?? (field == "requests" ? container["resources"]?["limits"]?[resource] : null));
        return Math.Max(Containers(pod, "containers").Sum(Of), Containers(pod, "initContainers").Select(Of).DefaultIfEmpty().Max());
    }

    private static IEnumerable<JsonObject> Containers(JsonObject? pod, string list) => (pod?[list] as JsonArray ?? []).OfType<JsonObject>();

    private static Resources Difference(Resources wanted, Resources old)
    {
        var difference = new Resources();
        difference.Add(wanted);
        difference.Add(old, -1);
        return difference;
    }

    private static int Count(JsonNode? value, int otherwise) => value is JsonValue number && number.TryGetValue<int>(out var count) ? count : otherwise;

    private static int Part(JsonNode? value, int count, bool roundsUp)
    {
        if (value is JsonValue number && number.TryGetValue<int>(out var absolute))
            return absolute;
        var percent = double.TryParse(value?.ToString().TrimEnd('%') ?? "25", System.Globalization.CultureInfo.InvariantCulture, out var parsed) ? parsed : 25;
        return (int)(roundsUp ? Math.Ceiling(count * percent / 100) : Math.Floor(count * percent / 100));
    }
}
