using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Secrets;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>What a deploy writes down of itself before it begins. Pure.</summary>
internal static class RevisionDraft
{
    public static Revision Of(
        Release release, BundleEnvironment environment, ReleasePlan plan, IReadOnlyList<ObjectChange> changes, Author by, DateTimeOffset startedAt, int number)
    {
        int Count(ResourceChange change) => changes.Count(item => item.Change == change);
        return new Revision(
            number, release.App, release.Environment, release.Namespace, release.Commit, release.Hash, environment.Strategy.Kind, by, startedAt, ImagesOf(release.Objects),
            new RevisionPlan(
                [.. plan.Steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout))], Count(ResourceChange.Created), Count(ResourceChange.Changed),
                Count(ResourceChange.Replaced), Count(ResourceChange.Unchanged), Count(ResourceChange.Deleted)),
            RevisionContent.Of(ContentOf(release, environment)))
        {
            Bundle = release.Bundle,
            Restores = release.Restores,
            Slot = SlotOf(plan),
        };
    }

    private static string? SlotOf(ReleasePlan plan) => plan.Steps.OfType<ReleaseStep.Intend>().LastOrDefault()?.Inventory.Rollout is { } rollout
        ? (rollout.Next ?? rollout.Live) is { } slot and not Slot.Plain ? slot.Word() : null
        : null;

    private static BundleEnvironment ContentOf(Release release, BundleEnvironment environment) => environment with
    {
        Namespace = release.Namespace,
        // Of these the names are those that the Jobs of the checks have now.
        Checks = release.Checks,
        Objects = [.. release.Objects.Concat(release.CheckJobs).Select(item => new BundleObject(item.Path, item.Phase, item.Content))],
    };

    private static IReadOnlyList<RevisionImage> ImagesOf(IReadOnlyList<ReleaseObject> objects) =>
    [
        .. from item in objects
           let pod = SecretReferences.PodSpecOf(item.Content)
           where pod is not null
           from container in Containers(pod, "initContainers").Concat(Containers(pod, "containers"))
           where Text(container["image"]) is not null
           select new RevisionImage($"{item.Id.Kind} {item.Id.Name}", Text(container["name"]) ?? "", Text(container["image"])!),
    ];

    private static IEnumerable<JsonObject> Containers(JsonObject pod, string name) => (pod[name] as JsonArray ?? []).OfType<JsonObject>();

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
