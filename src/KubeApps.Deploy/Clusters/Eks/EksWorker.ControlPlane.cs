using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

// The control plane and its add-ons.
internal sealed partial class EksWorker
{
    private async Task<string> EnsureControlPlaneAsync(EksWork.EnsureControlPlane work, StepProgress progress, CancellationToken cancellationToken)
    {
        if (await finder.ClusterAsync(cancellationToken) is null)
        {
            var (role, network) = (await RoleArnAsync(EksRole.Cluster, cancellationToken), await finder.NetworkAsync(specification!.Network, cancellationToken));
            var endpoint = new EksEndpoint(specification.IsPrivate, specification.AllowedRanges);
            var tags = Tags();
            // A run that is cut before its maker is let in would shut out who made it.
            if (work.Maker is { } maker && EksTags.IsValue(maker))
                tags[EksTags.Maker] = maker;
            var request = new CreateClusterRequest(Name, role, endpoint.Request with { SubnetIds = [.. network.NodeSubnets.Select(subnet => subnet.Id)] })
            {
                Version = work.Version,
                Tags = tags,
                // Nobody is let in but by an entry that can be seen.
                AccessConfig = new CreateAccessConfigRequest(AuthenticationMode.Api, BootstrapClusterCreatorAdminPermissions: false),
                // Add-ons come by themselves, so that they have versions and are updated.
                BootstrapSelfManagedAddons = false,
                Logging = new Logging([new LogSetup([LogType.Api, LogType.Audit, LogType.Authenticator], true)]),
                EncryptionConfig = specification.EncryptionKey is { } key ? [new EncryptionConfig(["secrets"], new Provider(key))] : null,
            };
            try
            {
                await WhenFreeAsync(progress, () => _access.Eks.CreateClusterAsync(request, cancellationToken), cancellationToken);
            }
            catch (Exception failure) when (AwsRefusal.IsThereAlready(failure))
            {
                // The answer to a request before this one was lost.
            }
        }

        return $"Kubernetes {(await ActiveClusterAsync(progress, cancellationToken)).Version}";
    }

