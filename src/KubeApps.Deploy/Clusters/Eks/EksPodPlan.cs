using KubeApps.Deploy.Aws;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The steps of what pods may do in the account, and of the controllers that do something there for the cluster. Pure.</summary>
internal static class EksPodPlan
{
    /// <summary>The roles that pods have by their service accounts: the app's, and those of the cluster's controllers.</summary>
    public static IReadOnlyList<CloudRoleSpecification> Identities(ClusterSpecification specification, AwsIdentity identity, string name) => specification.Pools.Count == 0 ? [] :
    [
        .. specification.CloudRoles,
        .. EksController.Wanted(specification).Select(controller => new CloudRoleSpecification(
            EksController.Namespace, controller.Name, $"arn:{identity.Partition}:iam::{identity.Account}:role/{EksTags.Role(name, identity.Region, controller.Role.Part)}")),
    ];

    public static IEnumerable<EksStep> Roles(ClusterSpecification specification, EksObserved observed, string name)
    {
        // Fargate has no agent: there a role must trust the cluster's own identity provider.
        if (specification is { Fargate.Count: > 0, CloudRoles.Count: > 0 } && !observed.HasIdentityProvider)
            yield return EksStep.Of(
                "identity-provider", "Make the cluster's identity provider", ClusterAction.Create, new EksWork.EnsureIdentityProvider(), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5),
                EksPlanner.ControlPlane) with
            { Details = ["for the roles of pods on Fargate"] };
        var wanted = Identities(specification, observed.Identity, name);
        foreach (var role in wanted)
        {
            var there = observed.PodIdentities.FirstOrDefault(item => item.Namespace == role.Namespace && item.ServiceAccount == role.ServiceAccount);
            var after = EksController.Of(role.Namespace, role.ServiceAccount) is { } controller ? EksPlanner.RoleId(controller.Role) : null;
            if (there?.RoleArn != role.Role)
                yield return EksStep.Of(
                    IdentityId(role.Namespace, role.ServiceAccount), $"Give the pods of {role.Namespace}/{role.ServiceAccount} their role", there is null ? ClusterAction.Create : ClusterAction.Change,
                    new EksWork.EnsurePodIdentity(role), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), [EksPlanner.ControlPlane, .. after is null ? [] : (string[])[after]]) with
                { Details = [role.Role] };
        }

        // A controller that nobody asks for any more keeps its role: what it has made is still its own to take down.
        foreach (var old in observed.PodIdentities.Where(item => EksTags.OwnerOf(item.Tags) is not null && EksController.Of(item.Namespace, item.ServiceAccount) is null
            && wanted.All(role => role.Namespace != item.Namespace || role.ServiceAccount != item.ServiceAccount)))
            yield return EksStep.Of(
                $"pod-identity/{old.Namespace}/{old.ServiceAccount}/removal", $"Take the role from the pods of {old.Namespace}/{old.ServiceAccount}", ClusterAction.Delete,
                new EksWork.DeletePodIdentity(old.AssociationId), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
    }

    public static IEnumerable<EksStep> Controllers(ClusterSpecification specification, EksObserved observed, string version, IReadOnlyList<string> after)
    {
        foreach (var controller in EksController.Wanted(specification))
        {
            var wanted = controller.Version(version);
            var there = observed.PodIdentities.FirstOrDefault(item => item.Namespace == EksController.Namespace && item.ServiceAccount == controller.Name)?.Tags?.GetValueOrDefault(EksTags.Version);
            var installed = controller.Installed(wanted);
            if (there != installed)
                yield return EksStep.Of(
                    $"controller/{controller.Name}", $"{(there is null ? "Install" : "Update")} {controller.Name}", there is null ? ClusterAction.Create : ClusterAction.Change,
                    new EksWork.EnsureController(controller, wanted), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), [IdentityId(EksController.Namespace, controller.Name), .. after])
                    with
                { Details = [there is null ? wanted : $"{there} → {installed}"] };
        }
    }

    public static IEnumerable<Diagnostic> Findings(ClusterSpecification specification)
    {
        if (specification is { HasLoadBalancers: true, Pools.Count: 0 })
            yield return DiagnosticDescriptors.ClusterControllerHasNoRole.Because(
                $"The app's services or ingresses ask for load balancers; the pods of {EksController.LoadBalancers.Name}, which makes them, can have their role on nodes alone.");
    }

    private static string IdentityId(string ns, string serviceAccount) => $"pod-identity/{ns}/{serviceAccount}";
}
