using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Planning;

/// <summary>The checks of a release against the pods of one slot. Pure.</summary>
internal static class SlotChecks
{
    /// <summary>Before the switch: what runs in the cluster reaches the slot by its preview.</summary>
    public static IReadOnlyList<PlannedCheck> Of(Release release, IReadOnlyList<ReleaseObject> renderedServices, IReadOnlyList<ServiceSwitch> switches)
    {
        var asRendered = release with { Objects = [.. renderedServices, .. release.Objects.Where(item => renderedServices.All(service => service.Id != item.Id))] };
        return CheckPlan.Against(asRendered, PodLabels, PreviewOf);

        IReadOnlyDictionary<string, string> PodLabels(ReleaseObject service) =>
            switches.FirstOrDefault(item => item.Id == service.Id)?.To.Labels ?? CheckTarget.LabelsOf(service.Content["spec"]?["selector"]);

        JsonObject? PreviewOf(ReleaseObject service)
        {
            var preview = release.Objects.FirstOrDefault(item =>
                item.Id.Kind == "Service" && item.Id.Namespace == service.Id.Namespace && (string?)item.Content["metadata"]!["labels"]?[PreviewCopy.Label] == PreviewCopy.LabelOf(service.Id.Name));
            if (preview is null)
                return null;
            var content = preview.Content;
            content["spec"]!["selector"] = service.Content["spec"]?["selector"]?.DeepClone();
            return content;
        }
    }

    /// <summary>Again and again, while the old version stands by: Jobs are run once.</summary>
    public static IReadOnlyList<PlannedCheck> WithoutJobs(IReadOnlyList<PlannedCheck> checks) => [.. checks.Where(check => check.Job is null)];
}
