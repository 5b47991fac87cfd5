using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Preflight;

/// <summary>
/// Whether what a plan creates fits what quotas leave. Pure. What cannot fit is an error; what fits only once old pods are gone is a warning,
/// because the rollout waits for that by itself. Quotas with scopes are left out: they count only some pods.
/// </summary>
internal static class QuotaForecast
{
    /// <param name="ns">The namespace.</param>
    /// <param name="live">What stands, and what is to stand.</param>
    /// <param name="quotas">The namespace's quotas.</param>
    /// <param name="limitRanges">Its limit ranges: they fill in what containers leave open.</param>
    /// <param name="find">The type of a kind.</param>
    public static IReadOnlyList<Diagnostic> Of(
        string ns, LiveState live, IReadOnlyList<JsonObject> quotas, IReadOnlyList<JsonObject> limitRanges, Func<ObjectId, ResourceType?> find)
    {
        var here = live.Objects.Where(item => item.Object.Id.Namespace == ns).ToList();
        var (objects, least, most) = (new Resources(), new Resources(), new Resources());
        foreach (var item in here.Where(item => item.Change == ResourceChange.Created && !item.IsTerminating))
            AddObject(objects, item, find(item.Object.Id));
        foreach (var needs in here.Where(item => item.Change != ResourceChange.Unchanged).Select(PodNeeds.Of).OfType<PodNeeds>())
        {
            least.Add(needs.Least);
            most.Add(needs.Most);
        }

        least.Add(objects);
        most.Add(objects);
        var found = new List<Diagnostic>();
        foreach (var quota in quotas.Where(item => item["spec"]?["scopes"] is not JsonArray { Count: > 0 } && item["spec"]?["scopeSelector"] is null))
        {
            var name = (string?)quota["metadata"]?["name"];
            var (short_, tight) = (new List<string>(), new List<string>());
            foreach (var (resource, hard) in quota["status"]?["hard"] as JsonObject ?? quota["spec"]?["hard"] as JsonObject ?? [])
            {
                var (limit, used) = (Resources.Amount(hard), Resources.Amount(quota["status"]?["used"]?[resource]));
                string Line(double wanted) =>
                    $"{resource}: {Resources.Text(resource, wanted)} more, but only {Resources.Text(resource, Math.Max(0, limit - used))} of {Resources.Text(resource, limit)} left";
                if (least[resource] > 0 && Resources.IsMore(used + least[resource], limit))
                    short_.Add(Line(least[resource]));
                else if (most[resource] > 0 && Resources.IsMore(used + most[resource], limit))
                    tight.Add(Line(most[resource]));
            }

            if (short_.Count > 0)
                found.Add(DiagnosticDescriptors.QuotaShort.Because($"The quota {ns}/{name} leaves too little: {string.Join("; ", short_)}."));
            if (tight.Count > 0)
                found.Add(DiagnosticDescriptors.QuotaTight.Because($"The quota {ns}/{name} leaves too little for old and new pods together: {string.Join("; ", tight)}."));
            if (Unspecified(here, quota, limitRanges) is { Count: > 0 } open)
                found.Add(DiagnosticDescriptors.QuotaNeedsResources.Because($"The quota {ns}/{name} takes no pods that leave open what they need: {string.Join("; ", open)}."));
        }

        return found;
    }

    private static void AddObject(Resources objects, ObservedObject item, ResourceType? type)
    {
        if (type is null || item.Object.Id.Kind == "Pod")
            return;
        objects.Add($"count/{(type.Group.Length == 0 ? type.Plural : $"{type.Plural}.{type.Group}")}", 1);
        if (type.Group.Length == 0)
            objects.Add(type.Plural, 1);
        var spec = (item.DryRun ?? item.Object.Content)["spec"];
        if (item.Object.Id.Kind == "PersistentVolumeClaim")
            objects.Add("requests.storage", Resources.Amount(spec?["resources"]?["requests"]?["storage"]));
        if (item.Object.Id.Kind == "Service" && (string?)spec?["type"] is "LoadBalancer" or "NodePort")
        {
            objects.Add("services.nodeports", (spec?["ports"] as JsonArray)?.Count ?? 0);
            objects.Add("services.loadbalancers", (string?)spec?["type"] == "LoadBalancer" ? 1 : 0);
        }
    }

    private static List<string> Unspecified(List<ObservedObject> objects, JsonObject quota, IReadOnlyList<JsonObject> limitRanges)
    {
        var open = new List<string>();
        foreach (var limited in (quota["spec"]?["hard"] as JsonObject ?? []).Select(item => item.Key))
        {
            var (field, resource) = limited.Split('.') is [var first, var second] ? (first, second) : ("requests", limited);
            if (field is not ("requests" or "limits") || resource is not ("cpu" or "memory" or "ephemeral-storage") || HasDefault(limitRanges, field, resource))
                continue;
            foreach (var item in objects.Where(item => item.Change != ResourceChange.Unchanged))
                if (PodNeeds.Unspecified(item.DryRun ?? item.Object.Content, field, resource).ToList() is { Count: > 0 } containers)
                    open.Add($"{field}.{resource} of {item.Object.Id} ({string.Join(", ", containers)})");
        }

        return open;
    }

    private static bool HasDefault(IReadOnlyList<JsonObject> limitRanges, string field, string resource) => limitRanges
        .SelectMany(range => (range["spec"]?["limits"] as JsonArray ?? []).OfType<JsonObject>())
        .Any(limit => (string?)limit["type"] == "Container" && (limit[field == "limits" ? "default" : "defaultRequest"]?[resource] ?? limit["default"]?[resource]) is not null);
}
