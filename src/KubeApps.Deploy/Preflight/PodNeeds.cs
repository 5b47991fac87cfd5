using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Preflight;

/// <summary>What pods of a workload take of a quota, before, during and after its change. Pure.</summary>
/// <param name="Least">What must be free for it to end well: what it takes in the end, or one pod beside the old ones where none of those may stop before.</param>
/// <param name="Most">What it takes at its largest, old pods and new ones together.</param>
internal sealed record PodNeeds(Resources Least, Resources Most)
{
    /// <summary>Null where pods do not come of it at once, or nobody knows how many.</summary>
    /// <param name="observed">The workload.</param>
    /// <param name="costOf">What a pod of a template takes; nothing where the quota does not count it.</param>
    /// <param name="size">How many pods a Deployment gets, where that does not stand in it.</param>
    public static PodNeeds? Of(ObservedObject observed, Func<JsonNode?, Resources> costOf, int? size = null)
    {
        var wanted = observed.DryRun ?? observed.Object.Content;
        var live = observed.IsTerminating ? null : observed.Live;
        if (wanted["spec"] is not JsonObject spec || spec["template"] is not JsonObject template)
            return null;
        switch (observed.Object.Id.Kind)
        {
            case "Deployment" or "StatefulSet":
                var count = size ?? Count(spec["replicas"], 1);
                var growth = Growth(template, count, live, live is null ? 0 : Count(live["spec"]?["replicas"], 1), costOf);
                return observed.Object.Id.Kind == "Deployment" && IsNew(template, live) && (string?)spec["strategy"]?["type"] != "Recreate"
                    ? Rolling(spec["strategy"]?["rollingUpdate"], costOf(template), count, growth)
                    : new PodNeeds(growth, growth.AtLeast(new Resources()));
            // On how many nodes a new one comes to stand, only the scheduler knows.
            case "DaemonSet" when Count(live?["status"]?["desiredNumberScheduled"], 0) is > 0 and var nodes:
                var change = Growth(template, nodes, live, nodes, costOf);
                var most = change.AtLeast(new Resources());
                if (IsNew(template, live) && (string?)spec["updateStrategy"]?["type"] != "OnDelete")
                    most.Add(costOf(template), Part(spec["updateStrategy"]?["rollingUpdate"]?["maxSurge"] ?? 0, nodes, roundsUp: true));
                return new PodNeeds(change, most);
            case "Job" when live is null:
                // It may be over before the others begin.
                var pods = new Resources();
                pods.Add(costOf(template), Math.Min(Count(spec["parallelism"], 1), Count(spec["completions"], int.MaxValue)));
                return new PodNeeds(new Resources(), pods);
            default:
                return null;
        }
    }

    internal static int Count(JsonNode? value, int otherwise) => value is JsonValue number && number.TryGetValue<int>(out var count) ? count : otherwise;

    private static bool IsNew(JsonObject template, JsonObject? live) => live is not null && !JsonNode.DeepEquals(live["spec"]?["template"], template);

    private static Resources Growth(JsonObject template, int count, JsonObject? live, int former, Func<JsonNode?, Resources> costOf)
    {
        var growth = new Resources();
        growth.Add(costOf(template), count);
        growth.Add(costOf(live?["spec"]?["template"]), -former);
        return growth;
    }

    private static PodNeeds Rolling(JsonNode? update, Resources pod, int count, Resources growth)
    {
        // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ : both 25 %, up for the surge and down for what may be missing.
        var surge = Part(update?["maxSurge"], count, roundsUp: true);
        var missing = Part(update?["maxUnavailable"], count, roundsUp: false);
        if (surge == 0 && missing == 0)
            missing = 1;
        var most = growth.AtLeast(new Resources());
        most.Add(pod, surge);
        var least = growth;
        if (missing == 0 && count > 0)
        {
            least = growth.AtLeast(new Resources());
            least.Add(pod);
        }

        return new PodNeeds(least, most);
    }

    private static int Part(JsonNode? value, int count, bool roundsUp)
    {
        if (value is JsonValue number && number.TryGetValue<int>(out var absolute))
            return absolute;
        var percent = double.TryParse(value?.ToString().TrimEnd('%') ?? "25", CultureInfo.InvariantCulture, out var parsed) ? parsed : 25;
        return (int)(roundsUp ? Math.Ceiling(count * percent / 100) : Math.Floor(count * percent / 100));
    }
}
