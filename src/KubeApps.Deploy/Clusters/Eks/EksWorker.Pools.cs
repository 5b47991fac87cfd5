using Amazon.EC2;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// Machines, and pods without them.
internal sealed partial class EksWorker
{
    private async Task<string> EnsureLaunchTemplateAsync(EksNodegroup group, StepProgress progress, CancellationToken cancellationToken)
    {
        var name = EksTags.LaunchTemplate(Name, group.Name);
        List<Ec2.Tag> tags = [new("Name", $"{Name}-{group.Pool.Name}"), .. Tags().Select(tag => new Ec2.Tag(tag.Key, tag.Value))];
        var request = new Ec2.CreateLaunchTemplateRequest
        {
            LaunchTemplateName = name,
            LaunchTemplateData = new Ec2.RequestLaunchTemplateData
            {
                // Pods cannot get at the machine's role: what answers for it is one hop away, and they are two.
                MetadataOptions = new Ec2.LaunchTemplateInstanceMetadataOptionsRequest { HttpTokens = LaunchTemplateHttpTokensState.Required, HttpPutResponseHopLimit = 1 },
                BlockDeviceMappings =
                [
                    new()
                    {
                        DeviceName = "/dev/xvda",
                        Ebs = new Ec2.LaunchTemplateEbsBlockDeviceRequest { VolumeSize = EksNodegroup.Disk, VolumeType = VolumeType.Gp3, Encrypted = true, DeleteOnTermination = true },
                    },
                ],
                TagSpecifications = [.. new[] { ResourceType.Instance, ResourceType.Volume, ResourceType.NetworkInterface }
                    .Select(type => new Ec2.LaunchTemplateTagSpecificationRequest { ResourceType = type, Tags = tags })],
            },
            TagSpecifications = [new() { ResourceType = ResourceType.LaunchTemplate, Tags = tags }],
        };
        return await MadeAsync(progress, () => LaunchTemplateAsync(name, cancellationToken), () => Ec2Client.CreateLaunchTemplateAsync(request, cancellationToken), cancellationToken);
    }

    private async Task<string?> LaunchTemplateAsync(string name, CancellationToken cancellationToken) =>
        ((await EksFinder.OrNullAsync(Ec2Client.DescribeLaunchTemplatesAsync(
            new Ec2.DescribeLaunchTemplatesRequest { LaunchTemplateNames = [name] }, cancellationToken)))?.LaunchTemplates ?? []).FirstOrDefault()?.LaunchTemplateId;

    private async Task<string> EnsureNodegroupAsync(EksNodegroup group, StepProgress progress, CancellationToken cancellationToken)
    {
        // AWS tries no second time, and it holds the name; so does one that is on its way out.
        if (await finder.NodegroupAsync(group.Name, cancellationToken) is { Status: NodegroupStatus.CreateFailed or NodegroupStatus.Deleting })
            await DeleteNodegroupAsync(group.Name, progress, cancellationToken);
        await MadeAsync(progress, () => finder.NodegroupAsync(group.Name, cancellationToken), async () =>
        {
            var (role, cluster) = (await RoleArnAsync(EksRole.Nodes, cancellationToken), await ClusterAsync(cancellationToken));
            var network = await finder.NetworkAsync(specification!.Network ?? cluster.ResourcesVpcConfig?.VpcId, cancellationToken);
            var template = await UntilAsync(() => LaunchTemplateAsync(EksTags.LaunchTemplate(Name, group.Name), cancellationToken), cancellationToken);
            var pool = group.Pool;
            await _access.Eks.CreateNodegroupAsync(
                new CreateNodegroupRequest(Name, group.Name, [.. network.NodeSubnets.Select(subnet => subnet.Id)], role)
                {
                    ScalingConfig = new NodegroupScalingConfig(pool.Min, pool.Max, pool.Desired),
                    InstanceTypes = pool.InstanceTypes,
                    AmiType = group.AmiType,
                    CapacityType = group.CapacityType,
                    Labels = pool.Labels,
                    Taints = EksTaints.Of(pool),
                    LaunchTemplate = new Aws.Eks.LaunchTemplateSpecification(template, "1"),
                    UpdateConfig = new NodegroupUpdateConfig { MaxUnavailable = 1 },
                    Tags = Tags(),
                }, cancellationToken);
        }, cancellationToken);
        var active = await ActiveNodegroupAsync(group.Name, progress, cancellationToken);
        return $"{active.ScalingConfig?.DesiredSize} × {string.Join(", ", group.Pool.InstanceTypes)}";
    }

