using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The steps of node groups and Fargate profiles. Pure.</summary>
internal static class EksPoolPlan
{
    private static readonly TimeSpan NodesExpected = TimeSpan.FromMinutes(3);

    public static string Group(string name) => $"node-pool/{name}";

    public static string Template(string name) => $"launch-template/{name}";

    public static string Fargate(string name) => $"fargate/{name}";

    /// <summary>The groups that are wanted.</summary>
    public static IReadOnlyList<EksNodegroup> Wanted(ClusterSpecification specification) => [.. specification.Pools.Select(pool => new EksNodegroup(pool))];

    public static IEnumerable<EksStep> Steps(ClusterSpecification specification, EksObserved observed, string name, string version, IReadOnlyList<string> after)
    {
        var wanted = Wanted(specification);
        string? previous = null;
        foreach (var group in wanted)
        {
            var there = observed.Nodegroups.FirstOrDefault(item => item.NodegroupName == group.Name);
            if (there is null or { Status: NodegroupStatus.Creating or NodegroupStatus.CreateFailed or NodegroupStatus.Deleting })
            {
                var template = EksTags.LaunchTemplate(name, group.Name);
                if (!observed.LaunchTemplates.Contains(template))
                    yield return EksStep.Of(
                        Template(group.Name), $"Make the launch template of {group.Name}", ClusterAction.Create, new EksWork.EnsureLaunchTemplate(group), TimeSpan.FromSeconds(5),
                        TimeSpan.FromMinutes(5)) with
                    { Details = ["IMDSv2 alone, one hop", $"{EksNodegroup.Disk} GiB gp3, encrypted"] };
                var (title, action) = there switch
                {
                    null => ($"Make the node group {group.Name}", ClusterAction.Create),
                    { Status: NodegroupStatus.Creating } => ($"Wait for the node group {group.Name}", ClusterAction.Await),
                    { Status: NodegroupStatus.Deleting } => ($"Make the node group {group.Name} anew, once it is deleted", ClusterAction.Replace),
                    _ => ($"Make the node group {group.Name} anew, which could not be made", ClusterAction.Replace),
                };
                yield return EksStep.Of(
                    Group(group.Name), title, action,
                    new EksWork.EnsureNodegroup(group), NodesExpected, TimeSpan.FromMinutes(35), [Template(group.Name), .. after]) with
                { Details = Details(group.Pool) };
                continue;
            }

            if (Differences(group, there) is { Count: > 0 } differences)
                yield return EksStep.Of(
                    $"{Group(group.Name)}/configuration", $"Change the node group {group.Name}", ClusterAction.Change, new EksWork.ConfigureNodegroup(group),
                    TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30), after) with
                { Details = differences };
            if (there.Version is { } old && EksVersion.IsOlder(old, version))
            {
                // One after the other: the app's disruption budgets count over all of them.
                var id = $"{Group(group.Name)}/{version}";
                yield return EksStep.Of(
                    id, $"Upgrade the node group {group.Name} to {version}", ClusterAction.Change, new EksWork.UpgradeNodegroup(group.Name, version),
                    NodesExpected * Math.Max(1, there.ScalingConfig?.DesiredSize ?? 1), TimeSpan.FromHours(2), [.. after, .. previous is null ? [] : (string[])[previous]])
                    with
                { Details = [$"version {old} → {version}", "one machine after the other, as disruption budgets allow"] };
                previous = id;
            }
        }

