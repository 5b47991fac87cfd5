using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning.Reports;

/// <summary>From a plan and what it was made of to its report. Pure.</summary>
internal static class PlanReports
{
    public static PlanReport Of(Release release, LiveState live, ReleasePlan plan, string target)
    {
        var replaced = Replacements.Of(live);
        // Their key is made with the first deploy to the namespace.
        bool HasMadeUpName(ObjectId id) => release.NeedsHashKey && !live.HasHashKey && id.Kind == "Secret" && Replacements.BaseName(id) is not null;
        var planned = plan.Steps.OfType<ReleaseStep.Apply>().SelectMany(step => step.Objects)
            .Concat(plan.Steps.OfType<ReleaseStep.RunJobs>().SelectMany(step => step.Jobs))
            .GroupBy(item => item.Object.Id).ToDictionary(group => group.Key, group => group.First());
        return new PlanReport(
            plan.App, plan.Environment, target, plan.Namespace, release.Commit,
            [
                .. live.MissingNamespaces.Select(name => new ObjectPlan(new ObjectId("v1", "Namespace", null, name), ResourceChange.Created, [])),
                // A Job whose work is done, and that was cleaned away since, is not created again.
                .. live.Objects.Where(item => !item.Object.IsBeforeJob || item.Live is not null || planned.ContainsKey(item.Object.Id))
                    .Select(item => Of(item, planned.GetValueOrDefault(item.Object.Id), replaced.GetValueOrDefault(item.Object.Id), HasMadeUpName(item.Object.Id))),
                .. plan.Steps.OfType<ReleaseStep.Prune>().SelectMany(step => step.Objects).Select(item => item.Id)
                    .Concat(plan.Steps.OfType<SlotStep.Retire>().SelectMany(step => step.Objects))
                    .Concat(plan.Steps.OfType<SlotStep.Remove>().SelectMany(step => step.Objects))
                    .Distinct().Select(id => new ObjectPlan(id, ResourceChange.Deleted, [])),
            ],
            ImageChanges.Of(live, replaced),
            [.. plan.Steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout))])
        {
            Obstacles = [.. live.Objects.SelectMany(item => item.Obstacles)],
        };
    }

    private static ObjectPlan Of(ObservedObject observed, PlannedObject? planned, FormerObject? replaced, bool isNameMadeUp)
    {
        var id = observed.Object.Id;
        if (planned?.Replacement is not null && observed.Replacement is null)
            return new ObjectPlan(id, ResourceChange.Replaced, [], Note: "failed before, is deleted and created again");
        if (observed.IsTerminating)
            return new ObjectPlan(id, ResourceChange.Created, [], Note: "is being deleted, is created again once it is gone");
        if (observed is { Live: { } live, DryRun: { } dryRun })
        {
            var fields = FieldDiff.Of(live, dryRun);
            return new ObjectPlan(
                id, observed.Change, fields, Note: observed.Obstacles.Any(item => item.Code == DiagnosticDescriptors.NotAdopted.Code) ? "was not made by this app, needs --adopt"
                    : observed.Obstacles.Any(item => item.Code == DiagnosticDescriptors.ImmutableField.Code) ? "cannot be changed, needs --replace"
                    : observed.Replacement is not null ? "cannot be changed, is deleted and created again"
                    : observed.MigratesFrom.Count > 0 ? $"takes over what {string.Join(", ", observed.MigratesFrom)} wrote"
                    : observed.Change == ResourceChange.Changed && fields.Count == 0 ? "only which fields are ours" : null)
            {
                Conflicts = observed.Conflicts,
            };
        }

        return replaced is { Live: { } former }
            ? new ObjectPlan(id, observed.Change, id.Kind == "Job" ? [] : FieldDiff.Of(former, observed.DryRun ?? observed.Object.Content, names: false), replaced.Id.Name)
            : new ObjectPlan(id, observed.Change, [], Note: isNameMadeUp ? "with another hash in its name" : null) { Conflicts = observed.Conflicts };
    }
}

/// <summary>Which new objects take the place of former ones: those whose names differ only in the hash of their content.</summary>
internal static class Replacements
{
    private const int HashLength = 10;

    public static IReadOnlyDictionary<ObjectId, FormerObject> Of(LiveState live)
    {
        // Several versions of a configuration may stand, for old revisions; the last is the one that the workloads name now.
        var used = live.Objects.Select(item => item.Live).OfType<JsonObject>()
            .SelectMany(content => Secrets.SecretReferences.All(content).Select(reference => (reference.Kind, reference.Name)))
            .ToHashSet();
        var found = new Dictionary<ObjectId, FormerObject>();
        foreach (var created in live.Objects.Where(item => item.Live is null).Select(item => item.Object.Id))
            if (BaseName(created) is { } name
                && live.Former
                    .Where(item => item.Live is not null && item.Id.Kind == created.Kind && item.Id.Namespace == created.Namespace && BaseName(item.Id) == name)
                    .OrderByDescending(item => used.Contains((item.Id.Kind, item.Id.Name)))
                    .ThenByDescending(item => (string?)item.Live!["metadata"]?["creationTimestamp"], StringComparer.Ordinal)
                    .FirstOrDefault() is { } former)
                found[created] = former;
        return found;
    }

    /// <summary>The name without the hash of the content; null where it has none.</summary>
    public static string? BaseName(ObjectId id)
    {
        var dash = id.Name.Length - HashLength - 1;
        return id.Kind is "ConfigMap" or "Secret" or "Job" && dash > 0 && id.Name[dash] == '-' && id.Name.AsSpan(dash + 1).IndexOfAnyExcept("0123456789abcdef") < 0
            ? id.Name[..dash]
            : null;
    }
}

/// <summary>What images the containers get, by workload.</summary>
internal static class ImageChanges
{
    public static IReadOnlyList<ImageChange> Of(LiveState live, IReadOnlyDictionary<ObjectId, FormerObject> replaced) =>
    [
        .. from item in live.Objects
           let old = ImagesOf(item.IsTerminating ? null : item.Live ?? replaced.GetValueOrDefault(item.Object.Id)?.Live)
           from image in ImagesOf(item.DryRun ?? item.Object.Content)
           let before = old.GetValueOrDefault(image.Key)
           where before != image.Value
           select new ImageChange(item.Object.Id, image.Key, before, image.Value),
    ];

    /// <summary>The images of an object's containers, by container; none where the object has no pods.</summary>
    public static IReadOnlyDictionary<string, string> ImagesOf(JsonObject? content)
    {
        var images = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (content is null || Secrets.SecretReferences.PodSpecOf(content) is not { } pod)
            return images;
        foreach (var list in (string[])["initContainers", "containers"])
            foreach (var container in (pod[list] as JsonArray ?? []).OfType<JsonObject>())
                if (container["name"] is JsonValue name && container["image"] is JsonValue image)
                    images[(string)name!] = (string)image!;
        return images;
    }
}
