using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Rollouts;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Switching;

/// <summary>
/// Reads what a plan depends on, and has it made by the planner that fits: in place, as ever, or with two slots where the app has them or
/// shall get them.
/// </summary>
internal sealed class SlotPlanning(KubeClient client, ResourceCatalog catalog, LiveStateReader reader)
{
    public async Task<(LiveState Live, ReleasePlan Plan)> PlanAsync(
        Release release, SlotOrder order, Inventory? inventory, bool hasHashKey, CancellationToken cancellationToken)
    {
        var rollout = inventory?.Rollout;
        var choice = SlotChoice.Of(release, order, inventory);
        var (live, next) = (choice.Live, choice.Next);
        IReadOnlyList<ObservedObject> known = [];
        if (choice.IsInPlace)
            return await InPlaceAsync();
        if (choice.ComparesLive && await TryObserveAsync(SlotObjects.Of(release.Objects, live!.Value), release, inventory, cancellationToken) is { } same)
        {
            known = same;
            return await InPlaceAsync();
        }

        var target = SlotObjects.Of(release.Objects, next);
        var slotted = release with { Objects = target.All };
        var state = await reader.ReadAsync(slotted, inventory, hasHashKey, cancellationToken);
        var deployments = live is null ? [] : (await client.ListAsync(ResourceType.Deployment, release.Namespace, null, cancellationToken)).Items;
        state = state with { Objects = [.. state.Objects.Select(item => BesideServing(item, release, live, next, deployments))] };
        var request = new SlotRequest(
            slotted, order, target, live, IsNewVersion: true, await PlainAsync(live, inventory, deployments, cancellationToken), SizesOf(release, live, deployments))
        {
            RenderedServices = RenderedServices(release, target),
            IsAsChecked = await IsAsCheckedAsync(rollout, deployments, cancellationToken),
        };
        return (state, BlueGreenPlanner.Plan(request, state));

        async Task<(LiveState, ReleasePlan)> InPlaceAsync()
        {
            if (rollout is null)
            {
                var found = await reader.ReadAsync(release, inventory, hasHashKey, cancellationToken, known);
                return (found, ReleasePlanner.Plan(release, found));
            }

            var objects = SlotObjects.Of(release.Objects, live!.Value);
            var all = release with { Objects = objects.All };
            var standing = await reader.ReadAsync(all, inventory, hasHashKey, cancellationToken, known);
            var inPlace = new SlotRequest(all, order, objects, live, IsNewVersion: false, [], new Dictionary<string, int>()) { RenderedServices = RenderedServices(release, objects) };
            return (standing, BlueGreenPlanner.Plan(inPlace, standing));
        }
    }

    private static IReadOnlyList<ReleaseObject> RenderedServices(Release release, SlotObjects target) =>
        [.. release.Objects.Where(item => target.Services.Any(service => service.Id == item.Id))];

    /// <summary>
    /// How the objects of the slot that serves compare with the release. Null: it holds other pod templates, or cannot be brought to these (a
    /// selector that is another one now).
    /// </summary>
    private async Task<IReadOnlyList<ObservedObject>?> TryObserveAsync(
        SlotObjects serving, Release release, Inventory? inventory, CancellationToken cancellationToken)
    {
        await catalog.EnsureAsync([.. release.Objects.Select(item => item.Id.ApiVersion).Distinct()], cancellationToken);
        try
        {
            var observed = await reader.ObserveAsync(serving.InSlot, new ObjectObserver(client, release.Policy, inventory, release.ApplySetId), cancellationToken);
            return observed.Where(item => item.Object.Id.Kind == "Deployment").All(IsSameVersion) && !observed.Any(item => item.Obstacles.Any(IsImmutable)) ? observed : null;
        }
        catch (DiagnosticException refusal) when (refusal.Diagnostics.All(IsImmutable))
        {
            return null;
        }
    }

    private static bool IsImmutable(Diagnostic diagnostic) => diagnostic.Code == DiagnosticDescriptors.ImmutableField.Code;

