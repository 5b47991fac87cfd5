using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// The steps of a cluster's end, each after what would be orphaned by it: balancers while their controller lives, then Fargate and nodes, what nodes
/// left, the control plane, and last what it needed. Pure.
/// </summary>
internal static class EksRemoval
{
    public const string Load = "load";
    public const string LoadBalancers = "load-balancers";
    public const string Interfaces = "interfaces";
    public const string ControlPlane = "control-plane/removal";
    public const string Remains = "remains";

    public static IReadOnlyList<EksStep> Steps(ClusterChange.Remove change, EksObserved observed)
    {
        var minute = TimeSpan.FromMinutes(1);
        List<EksStep> steps = [];
        string[] after = [Load];
        if (observed.Shares.ContainsKey(change.Name))
            steps.Add(Step(Load, $"Take {change.Name} out of the load", ClusterAction.Delete, new EksWork.LeaveLoad(), minute));
        if (observed.Cluster is { } cluster)
        {
            // Where nobody was let in yet, nothing is that could have a balancer.
            if (cluster.Status is ClusterStatus.Active or ClusterStatus.Updating && cluster.Tags?.ContainsKey(EksTags.Maker) != true)
                steps.Add(Step(LoadBalancers, "Delete services and ingresses that have load balancers", ClusterAction.Delete, new EksWork.DeleteLoadBalancers(), 2 * minute, Load));
            after = [Load, LoadBalancers];
            foreach (var profile in observed.Fargate)
            {
                var step = EksPoolPlan.FargateRemoval(profile.FargateProfileName, after);
                steps.Add(step);
                after = [step.Id];
            }

            foreach (var group in observed.Nodegroups)
                steps.AddRange(EksPoolPlan.Removal(group.NodegroupName, observed, change.Name, [Load, LoadBalancers]));
            after = [.. after, .. observed.Nodegroups.Select(group => $"{EksPoolPlan.Group(group.NodegroupName)}/removal")];
            steps.Add(Step(Interfaces, "Delete the interfaces that nodes have left", ClusterAction.Delete, new EksWork.DeleteInterfaces(), minute / 2, after));
            steps.Add(Step(ControlPlane, $"Delete the control plane of {change.Name}", ClusterAction.Delete, new EksWork.DeleteControlPlane(), 5 * minute, [.. after, Interfaces]));
            after = [ControlPlane];
        }

        // Of a cluster that is gone, what a run that was cut has left.
        foreach (var template in observed.LaunchTemplates.Where(name => observed.Nodegroups.All(group => EksTags.LaunchTemplate(change.Name, group.NodegroupName) != name)))
            steps.Add(Step($"launch-template/{template}/removal", $"Delete the launch template {template}", ClusterAction.Delete, new EksWork.DeleteLaunchTemplate(template), minute / 6, after));
        if (observed.HasIdentityProvider)
            steps.Add(Step("identity-provider/removal", "Delete the cluster's identity provider", ClusterAction.Delete, new EksWork.DeleteIdentityProvider(), minute / 6, after));
        foreach (var role in EksRole.All.Where(role => observed.Roles.Contains(role.Part)))
            steps.Add(Step($"{EksPlanner.RoleId(role)}/removal", $"Delete the role for {role.Part}", ClusterAction.Delete, new EksWork.DeleteRole(role), minute / 6, after));
        if (observed.Cluster is not null || observed.Remains.Count > 0)
        {
            steps.Add(Step(Remains, "Delete what the cluster's controllers and its logging have left", ClusterAction.Delete, new EksWork.DeleteRemains(), minute / 6, after)
                with
            { Details = [.. observed.Remains.Select(item => $"{item.Kind} {item.Id}")] });
            after = [.. after, Remains];
        }

        // The owner's network serves all of its clusters that did not find a shared one, and those of others to whom it was named.
        if (observed.Network is { IsShared: false, VpcId: not null } && !InNetwork(observed).Any())
        {
            steps.Add(Step($"{EksNetworkPlan.NatGateway}/removal", "Delete the NAT gateway and its address", ClusterAction.Delete, new EksWork.DeleteNatGateway(), minute, after));
            steps.Add(Step($"{EksNetworkPlan.Vpc}/removal", "Delete the VPC with its subnets, routes and gateway", ClusterAction.Delete, new EksWork.DeleteVpc(), minute / 6, [$"{EksNetworkPlan.NatGateway}/removal", .. after]));
        }

        return ClusterSteps.WithoutMissing(steps);
    }

    public static IEnumerable<Diagnostic> Findings(ClusterChange.Remove change, EksObserved observed)
    {
        var siblings = observed.Neighbors.Where(cluster => cluster.Owner == change.Owner).ToList();
        // The last one takes the name with it. Before that, whoever deletes what serves has mistaken one for the other.
        if (observed.Shares.GetValueOrDefault(change.Name) is > 0 and var share && siblings.Count > 0)
            yield return DiagnosticDescriptors.ClusterStillServes.Because(
                $"{change.Name} gets {share} % of the load of {change.Owner.App} ({change.Owner.Environment}); there is also {string.Join(", ", siblings.Select(cluster => cluster.Name))}.");
        // That the owner's own ones keep it, everybody expects.
        if (observed.Network is { IsShared: false, VpcId: { } vpc } && InNetwork(observed).ToList() is { Count: > 0 } others && others.All(cluster => cluster.Owner != change.Owner))
            yield return DiagnosticDescriptors.ClusterNetworkStays.Because($"In {vpc}, the network of {change.Owner.App} ({change.Owner.Environment}), stand {string.Join(", ", others.Select(cluster => cluster.Told))}.");
    }

    private static IEnumerable<EksNeighbor> InNetwork(EksObserved observed) => observed.Neighbors.Where(cluster => observed.Network.VpcId is { } vpc && cluster.MayStandIn(vpc));

    private static EksStep Step(string id, string title, ClusterAction action, EksWork work, TimeSpan expected, params IReadOnlyList<string> after) =>
        EksStep.Of(id, title, action, work, expected, TimeSpan.FromMinutes(10) + (4 * expected), after);
}