    private Task<Nodegroup> ActiveNodegroupAsync(string name, StepProgress progress, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        var group = await finder.NodegroupAsync(name, cancellationToken);
        var issues = group?.Health?.Issues ?? [];
        progress.Say(group is null ? "not known yet" : issues is [var issue, ..] ? $"{group.Status}: {AwsRefusal.Words(issue.Message ?? issue.Code ?? "")}" : group.Status);
        return group?.Status switch
        {
            NodegroupStatus.Active => group,
            NodegroupStatus.CreateFailed or NodegroupStatus.DeleteFailed or NodegroupStatus.Degraded => throw Failed($"The node group {name}", issues.Select(item => (item.Code, item.Message))),
            _ => null,
        };
    }, cancellationToken);

    private async Task<string> ConfigureNodegroupAsync(EksNodegroup group, StepProgress progress, CancellationToken cancellationToken)
    {
        await ChangedAsync(
            $"The change of the node group {group.Name}", () => ActiveNodegroupAsync(group.Name, progress, cancellationToken), there => EksPoolPlan.Differences(group, there).Count == 0,
            async there => (await _access.Eks.UpdateNodegroupConfigAsync(Configuration(group, there), cancellationToken)).Update,
            update => new(Name, update.Id) { NodegroupName = group.Name }, progress, cancellationToken);
        return $"{group.Pool.Min} to {group.Pool.Max} machines";
    }

    private UpdateNodegroupConfigRequest Configuration(EksNodegroup group, Nodegroup there)
    {
        var (pool, labels, taints, wanted) = (group.Pool, there.Labels ?? new Dictionary<string, string>(), there.Taints ?? [], EksTaints.Of(group.Pool));
        // What the autoscaler has chosen stays, as far as it is within the bounds.
        var desired = Math.Clamp(there.ScalingConfig?.DesiredSize ?? pool.Desired, pool.Min, pool.Max);
        List<string> excess = [.. labels.Keys.Except(pool.Labels.Keys)];
        List<Aws.Eks.Taint> missing = [.. wanted.Except(taints)];
        List<Aws.Eks.Taint> surplus = [.. taints.Where(taint => wanted.All(item => (item.Key, item.Effect) != (taint.Key, taint.Effect)))];
        return new(Name, group.Name)
        {
            ScalingConfig = new NodegroupScalingConfig(pool.Min, pool.Max, desired),
            Labels = new UpdateLabelsPayload { AddOrUpdateLabels = pool.Labels, RemoveLabels = excess.Count > 0 ? excess : null },
            Taints = missing.Count + surplus.Count == 0 ? null : new UpdateTaintsPayload
            {
                AddOrUpdateTaints = missing.Count > 0 ? missing : null,
                RemoveTaints = surplus.Count > 0 ? surplus : null,
            },
        };
    }

    private async Task<string> UpgradeNodegroupAsync(string name, string version, StepProgress progress, CancellationToken cancellationToken)
    {
        // Not forced: a pod that its disruption budget holds ends the upgrade with that reason, not the app.
        var group = await ChangedAsync(
            $"The upgrade of the node group {name} to {version}", () => ActiveNodegroupAsync(name, progress, cancellationToken), group => !EksVersion.IsOlder(group.Version!, version),
            async _ => (await _access.Eks.UpdateNodegroupVersionAsync(new(Name, name) { Version = version }, cancellationToken)).Update,
            update => new(Name, update.Id) { NodegroupName = name }, progress, cancellationToken);
        return $"Kubernetes {group.Version}";
    }

    private async Task<string> DeleteNodegroupAsync(string name, StepProgress progress, CancellationToken cancellationToken)
    {
        await UntilAsync(async () =>
        {
            if (await finder.NodegroupAsync(name, cancellationToken) is not { } group)
                return "gone";
            progress.Say(group.Status);
            if (group.Status == NodegroupStatus.DeleteFailed)
                throw Failed($"The deletion of the node group {name}", group.Health?.Issues?.Select(issue => (issue.Code, issue.Message)) ?? []);
            if (group.Status != NodegroupStatus.Deleting)
                await IsGoneAsync(WhenFreeAsync(progress, () => _access.Eks.DeleteNodegroupAsync(new(Name, name), cancellationToken), cancellationToken));
            return null;
        }, cancellationToken);
        return "gone";
    }

    private async Task<string> DeleteLaunchTemplateAsync(string name, CancellationToken cancellationToken)
    {
        await IsGoneAsync(Ec2Client.DeleteLaunchTemplateAsync(new Ec2.DeleteLaunchTemplateRequest { LaunchTemplateName = name }, cancellationToken));
        return "gone";
    }

    private async Task<string> EnsureFargateAsync(FargateSpecification profile, StepProgress progress, CancellationToken cancellationToken)
    {
        // As with groups: one that could not be made, or is on its way out, holds the name.
        if (await finder.FargateAsync(profile.Name, cancellationToken) is { Status: FargateProfileStatus.CreateFailed or FargateProfileStatus.Deleting })
            await DeleteFargateAsync(profile.Name, progress, cancellationToken);
        await MadeAsync(progress, () => finder.FargateAsync(profile.Name, cancellationToken), async () =>
        {
            var (role, cluster) = (await RoleArnAsync(EksRole.Fargate, cancellationToken), await ClusterAsync(cancellationToken));
            var network = await finder.NetworkAsync(specification!.Network ?? cluster.ResourcesVpcConfig?.VpcId, cancellationToken);
            // Public ones are not possible here.
            await InZonesAsync($"the Fargate profile {profile.Name}", least: 1, network.NodeSubnets, subnets => _access.Eks.CreateFargateProfileAsync(
                new CreateFargateProfileRequest(Name, profile.Name, role)
                {
                    Subnets = subnets,
                    Selectors = [.. profile.Selectors.Select(selector => new FargateProfileSelector(selector.Namespace) { Labels = selector.Labels })],
                    Tags = Tags(),
                }, cancellationToken));
        }, cancellationToken);
        await UntilAsync(async () =>
        {
            var found = await finder.FargateAsync(profile.Name, cancellationToken);
            progress.Say(found?.Status ?? "not known yet");
            return found?.Status switch
            {
                FargateProfileStatus.Active => found,
                FargateProfileStatus.CreateFailed or FargateProfileStatus.DeleteFailed => throw Failed($"The Fargate profile {profile.Name}", found.Health?.Issues?.Select(issue => (issue.Code, issue.Message)) ?? []),
                _ => null,
            };
        }, cancellationToken);
        return "active";
    }

    private async Task<string> DeleteFargateAsync(string name, StepProgress progress, CancellationToken cancellationToken)
    {
        await UntilAsync(async () =>
        {
            if (await finder.FargateAsync(name, cancellationToken) is not { } profile)
                return "gone";
            progress.Say(profile.Status);
            if (profile.Status is not FargateProfileStatus.Deleting and not FargateProfileStatus.Creating)
                await IsGoneAsync(WhenFreeAsync(progress, () => _access.Eks.DeleteFargateProfileAsync(new(Name, name), cancellationToken), cancellationToken));
            return null;
        }, cancellationToken);
        return "gone";
    }
}
