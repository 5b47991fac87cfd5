using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>A Service whose selector says which slot serves.</summary>
/// <param name="Id">The Service.</param>
/// <param name="Plain">Its selector as rendered.</param>
/// <param name="Deployments">The Deployments, under their rendered names, whose pods it selects; none: it leads to what has no slots, in this version.</param>
/// <param name="IsPreview">Whether it leads to the idle slot.</param>
internal sealed record SlottedService(ObjectId Id, Selector Plain, IReadOnlyList<string> Deployments, bool IsPreview);

/// <summary>
/// The objects of a release, taken apart: those of the app, which all versions share, and those of one slot, under the slot's names.
/// Deployments are slotted, with what scales them, what limits their disruption, and claims of which each slot has one of its own. The selectors of the Services before them are left
/// out: they are written apart, at the switch.
/// </summary>
internal sealed record SlotObjects(
    Slot Slot, IReadOnlyList<ReleaseObject> App, IReadOnlyList<ReleaseObject> InSlot, IReadOnlyList<SlottedService> Services)
{
    /// <summary>Pure.</summary>
    /// <param name="objects">As rendered.</param>
    /// <param name="slot">Where the Deployments go.</param>
    public static SlotObjects Of(IReadOnlyList<ReleaseObject> objects, Slot slot)
    {
        var deployments = objects.Where(IsDeployment).Select(item => (item.Id, PodLabels: item.Content["spec"]?["template"]?["metadata"]?["labels"])).ToList();
        var claims = objects.Where(IsPerSlot).Select(item => (item.Id.Namespace, item.Id.Name)).ToHashSet();
        var services = new List<SlottedService>();
        var app = new List<ReleaseObject>();
        var inSlot = new List<ReleaseObject>();
        foreach (var item in objects)
        {
            if (IsSlotted(item, deployments))
                inSlot.Add(slot == Slot.Plain ? item : InSlotOf(item, slot, claims));
            else if (item.Id is { Kind: "Service", Group: "" } && Selector.Of(item.Content["spec"]?["selector"]) is { } selector)
                AddService(item, selector, [.. deployments.Where(deployment => IsIn(deployment.Id, item) && selector.Matches(deployment.PodLabels)).Select(deployment => deployment.Id.Name)], slot, app, services);
            else
                app.Add(item);
        }

        var previewed = services.Where(service => service.IsPreview).Select(service => service.Id).ToHashSet();
        app.AddRange(objects.Where(item => item.Id.Kind == "Ingress").Select(ingress => Previews.OfIngress(ingress, previewed)).OfType<ReleaseObject>());
        return new SlotObjects(slot, app, inSlot, services);
    }

    /// <summary>The slot's Deployments.</summary>
    public IReadOnlyList<ObjectId> Deployments => [.. InSlot.Where(item => item.Id.Kind == "Deployment").Select(item => item.Id)];

    /// <summary>Everything: what is applied when the slot is written.</summary>
    public IReadOnlyList<ReleaseObject> All => [.. App, .. InSlot];

    public bool IsInSlot(ObjectId id) => InSlot.Any(item => item.Id.IsSameObject(id));

    public bool Has(ObjectId id) => IsInSlot(id) || App.Any(item => item.Id.IsSameObject(id));

    private static void AddService(ReleaseObject item, Selector plain, IReadOnlyList<string> deployments, Slot slot, List<ReleaseObject> app, List<SlottedService> services)
    {
        app.Add(WithoutSelector(item));
        services.Add(new SlottedService(item.Id, plain, deployments, false));
        // Pods of the plain slot have no label by which a preview could tell them.
        if (slot == Slot.Plain || deployments.Count == 0 || Previews.OfService(item) is not { } preview)
            return;
        app.Add(WithoutSelector(preview));
        services.Add(new SlottedService(preview.Id, plain, deployments, true));
    }

    private static ReleaseObject WithoutSelector(ReleaseObject service)
    {
        var content = service.Content;
        ((JsonObject)content["spec"]!).Remove("selector");
        return service.With(content);
    }

    private static bool IsDeployment(ReleaseObject item) => item.Id is { Kind: "Deployment", Group: "apps" };

    private static bool IsSlotted(ReleaseObject item, List<(ObjectId Id, JsonNode? PodLabels)> deployments) =>
        IsDeployment(item) || IsPerSlot(item)
        || ((item.Content["spec"]?["scaleTargetRef"] ?? item.Content["spec"]?["targetRef"]) is JsonObject target
            // KEDA's ScaledObject may leave it out, and means a Deployment then.
            && ((string?)target["kind"] ?? (item.Id.Group == "keda.sh" ? "Deployment" : null)) == "Deployment" && deployments.Any(deployment => IsIn(deployment.Id, item) && deployment.Id.Name == (string?)target["name"]))
        || (item.Id.Kind == "PodDisruptionBudget" && Selector.Of(item.Content["spec"]?["selector"]?["matchLabels"]) is { } budget
            && deployments.Any(deployment => IsIn(deployment.Id, item) && budget.Matches(deployment.PodLabels)));

    private static bool IsPerSlot(ReleaseObject item) =>
        item.Id is { Kind: "PersistentVolumeClaim", Group: "" } && (string?)item.Content["metadata"]!["annotations"]?[BundleConventions.PerSlot] == "true";

    private static bool IsIn(ObjectId one, ReleaseObject other) => one.Namespace == other.Id.Namespace;

    private static ReleaseObject InSlotOf(ReleaseObject item, Slot slot, HashSet<(string? Namespace, string Name)> claims)
    {
        var content = item.Content;
        var spec = (JsonObject)content["spec"]!;
        content["metadata"]!["name"] = slot.NameIn(item.Id.Name);
        Label((JsonObject)content["metadata"]!, "labels", slot);
        if ((spec["scaleTargetRef"] ?? spec["targetRef"]) is JsonObject target && item.Id.Kind != "Deployment")
            target["name"] = slot.NameIn((string)target["name"]!);
        // A claim's own selector is about volumes, which have no slots.
        if (spec["selector"] is JsonObject selector && item.Id.Kind != "PersistentVolumeClaim")
            Label(selector, "matchLabels", slot);
        if (spec["template"] is not JsonObject template)
            return item.With(content);
        var own = template["metadata"]?["labels"]?.DeepClone();
        Label((JsonObject)(template["metadata"] ??= new JsonObject()), "labels", slot);
        // Pods keep apart from, or spread among, those of their own version: the other one would take their nodes.
        foreach (var rule in LabelSelectors(template["spec"]?["affinity"]).Concat(LabelSelectors(template["spec"]?["topologySpreadConstraints"])))
            if (Selector.Of(rule["matchLabels"])?.Matches(own) == true)
                Label(rule, "matchLabels", slot);
        foreach (var claim in (template["spec"]?["volumes"] as JsonArray ?? []).Select(volume => volume?["persistentVolumeClaim"]).OfType<JsonObject>())
            if ((string?)claim["claimName"] is { } name && claims.Contains((item.Id.Namespace, name)))
                claim["claimName"] = slot.NameIn(name);
        return item.With(content);
    }

    private static void Label(JsonObject parent, string field, Slot slot) => (parent[field] ??= new JsonObject())[Slots.Label] = slot.Word();

    private static IEnumerable<JsonObject> LabelSelectors(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(LabelSelectors),
        JsonObject content => content.Where(field => field.Key == "labelSelector").Select(field => field.Value).OfType<JsonObject>()
            .Concat(content.Where(field => field.Key != "labelSelector").SelectMany(field => LabelSelectors(field.Value))),
        _ => [],
    };
}
