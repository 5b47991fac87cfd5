using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// A cluster as it stands, said as if it were specified so: who asks for another version alone has all else left as it is. What others put into the
/// cluster is none of it: that is theirs to keep. Pure.
/// </summary>
internal static class EksStanding
{
    private const int HashLength = 8;

    public static ClusterSpecification Of(EksObserved observed) => new()
    {
        Version = observed.Cluster?.Version,
        Pools = [.. observed.Nodegroups.Where(group => group.Status != NodegroupStatus.Deleting && EksTags.OwnerOf(group.Tags) is not null).Select(Pool)],
        HasLoadBalancers = Has(observed, EksController.LoadBalancers),
        HasAutoscaler = Has(observed, EksController.Autoscaler),
        Fargate =
        [
            .. from profile in observed.Fargate
               where profile.Status != FargateProfileStatus.Deleting && EksTags.OwnerOf(profile.Tags) is not null
               select new FargateSpecification(
                   profile.FargateProfileName, [.. (profile.Selectors ?? []).Select(selector => new FargateSelector(selector.Namespace, selector.Labels ?? new Dictionary<string, string>()))]),
        ],
        CloudRoles =
        [
            .. from role in observed.PodIdentities
               where EksTags.OwnerOf(role.Tags) is not null && EksController.Of(role.Namespace, role.ServiceAccount) is null
               select new CloudRoleSpecification(role.Namespace, role.ServiceAccount, role.RoleArn),
        ],
    };

    private static NodePoolSpecification Pool(Nodegroup group) => new(NameOf(group.NodegroupName), group.InstanceTypes is { Count: > 0 } types ? types : [""])
    {
        // It stays the group that it is, in whatever shape an older version of ours made it.
        Group = group.NodegroupName,
        Architecture = group.AmiType == AMITypes.Arm64 ? "arm64" : "amd64",
        IsSpot = group.CapacityType == CapacityTypes.Spot,
        Min = group.ScalingConfig?.MinSize ?? 0,
        Max = group.ScalingConfig?.MaxSize ?? 0,
        Desired = group.ScalingConfig?.DesiredSize ?? 0,
        Labels = group.Labels ?? new Dictionary<string, string>(),
        Taints = [.. (group.Taints ?? []).Select(taint => new NodeTaint(taint.Key, taint.Value ?? "", Effect(taint.Effect)))],
    };

    private static bool Has(EksObserved observed, EksController controller) => observed.PodIdentities.Any(role => (role.Namespace, role.ServiceAccount) == (EksController.Namespace, controller.Name));

    private static string NameOf(string group) => group.Length > HashLength + 1 && group[^(HashLength + 1)] == '-' ? group[..^(HashLength + 1)] : group;

    private static string Effect(string effect) => effect switch
    {
        Aws.Eks.TaintEffect.NoExecute => "NoExecute",
        Aws.Eks.TaintEffect.PreferNoSchedule => "PreferNoSchedule",
        _ => "NoSchedule",
    };
}
