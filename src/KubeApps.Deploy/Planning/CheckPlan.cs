using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// When the checks of a release run, and against what. Pure. Where a Deployment gets new pods in place of old ones, a copy of it is checked
/// before the rollout. What cannot run twice, what did not change, and what is new (nothing serves yet that could be protected, and the rest
/// of the app that it may need is not there) is checked after it.
/// </summary>
/// <param name="Previews">What stands for the time of the checks before the rollout: Deployments, and services for Jobs.</param>
/// <param name="Before">Checks of the previews.</param>
/// <param name="After">Checks of what was rolled out.</param>
internal sealed record CheckPlan(IReadOnlyList<ReleaseObject> Previews, IReadOnlyList<PlannedCheck> Before, IReadOnlyList<PlannedCheck> After)
{
    private const string UrlVariable = "KUBEAPP_URL";

    private static readonly CheckPlan None = new([], [], []);

    /// <summary>Everything that exists for the checks alone: a deploy that is cut leaves it, and the next one must know.</summary>
    public IEnumerable<ObjectId> ShortLived => Previews.Select(item => item.Id).Concat(Before.Concat(After).Select(check => check.Job).OfType<ReleaseObject>().Select(job => job.Id));

    public static CheckPlan Of(Release release, IReadOnlyList<ObservedObject> observed)
    {
        if (release.Checks.Count == 0)
            return None;
        var services = release.Objects.Where(item => item.Id.Kind == "Service").ToList();
        var copies = new Dictionary<ObjectId, ReleaseObject>();
        var beside = new Dictionary<ObjectId, ReleaseObject>();
        var (before, after) = (new List<PlannedCheck>(), new List<PlannedCheck>());
        foreach (var check in release.Checks)
        {
            var service = ServiceOf(check, release, services);
            var job = check.Job is null ? null : release.CheckJobs.FirstOrDefault(item => item.Id.Name == check.Job);
            var previews = service is null ? [] : PreviewsOf(service, release, observed, copies, services);
            if (previews.Count == 0)
            {
                after.Add(new PlannedCheck(check, service is null ? null : CheckTarget.Of(service.Content), JobOf(job, release, service?.Content)));
                continue;
            }

            var labels = LabelsOf(previews[0], service!);
            if (job is not null)
                beside.TryAdd(service!.Id, PreviewCopy.OfService(service, labels));
            before.Add(new PlannedCheck(
                check, CheckTarget.Of(service!.Content, labels), JobOf(job, release, job is null ? null : beside[service.Id].Content)));
        }

        return new CheckPlan([.. beside.Values, .. copies.Values], before, after);
    }

    /// <summary>All checks against pods that were chosen otherwise, like those of a slot.</summary>
    /// <param name="release">What is deployed.</param>
    /// <param name="podLabels">What picks the pods in place of a service's own selector.</param>
    /// <param name="address">The service that leads to those pods, for what runs in the cluster; null where there is none.</param>
    public static IReadOnlyList<PlannedCheck> Against(
        Release release, Func<ReleaseObject, IReadOnlyDictionary<string, string>> podLabels, Func<ReleaseObject, JsonObject?> address)
    {
        var services = release.Objects.Where(item => item.Id.Kind == "Service").ToList();
        return
        [
            .. from check in release.Checks
               let service = ServiceOf(check, release, services)
               let job = check.Job is null ? null : release.CheckJobs.FirstOrDefault(item => item.Id.Name == check.Job)
               select new PlannedCheck(
                   check, service is null ? null : CheckTarget.Of(service.Content, podLabels(service)), JobOf(job, release, service is null ? null : address(service))),
        ];
    }

    // A command and a Job are about the app as a whole: they get the address of the service that is its face.
    private static ReleaseObject? ServiceOf(BundleCheck check, Release release, List<ReleaseObject> services)
    {
        var name = check.Service ?? release.EntryService ?? release.Checks.Select(other => other.Service).FirstOrDefault(other => other is not null);
        return name is not null
            ? services.FirstOrDefault(service => service.Id.Name == name)
            : services.FirstOrDefault(service => CheckTarget.Of(service.Content) is not null);
    }

    /// <summary>The copies behind a service; none where one of its workloads cannot, or need not, be copied.</summary>
    private static List<ReleaseObject> PreviewsOf(
        ReleaseObject service, Release release, IReadOnlyList<ObservedObject> observed, Dictionary<ObjectId, ReleaseObject> copies, List<ReleaseObject> services)
    {
        var selector = Selector.Of(service.Content["spec"]?["selector"]);
        var workloads = observed.Where(item => item.Object.Id.Kind is "Deployment" or "StatefulSet" or "DaemonSet"
            && item.Object.Id.Namespace == service.Id.Namespace
            && selector?.Matches(item.Object.Content["spec"]?["template"]?["metadata"]?["labels"]) == true).ToList();
        if (workloads.Count != 1 || !PreviewCopy.CanBeMade(workloads[0].Object.Content) || !GetsOtherPods(workloads[0]))
            return [];
        var deployment = workloads[0].Object;
        var name = PreviewCopy.NameOf(deployment.Id.Name);
        // A name that the app itself uses is not ours to take.
        if (release.Objects.Any(item => item.Id.Namespace == deployment.Id.Namespace && item.Id.Name == name && item.Id.Kind is "Deployment" or "Service"))
            return [];
        if (!copies.TryGetValue(deployment.Id, out var copy))
            copies[deployment.Id] = copy = PreviewCopy.Of(deployment, services.Where(item => item.Id.Namespace == deployment.Id.Namespace).Select(item => item.Content));
        return [copy];
    }

    private static bool GetsOtherPods(ObservedObject workload) =>
        workload is { Live: { } live, IsTerminating: false, DryRun: { } dryRun } && !JsonNode.DeepEquals(live["spec"]?["template"], dryRun["spec"]?["template"]);

    // The copy's own selector finds its pod, whatever the service's selector had beside it.
    private static Dictionary<string, string> LabelsOf(ReleaseObject copy, ReleaseObject service)
    {
        var labels = CheckTarget.LabelsOf(copy.Content["spec"]!["selector"]!["matchLabels"]);
        foreach (var key in CheckTarget.LabelsOf(service.Content["spec"]?["selector"]).Keys)
            labels[key] = (string)copy.Content["spec"]!["template"]!["metadata"]!["labels"]![key]!;
        return labels;
    }

    /// <summary>The Job under a name of this release's own, told where the app is: pods learn the address of a service from their variables, with or without DNS.</summary>
    private static ReleaseObject? JobOf(ReleaseObject? job, Release release, JsonObject? service)
    {
        if (job is null)
            return null;
        var content = job.Content;
        var suffix = "-" + release.Hash[..Math.Min(8, release.Hash.Length)];
        var name = job.Id.Name;
        content["metadata"]!["name"] = (name.Length + suffix.Length <= 63 ? name : name[..(63 - suffix.Length)].TrimEnd('-')) + suffix;
        if (service is not null && (string?)service["spec"]?["clusterIP"] != "None" && CheckTarget.Of(service) is { } target && target.Port(null) is { } port)
        {
            var variable = target.Service.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
            var url = $"{(target.IsTls(port) ? "https" : "http")}://$({variable}_SERVICE_HOST):$({variable}_SERVICE_PORT)";
            foreach (var container in (content["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>())
            {
                var variables = (JsonArray)(container["env"] ??= new JsonArray());
                if (!variables.Any(item => (string?)item?["name"] == UrlVariable))
                    variables.Add((JsonNode)new JsonObject { ["name"] = UrlVariable, ["value"] = url });
            }
        }

        return job.With(content);
    }
}