    private Task<Cluster> ActiveClusterAsync(StepProgress progress, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        // Right after the request it may not be found.
        var cluster = await finder.ClusterAsync(cancellationToken);
        progress.Say(cluster?.Status ?? "not known yet");
        return cluster?.Status switch
        {
            ClusterStatus.Active => cluster,
            ClusterStatus.Failed or ClusterStatus.Deleting => throw Failed($"The control plane of {Name} is {cluster.Status}; it", cluster.Health?.Issues?.Select(issue => (issue.Code, issue.Message)) ?? []),
            _ => null,
        };
    }, cancellationToken);

    private async Task<string> ConfigureEndpointAsync(EksEndpoint endpoint, StepProgress progress, CancellationToken cancellationToken)
    {
        // A change that goes on already is waited for, and what is there is not asked for again: AWS refuses that.
        while (!endpoint.IsMet(await ActiveClusterAsync(progress, cancellationToken)))
        {
            var update = (await WhenFreeAsync(
                progress, () => _access.Eks.UpdateClusterConfigAsync(new(Name) { ResourcesVpcConfig = endpoint.Request }, cancellationToken), cancellationToken)).Update;
            await UpdatedAsync($"The change of who reaches the API of {Name}", new(Name, update.Id), progress, cancellationToken);
        }

        return endpoint.ToString();
    }

    private async Task<string> EncryptSecretsAsync(string key, StepProgress progress, CancellationToken cancellationToken)
    {
        // It can be done once: where it goes on already, it is waited for.
        while ((await ActiveClusterAsync(progress, cancellationToken)).EncryptionConfig is not [_, ..])
        {
            var update = (await WhenFreeAsync(
                progress, () => _access.Eks.AssociateEncryptionConfigAsync(new(Name, [new EncryptionConfig(["secrets"], new Provider(key))]), cancellationToken), cancellationToken)).Update;
            await UpdatedAsync($"The encryption of the secrets of {Name} with {key}", new(Name, update.Id), progress, cancellationToken);
        }

        return $"encrypted with {key}";
    }

    private async Task<string> UpgradeControlPlaneAsync(string version, StepProgress progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An upgrade that goes on already is waited for.
            var cluster = await ActiveClusterAsync(progress, cancellationToken);
            if (!EksVersion.IsOlder(cluster.Version!, version))
                return $"Kubernetes {cluster.Version}";
            var update = (await WhenFreeAsync(progress, () => _access.Eks.UpdateClusterVersionAsync(new(Name, version), cancellationToken), cancellationToken)).Update;
            await UpdatedAsync($"The upgrade of {Name} to {version}", new(Name, update.Id), progress, cancellationToken);
        }
    }

    /// <summary>Waits for a change that EKS makes.</summary>
    private Task<Update> UpdatedAsync(string what, DescribeUpdateRequest which, StepProgress progress, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        var update = (await EksFinder.OrNullAsync(_access.Eks.DescribeUpdateAsync(which, cancellationToken)))?.Update;
        progress.Say(update?.Status ?? "not known yet");
        return update?.Status switch
        {
            UpdateStatus.Successful => update,
            UpdateStatus.Failed or UpdateStatus.Cancelled => throw Failed(what, update.Errors?.Select(error => (error.ErrorCode, error.ErrorMessage)) ?? []),
            _ => null,
        };
    }, cancellationToken);

    private async Task<string> DeleteControlPlaneAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        await UntilAsync(async () =>
        {
            if (await finder.ClusterAsync(cancellationToken) is not { } cluster)
                return "gone";
            progress.Say(cluster.Status);
            if (cluster.Status is not ClusterStatus.Deleting and not ClusterStatus.Creating and not ClusterStatus.Updating
                && await IsGoneAsync(WhenFreeAsync(progress, () => _access.Eks.DeleteClusterAsync(new(Name), cancellationToken), cancellationToken)))
                return "gone";
            return null;
        }, cancellationToken);
        return "gone";
    }

    private Task<Addon> SettledAddonAsync(string addon, StepProgress progress, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        var found = await finder.AddonAsync(addon, cancellationToken);
        progress.Say(found?.Status ?? "not known yet");
        return found?.Status is AddonStatus.Creating or AddonStatus.Updating ? null : found;
    }, cancellationToken);

    private async Task<string> EnsureAddonAsync(string addon, string version, StepProgress progress, CancellationToken cancellationToken)
    {
        var found = await finder.AddonAsync(addon, cancellationToken);
        if (found is null)
        {
            var role = EksPlanner.RoleOf(addon) is { } needed ? await RoleArnAsync(needed, cancellationToken) : null;
            var request = new CreateAddonRequest(Name, addon)
            {
                AddonVersion = version,
                ResolveConflicts = ResolveConflicts.Overwrite,
                Tags = Tags(),
                PodIdentityAssociations = role is null ? null : [new AddonPodIdentityAssociations(addon == "vpc-cni" ? "aws-node" : "ebs-csi-controller-sa", role)],
                // Without nodes its pods are for Fargate.
                ConfigurationValues = addon == "coredns" && specification!.Pools.Count == 0 ? """{"computeType":"Fargate"}""" : null,
            };
            try
            {
                await WhenFreeAsync(progress, () => _access.Eks.CreateAddonAsync(request, cancellationToken), cancellationToken);
            }
            catch (Exception failure) when (AwsRefusal.IsThereAlready(failure))
            {
                // The answer to a request before this one was lost.
            }
        }
        // A change that goes on already is waited for, and what it has brought is not asked for again.
        else if ((await SettledAddonAsync(addon, progress, cancellationToken)).AddonVersion != version)
        {
            // What somebody has configured stays.
            var update = (await WhenFreeAsync(progress, () => _access.Eks.UpdateAddonAsync(
                new(Name, addon) { AddonVersion = version, ResolveConflicts = ResolveConflicts.Preserve }, cancellationToken), cancellationToken)).Update;
            await UpdatedAsync($"The update of {addon}", new(Name, update.Id) { AddonName = addon }, progress, cancellationToken);
        }

        return await UntilAsync(async () =>
        {
            var now = await finder.AddonAsync(addon, cancellationToken);
            var issues = now?.Health?.Issues ?? [];
            // Its pods may need a moment on fresh nodes: what EKS calls degraded mends itself, or lasts until the step's time is over.
            progress.Say(now is null ? "not known yet" : issues is [var issue, ..] ? $"{now.Status}: {AwsRefusal.Words(issue.Message ?? issue.Code ?? "")}" : now.Status);
            return now?.Status switch
            {
                AddonStatus.Active => now.AddonVersion,
                AddonStatus.CreateFailed or AddonStatus.UpdateFailed or AddonStatus.DeleteFailed => throw Failed($"The add-on {addon}", issues.Select(item => (item.Code, item.Message))),
                _ => null,
            };
        }, cancellationToken);
    }
}
