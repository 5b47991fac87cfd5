using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Events;

namespace KubeApps.Deploy.Revisions;

/// <summary>What differs between two revisions. Pure.</summary>
/// <param name="From">The one.</param>
/// <param name="To">The other.</param>
/// <param name="Objects">Their objects, field by field; those that are equal are left out. None where those of one were not kept.</param>
/// <param name="Images">Containers that run another image, or that only the second has.</param>
internal sealed record RevisionDiff(Revision From, Revision To, IReadOnlyList<ObjectPlan> Objects, IReadOnlyList<ImageChange> Images)
{
    /// <summary>Whether the objects of both were kept: otherwise images alone are compared.</summary>
    public bool IsWhole => From.Content is not null && To.Content is not null;

    public static RevisionDiff Of(Revision from, Revision to)
    {
        if (from.Content is null || to.Content is null)
            return new RevisionDiff(from, to, [], ImagesOf(from, to));
        var (old, wanted) = (ById(from.Content.Environment), ById(to.Content.Environment));
        // Configuration whose name carries another hash is the same configuration with another content.
        var created = wanted.Keys.Where(id => !old.ContainsKey(id)).ToList();
        var deleted = old.Keys.Where(id => !wanted.ContainsKey(id)).ToList();
        var replaced = new Dictionary<ObjectId, ObjectId>();
        foreach (var id in created)
            if (Replacements.BaseName(id) is { } name
                && deleted.FirstOrDefault(item => item.Kind == id.Kind && item.Namespace == id.Namespace && Replacements.BaseName(item) == name) is { } former
                && !replaced.ContainsValue(former))
                replaced[id] = former;
        List<ObjectPlan> objects =
        [
            .. wanted.Where(item => old.ContainsKey(item.Key))
                .Select(item => new ObjectPlan(item.Key, ResourceChange.Changed, FieldDiff.Of(Kept(old[item.Key]), Kept(item.Value))))
                .Where(item => item.Fields.Count > 0),
            .. created.Select(id => replaced.TryGetValue(id, out var former)
                ? new ObjectPlan(
                    id, ResourceChange.Created, FieldDiff.Of(Kept(old[former]), Kept(wanted[id]), names: false), former.Name, id.Kind == "Secret" ? "with other values" : null)
                : new ObjectPlan(id, ResourceChange.Created, [])),
            .. deleted.Except(replaced.Values).Select(id => new ObjectPlan(id, ResourceChange.Deleted, [])),
        ];
        return new RevisionDiff(from, to, [.. objects.OrderBy(item => item.Id.ToString(), StringComparer.Ordinal)], ImagesOf(old, wanted, replaced));
    }

    // Of a Secret the keys alone are kept: without anything in its place, one that came or went would be like one that never was.
    private static JsonObject Kept(BundleObject item)
    {
        var content = (JsonObject)item.Content.DeepClone();
        if ((string?)content["kind"] == "Secret" && content["data"] is JsonObject data)
            foreach (var key in data.Select(pair => pair.Key).ToList())
                data[key] ??= "";
        return content;
    }

    private static IReadOnlyList<ImageChange> ImagesOf(Revision old, Revision wanted) =>
    [
        .. from image in wanted.Images
           let before = old.Images.FirstOrDefault(item => (item.Workload, item.Container) == (image.Workload, image.Container))?.Image
           where before != image.Image
           let names = image.Workload.Split(' ', 2)
           select new ImageChange(new ObjectId("", names[0], wanted.Namespace, names[^1]), image.Container, before, image.Image),
    ];

    private static IReadOnlyList<ImageChange> ImagesOf(
        Dictionary<ObjectId, BundleObject> old, Dictionary<ObjectId, BundleObject> wanted, Dictionary<ObjectId, ObjectId> replaced) =>
    [
        .. from item in wanted.OrderBy(item => item.Key.ToString(), StringComparer.Ordinal)
           let former = ImageChanges.ImagesOf(old.GetValueOrDefault(replaced.GetValueOrDefault(item.Key, item.Key))?.Content)
           from image in ImageChanges.ImagesOf(item.Value.Content)
           let before = former.GetValueOrDefault(image.Key)
           where before != image.Value
           select new ImageChange(item.Key, image.Key, before, image.Value),
    ];

    // The version of a kind is a field of its object, not its name.
    private static Dictionary<ObjectId, BundleObject> ById(BundleEnvironment content) => content.Objects
        .GroupBy(item => ObjectId.Of(item.Content) with { ApiVersion = ObjectId.Of(item.Content).Group })
        .ToDictionary(group => group.Key, group => group.First());
}
