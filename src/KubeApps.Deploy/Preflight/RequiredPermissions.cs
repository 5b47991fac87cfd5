using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Preflight;

/// <summary>From a plan to what the role must allow for it. Pure. What the plan has read already needs no asking.</summary>
internal static class RequiredPermissions
{
    private static readonly string[] Watched = ["list", "watch"];
    private static readonly string[] Applied = ["patch", "create"];

    /// <param name="plan">The plan.</param>
    /// <param name="find">The type of a kind, null where it is not served (yet).</param>
    public static IReadOnlyList<Permission> Of(ReleasePlan plan, Func<ObjectId, ResourceType?> find)
    {
        var found = new List<Permission>();
        var rollout = plan.Steps.OfType<ReleaseStep.Intend>().Select(intend => intend.Inventory.Rollout).FirstOrDefault() ?? plan.Start?.Rollout;
        void Need(ResourceType? type, string? ns, string? name, string? subresource, params ReadOnlySpan<string> verbs)
        {
            if (type is not null)
                foreach (var verb in verbs)
                    found.Add(new Permission(verb, type.Group, subresource is null ? type.Plural : $"{type.Plural}/{subresource}", type.Namespaced ? ns : null) { Names = name is null ? [] : [name] });
        }

        void NeedPods(string? ns)
        {
            foreach (var type in (ResourceType[])[ResourceType.Pod, ResourceType.ReplicaSet, ResourceType.Event])
                Need(type, ns, null, null, Watched);
            Need(ResourceType.Pod, ns, null, "log", "get");
        }

        foreach (var step in plan.Steps)
            switch (step)
            {
                case ReleaseStep.Lock:
                    // One that another run holds is looked at, whether it lives.
                    Need(ResourceType.Lease, plan.Namespace, null, null, "get", "list", "watch", "create", "update", "delete");
                    break;
                case ReleaseStep.Apply apply:
                    NeedObjects(apply.Objects);
                    break;
                case ReleaseStep.Establish:
                    Need(ResourceType.CustomResourceDefinition, null, null, null, Watched);
                    break;
                case ReleaseStep.Intend intend:
                    // The inventory, and the revisions beside it.
                    Need(ResourceType.ConfigMap, plan.Namespace, null, null, ["patch", "create", "delete"]);
                    if (intend.CreatesHashKey)
                        Need(ResourceType.Secret, plan.Namespace, null, null, "create");
                    // A version that fails beside another is taken back.
                    if (intend.Inventory.Rollout is { CanBeTakenBack: true } begun)
                        NeedRemoval(begun.Added);
                    break;
                case ReleaseStep.RunJobs jobs:
                    NeedObjects(jobs.Jobs);
                    foreach (var id in jobs.Jobs.Select(job => job.Object.Id))
                        Need(ResourceType.Job, id.Namespace, null, null, Watched);
                    NeedPods(jobs.Jobs[0].Object.Id.Namespace);
                    break;
                case ReleaseStep.AwaitRollouts rollouts:
                    foreach (var id in rollouts.Workloads)
                        Need(find(id), id.Namespace, null, null, Watched);
                    foreach (var ns in rollouts.Workloads.Select(id => id.Namespace).Distinct())
                        NeedPods(ns);
                    break;
                case ReleaseStep.StartPreview preview:
                    foreach (var item in preview.Objects)
                        Need(find(item.Id), item.Id.Namespace, null, null, ["patch", "create", "delete", "list", "watch"]);
                    NeedPods(plan.Namespace);
                    break;
                case ReleaseStep.RunChecks checks:
                    NeedChecks(checks);
                    break;
                case ReleaseStep.Prune prune:
                    foreach (var id in prune.Objects.Select(item => item.Id))
                        Need(find(id), id.Namespace, id.Name, null, "delete");
                    break;
                case SlotStep slot:
                    NeedSlots(slot);
                    break;
            }

        return
        [
            .. found.GroupBy(item => item.Subject).Select(group => group.First() with
            {
                Names = group.Any(item => item.Names.Count == 0) ? [] : [.. group.SelectMany(item => item.Names).Distinct(StringComparer.Ordinal)],
            }),
        ];

        void NeedObjects(IEnumerable<PlannedObject> objects)
        {
            foreach (var item in objects.Where(item => item.Change != ResourceChange.Unchanged))
            {
                var id = item.Object.Id;
                Need(find(id), id.Namespace, id.Name, null, item.Change == ResourceChange.Created || item.Replacement is not null ? Applied : ["patch"]);
                if (item.Replacement is not null)
                    Need(find(id), id.Namespace, id.Name, null, "delete");
                if (item.Replacement is not null || item.IsTerminating)
                    Need(find(id), id.Namespace, null, null, Watched);
            }
        }

        void NeedSlots(SlotStep step)
        {
            switch (step)
            {
                case SlotStep.Point point:
                    NeedServices(point.Services.Select(service => service.Id));
                    break;
                case SlotStep.Switch or SlotStep.Return:
                    NeedServices(rollout?.Services.Select(service => service.Id) ?? []);
                    Need(ResourceType.ConfigMap, plan.Namespace, null, null, "patch");
                    foreach (var id in rollout is null ? [] : Overlap.Following(rollout).Concat(Overlap.Left(rollout)))
                        Need(find(id), id.Namespace, id.Name, null, "get", "patch");
                    break;
                case SlotStep.HandBack back:
                    NeedServices(back.Services.Select(service => service.Id));
                    break;
                case SlotStep.Size size:
                    foreach (var id in size.Sizes.Select(item => item.Deployment))
                        Need(ResourceType.Deployment, id.Namespace, id.Name, null, "patch");
                    break;
                case SlotStep.KeepSize keep:
                    foreach (var id in keep.Autoscalers)
                        Need(find(id), id.Namespace, id.Name, null, "patch");
                    break;
                case SlotStep.LetScale let:
                    foreach (var id in let.Autoscalers.Concat(rollout is null ? [] : Overlap.Following(rollout)))
                        Need(find(id), id.Namespace, id.Name, null, "get", "patch");
                    break;
                case SlotStep.Examine:
                    foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Pod])
                        Need(type, plan.Namespace, null, null, "list");
                    break;
                case SlotStep.Soak:
                    Need(ResourceType.ConfigMap, plan.Namespace, null, null, Watched);
                    foreach (var id in rollout?.Workloads ?? [])
                        Need(find(id), id.Namespace, null, null, Watched);
                    NeedPods(plan.Namespace);
                    break;
                case SlotStep.Retire retire:
                    NeedRemoval(retire.Objects);
                    break;
                case SlotStep.Remove remove:
                    NeedRemoval(remove.Objects);
                    break;
            }
        }

        void NeedServices(IEnumerable<ObjectId> services)
        {
            foreach (var id in services)
                Need(ResourceType.Service, id.Namespace, id.Name, null, "patch");
        }

        // Workloads are waited for: their pods end before they are gone.
        void NeedRemoval(IReadOnlyList<ObjectId> objects)
        {
            foreach (var id in objects)
            {
                Need(find(id), id.Namespace, id.Name, null, "delete");
                if (ApplyOrder.WaveOf(id) == ApplyWave.Workloads)
                    Need(find(id), id.Namespace, null, null, Watched);
            }
        }

        void NeedChecks(ReleaseStep.RunChecks checks)
        {
            foreach (var kind in checks.Checks.Select(check => check.Check.Kind).Distinct())
                // A command gets an address that leads there.
                if (kind is "http" or "tcp" or "command")
                    Need(ResourceType.Pod, plan.Namespace, null, "portforward", "get", "create");
                else if (kind == "job")
                    Need(ResourceType.Job, plan.Namespace, null, null, ["patch", "create", "delete", "list", "watch"]);
        }
    }
}