        // What replaces a group stands before it goes: pods move to it.
        foreach (var old in observed.Nodegroups.Where(item => EksTags.OwnerOf(item.Tags) is not null && wanted.All(group => group.Name != item.NodegroupName)))
        {
            // Also one after the other.
            var drain = EksStep.Of(
                $"{Group(old.NodegroupName)}/drain", $"Move pods off the node group {old.NodegroupName}", ClusterAction.Change, new EksWork.DrainNodegroup(old.NodegroupName),
                TimeSpan.FromMinutes(3), TimeSpan.FromHours(1), [.. wanted.Select(group => Group(group.Name)), .. previous is null ? [] : (string[])[previous]])
                with
            { Details = ["as disruption budgets allow"] };
            yield return drain;
            previous = drain.Id;
            foreach (var step in Removal(old.NodegroupName, observed, name, [drain.Id]))
                yield return wanted.Any(group => EksNodegroup.IsOf(group.Pool.Name, old.NodegroupName)) ? step with { Action = ClusterAction.Replace } : step;
        }
    }

    public static IEnumerable<EksStep> Removal(string group, EksObserved observed, string name, IReadOnlyList<string> after)
    {
        yield return EksStep.Of(
            $"{Group(group)}/removal", $"Delete the node group {group}", ClusterAction.Delete, new EksWork.DeleteNodegroup(group), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(45), after);
        var template = EksTags.LaunchTemplate(name, group);
        if (observed.LaunchTemplates.Contains(template))
            yield return EksStep.Of(
                $"{Template(group)}/removal", $"Delete the launch template of {group}", ClusterAction.Delete, new EksWork.DeleteLaunchTemplate(template), TimeSpan.FromSeconds(5),
                TimeSpan.FromMinutes(5), $"{Group(group)}/removal");
    }

    /// <summary>
    /// Fargate makes and deletes one profile of a cluster at a time. A profile cannot be changed: one that picks other pods is another one, which
    /// stands before the old one goes, with its pods (https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html).
    /// </summary>
    public static IEnumerable<EksStep> FargateSteps(ClusterSpecification specification, EksObserved observed, IReadOnlyList<string> after)
    {
        List<FargateSpecification> wanted = [.. specification.Fargate.Select(profile => profile with { Name = EksFargate.NameOf(profile, observed.Fargate) })];
        foreach (var profile in wanted)
        {
            var there = observed.Fargate.FirstOrDefault(item => item.FargateProfileName == profile.Name);
            if (there is { Status: FargateProfileStatus.Active })
                continue;
            var (title, action) = there switch
            {
                null => ($"Make the Fargate profile {profile.Name}", ClusterAction.Create),
                { Status: FargateProfileStatus.CreateFailed } => ($"Make the Fargate profile {profile.Name} anew, which could not be made", ClusterAction.Replace),
                { Status: FargateProfileStatus.Deleting } => ($"Make the Fargate profile {profile.Name} anew, once it is deleted", ClusterAction.Replace),
                _ => ($"Wait for the Fargate profile {profile.Name}", ClusterAction.Await),
            };
            var step = EksStep.Of(
                Fargate(profile.Name), title, action, new EksWork.EnsureFargate(profile), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(20), after)
                with
            { Details = [.. profile.Selectors.Select(selector => $"pods of {selector.Namespace}{string.Concat(selector.Labels.Select(label => $" {label.Key}={label.Value}"))}")] };
            yield return step;
            after = [step.Id];
        }

        foreach (var old in observed.Fargate.Where(item => EksTags.OwnerOf(item.Tags) is not null && wanted.All(profile => profile.Name != item.FargateProfileName)))
        {
            var step = FargateRemoval(old.FargateProfileName, after);
            yield return specification.Fargate.Any(profile => EksFargate.IsOf(profile.Name, old.FargateProfileName))
                ? step with { Action = ClusterAction.Replace, Details = ["its pods end, and are made anew where the new one places them"] }
                : step;
            after = [step.Id];
        }
    }

    public static EksStep FargateRemoval(string name, IReadOnlyList<string> after) => EksStep.Of(
        $"{Fargate(name)}/removal", $"Delete the Fargate profile {name}", ClusterAction.Delete, new EksWork.DeleteFargate(name), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(20), after);

    public static IEnumerable<Diagnostic> Findings(ClusterSpecification specification)
    {
        var isClosed = specification.Pools.Count > 0 && specification.Pools.All(pool => pool.Taints.Any(taint => taint.Effect is "NoSchedule" or "NoExecute"));
        if (isClosed && !specification.Fargate.SelectMany(profile => profile.Selectors).Any(selector => selector.Namespace == "kube-system"))
            yield return DiagnosticDescriptors.ClusterHasNoPlace.Because(
                $"All node pools ({string.Join(", ", specification.Pools.Select(pool => pool.Name))}) have taints that keep pods away: the cluster's own DNS could run nowhere.");
    }

    private static List<string> Details(NodePoolSpecification pool) =>
    [
        $"{string.Join(", ", pool.InstanceTypes)} ({pool.Architecture}{(pool.IsSpot ? ", spot" : "")})",
        $"{pool.Desired} machine{(pool.Desired == 1 ? "" : "s")}, {pool.Min} to {pool.Max}",
        .. pool.Taints.Select(taint => $"taint {taint.Key}={taint.Value}:{taint.Effect}"),
    ];

    /// <summary>What is other than wanted and can be changed in place.</summary>
    public static IReadOnlyList<string> Differences(EksNodegroup group, Nodegroup there)
    {
        var (pool, differences) = (group.Pool, new List<string>());
        // How many there are now is the autoscaler's, within the bounds.
        if (there.ScalingConfig is { } scaling && (scaling.MinSize != pool.Min || scaling.MaxSize != pool.Max))
            differences.Add($"{scaling.MinSize} to {scaling.MaxSize} → {pool.Min} to {pool.Max} machines");
        var labels = there.Labels ?? new Dictionary<string, string>();
        differences.AddRange(pool.Labels.Where(label => labels.GetValueOrDefault(label.Key) != label.Value).Select(label => $"label {label.Key}={label.Value}"));
        differences.AddRange(labels.Keys.Except(pool.Labels.Keys).Select(key => $"without the label {key}"));
        var (wanted, taints) = (EksTaints.Of(pool), there.Taints ?? []);
        differences.AddRange(wanted.Except(taints).Select(taint => $"taint {taint.Key}={taint.Value}:{taint.Effect}"));
        differences.AddRange(taints.Except(wanted).Select(taint => $"without the taint {taint.Key}={taint.Value}:{taint.Effect}"));
        return differences;
    }
}

/// <summary>Taints as EKS calls them.</summary>
internal static class EksTaints
{
    public static IReadOnlyList<Aws.Eks.Taint> Of(NodePoolSpecification pool) => [.. pool.Taints.Select(taint => new Aws.Eks.Taint(taint.Key, taint.Effect switch
    {
        "NoExecute" => Aws.Eks.TaintEffect.NoExecute,
        "PreferNoSchedule" => Aws.Eks.TaintEffect.PreferNoSchedule,
        _ => Aws.Eks.TaintEffect.NoSchedule,
    }) { Value = taint.Value })];
}