    // One that is gone is applied again in any case.
    private async Task<bool> IsAsCheckedAsync(Rollout? rollout, List<JsonObject> deployments, CancellationToken cancellationToken)
    {
        if (rollout is not { Phase: RolloutPhase.Held })
            return true;
        var standing = rollout.Workloads.Where(id => deployments.Any(item => (string?)item["metadata"]!["name"] == id.Name)).ToList();
        return SlotPods.FindChanged(rollout.Checked, await new SlotPods(client).ReadAsync(standing, cancellationToken)) is null;
    }

    private static bool IsSameVersion(ObservedObject deployment) =>
        deployment is { Live: { } live, DryRun: { } dryRun, IsTerminating: false, Replacement: null } && JsonNode.DeepEquals(live["spec"]?["template"], dryRun["spec"]?["template"]);

    private async Task<IReadOnlyList<PlainDeployment>> PlainAsync(
        Slot? live, Inventory? inventory, List<JsonObject> deployments, CancellationToken cancellationToken)
    {
        if (live != Slot.Plain)
            return [];
        var ours = deployments
            .Where(item => inventory!.UidOf(ObjectId.Of(item)) == (string?)item["metadata"]!["uid"] && item["metadata"]!["labels"]?[Slots.Label] is null)
            .ToList();
        var replicaSets = (await client.ListAsync(ResourceType.ReplicaSet, inventory!.Namespace, null, cancellationToken)).Items;
        var index = new NamespaceIndex(type => type == ResourceType.ReplicaSet ? replicaSets : []);
        return
        [
            .. ours.Select(item => new PlainDeployment(
                (string)item["metadata"]!["name"]!, item["spec"]?["template"]?["metadata"]?["labels"],
                SlotPods.HashOf(index.ViewOf(item, client.Now)), IsSettled(item))),
        ];
    }

    // Whether all its pods are of one version; whether they are ready is another matter.
    private static bool IsSettled(JsonObject deployment)
    {
        var status = deployment["status"];
        return ((long?)status?["observedGeneration"] ?? 0) >= ((long?)deployment["metadata"]!["generation"] ?? 0)
            && ((int?)status?["updatedReplicas"] ?? 0) >= ((int?)status?["replicas"] ?? 0);
    }

    // What is not there yet conflicts with nothing: the server cannot tell that it undoes what somebody decided about the one that serves.
    private static ObservedObject BesideServing(ObservedObject observed, Release release, Slot? live, Slot next, List<JsonObject> deployments)
    {
        var wanted = observed.Object;
        if (observed.Live is not null || release.Objects.FirstOrDefault(item => item.Id == wanted.Id with { Name = item.Id.Name } && next.NameIn(item.Id.Name) == wanted.Id.Name) is not { } rendered
            || Serving(rendered, live, deployments) is not { } serving || ReplicaCounts.Undone(wanted.Content, serving, release.Policy) is not { } conflict)
            return observed;
        var obstacle = FieldConflict.DiagnosticOf(ObjectId.Of(serving), [conflict], wanted.Place);
        return observed with { Conflicts = [.. observed.Conflicts, conflict], Obstacles = obstacle is null ? observed.Obstacles : [.. observed.Obstacles, obstacle] };
    }

    // Those of other namespaces are not read: what serves there is as large as its specification says.
    private static Dictionary<string, int> SizesOf(Release release, Slot? live, List<JsonObject> deployments) => release.Objects
        .Where(item => item.Id.Namespace == release.Namespace)
        .Select(item => (item.Id.Name, Live: Serving(item, live, deployments)))
        .Where(item => item.Live is not null)
        .ToDictionary(item => item.Name, item => (int?)item.Live!["spec"]?["replicas"] ?? 1);

    private static JsonObject? Serving(ReleaseObject rendered, Slot? live, List<JsonObject> deployments) => live is not { } slot || rendered.Id.Kind != "Deployment" ? null
        : deployments.FirstOrDefault(other => (string?)other["metadata"]!["name"] == slot.NameIn(rendered.Id.Name) && (string?)other["metadata"]!["namespace"] == rendered.Id.Namespace);
}
