using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Preflight;

/// <summary>
/// Whether what a plan creates fits what quotas leave: objects, the pods of workloads, previews, and what a deploy writes down itself. Pure.
/// What cannot fit is an error; what fits only once something else is gone is a warning, because the rollout waits for that by itself.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="live">What stands, and what is to stand.</param>
/// <param name="find">The type of a kind.</param>
internal sealed class QuotaForecast(ReleasePlan plan, LiveState live, Func<ObjectId, ResourceType?> find)
{
    /// <param name="ns">The namespace.</param>
    /// <param name="quotas">Its quotas.</param>
    /// <param name="limitRanges">Its limit ranges: they fill in what containers leave open.</param>
    public IReadOnlyList<Diagnostic> Of(string ns, IReadOnlyList<JsonObject> quotas, IReadOnlyList<JsonObject> limitRanges)
    {
        var here = live.Objects.Where(item => item.Object.Id.Namespace == ns).ToList();
        var cost = new PodCost(limitRanges);
        var found = new List<Diagnostic>();
        foreach (var quota in quotas)
        {
            var isScoped = QuotaScopes.AreOf(quota);
            Resources CostOf(JsonNode? template) => !isScoped || QuotaScopes.Match(quota, template, cost) ? cost.Of(template) : new Resources();
            var (least, most) = NeedsOf(ns, here, CostOf, countsObjects: !isScoped);
            found.AddRange(Shortages($"{ns}/{quota["metadata"]?["name"]}", quota, least, most));
            if (Open(here.Where(item => !isScoped || QuotaScopes.Match(quota, item.Object.Content["spec"]?["template"], cost)), quota, cost) is { Count: > 0 } open)
                found.Add(DiagnosticDescriptors.QuotaNeedsResources.Because(
                    $"The quota {ns}/{quota["metadata"]?["name"]} takes no pods that leave open what they need: {string.Join("; ", open)}."));
        }

        return found;
    }

    private (Resources Least, Resources Most) NeedsOf(string ns, List<ObservedObject> here, Func<JsonNode?, Resources> costOf, bool countsObjects)
    {
        var (least, most, preview) = (new Resources(), new Resources(), new Resources());
        // A step of its own says how large a version is whose size is an autoscaler's.
        var sizes = plan.Steps.OfType<SlotStep.Size>().SelectMany(step => step.Sizes).ToDictionary(item => item.Deployment, item => (int?)item.Replicas);
        foreach (var needs in here.Where(item => item.Change != ResourceChange.Unchanged || sizes.ContainsKey(item.Object.Id))
            .Select(item => PodNeeds.Of(item, costOf, sizes.GetValueOrDefault(item.Object.Id))).OfType<PodNeeds>())
        {
            least.Add(needs.Least);
            most.Add(needs.Most);
        }

        if (countsObjects)
        {
            foreach (var item in here)
            {
                var change = ObjectCost.OfChange(item, find(item.Object.Id));
                least.Add(change);
                most.Add(change);
                most.Add(ObjectCost.Claims(item));
                if (ApplyOrder.WaveOf(item.Object.Id) <= ApplyWave.Configuration)
                    preview.Add(change);
            }

            var (own, record) = ns == plan.Namespace ? OwnOf() : (new Resources(), new Resources());
            foreach (var sum in (Resources[])[least, most, preview])
                sum.Add(own);
            most.Add(record);
        }

        // Previews come and go before the rollout.
        var previews = plan.Steps.OfType<ReleaseStep.StartPreview>().SelectMany(step => step.Objects).Where(item => item.Id.Namespace == ns).ToList();
        foreach (var item in previews)
        {
            preview.Add(costOf(item.Content["spec"]?["template"]), PodNeeds.Count(item.Content["spec"]?["replicas"], 1));
            if (countsObjects && find(item.Id) is { } type)
            {
                preview.Add(ObjectCost.Of(type, item.Content));
                preview.Add(ObjectCost.Versions(item.Id.Kind));
            }
        }

        return previews.Count == 0 ? (least, most) : (least.AtLeast(preview), most.AtLeast(preview));
    }

    /// <summary>What a deploy writes besides the app: without the one it does not begin, without the other (the revision) it goes on.</summary>
    private (Resources Needed, Resources Record) OwnOf()
    {
        var (needed, record) = (new Resources(), new Resources());
        if (plan.Steps.Any(step => step is ReleaseStep.Lock))
            needed.Add(ObjectCost.Count(ResourceType.Lease));
        if (plan.Steps.OfType<ReleaseStep.Intend>().FirstOrDefault() is not { } intend)
            return (needed, record);
        if (live.Inventory is null)
            needed.Add(ObjectCost.Count(ResourceType.ConfigMap));
        if (intend.CreatesHashKey)
            needed.Add(ObjectCost.Count(ResourceType.Secret));
        record.Add(ObjectCost.Count(ResourceType.ConfigMap));
        return (needed, record);
    }

    private static IEnumerable<Diagnostic> Shortages(string name, JsonObject quota, Resources least, Resources most)
    {
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
            yield return DiagnosticDescriptors.QuotaShort.Because($"The quota {name} leaves too little: {string.Join("; ", short_)}.");
        if (tight.Count > 0)
            yield return DiagnosticDescriptors.QuotaTight.Because($"The quota {name} leaves too little for a while: {string.Join("; ", tight)}.");
    }

    private static List<string> Open(IEnumerable<ObservedObject> objects, JsonObject quota, PodCost cost)
    {
        var changed = objects.Where(item => item.Change != ResourceChange.Unchanged).ToList();
        var open = new List<string>();
        foreach (var limited in (quota["spec"]?["hard"] as JsonObject ?? []).Select(item => item.Key))
        {
            var (field, resource) = limited.Split('.') is [var first, var second] ? (first, second) : ("requests", limited);
            if (field is not ("requests" or "limits") || resource is not ("cpu" or "memory" or "ephemeral-storage"))
                continue;
            foreach (var item in changed)
                if (cost.Open(Secrets.SecretReferences.PodSpecOf(item.DryRun ?? item.Object.Content), field, resource).ToList() is { Count: > 0 } containers)
                    open.Add($"{field}.{resource} of {item.Object.Id} ({string.Join(", ", containers)})");
        }

        return open;
    }
}
