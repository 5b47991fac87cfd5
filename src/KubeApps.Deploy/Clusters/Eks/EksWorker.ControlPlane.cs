using System.Text.Json.Nodes;
using Amazon.Runtime;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

// The control plane and its add-ons.
internal sealed partial class EksWorker
{
    private async Task<string> EnsureControlPlaneAsync(EksWork.EnsureControlPlane work, StepProgress progress, CancellationToken cancellationToken)
    {
        await MadeAsync(progress, () => finder.ClusterAsync(cancellationToken), async () =>
        {
            // In which network, is looked for as late as can be: there may have been two for a moment.
            var (role, network) = (await RoleArnAsync(EksRole.Cluster, cancellationToken), await finder.NetworkAsync(specification!.Network, cancellationToken));
            var endpoint = new EksEndpoint(specification.IsPrivate, specification.AllowedRanges);
            var tags = Tags();
            // A run that is cut before its maker is let in would shut out who made it.
            if (work.Maker is { } maker && EksTags.IsValue(maker))
                tags[EksTags.Maker] = maker;
            await InZonesAsync($"the control plane of {Name}", least: 2, network.NodeSubnets, subnets => _access.Eks.CreateClusterAsync(
                new CreateClusterRequest(Name, role, endpoint.Request with { SubnetIds = subnets })
                {
                    Version = work.Version,
                    Tags = tags,
                    // Nobody is let in but by an entry that can be seen.
                    AccessConfig = new CreateAccessConfigRequest(AuthenticationMode.Api, BootstrapClusterCreatorAdminPermissions: false),
                    // Add-ons come by themselves, so that they have versions and are updated.
                    BootstrapSelfManagedAddons = false,
                    Logging = new Logging([new LogSetup([LogType.Api, LogType.Audit, LogType.Authenticator], true)]),
                    EncryptionConfig = specification.EncryptionKey is { } key ? [new EncryptionConfig(["secrets"], new Provider(key))] : null,
                }, cancellationToken));
        }, cancellationToken);
        return $"Kubernetes {(await ActiveClusterAsync(progress, cancellationToken)).Version}";
    }

    /// <summary>Asks for something in the subnets of all zones; where AWS has no room in some of them, in those of the zones that it names.</summary>
    private static async Task InZonesAsync(string what, int least, IReadOnlyList<EksSubnet> subnets, Func<IReadOnlyList<string>, Task> request)
    {
        try
        {
            await request(Ids(subnets));
        }
        catch (AmazonServiceException refusal) when (refusal.ErrorCode == "UnsupportedAvailabilityZoneException")
        {
            // "… Retry and choose from these availability zones: us-east-1a, us-east-1b": what is chosen is one of ours all the same.
            var named = refusal.Message[(refusal.Message.LastIndexOf(':') + 1)..].Split([',', ' ', '.'], StringSplitOptions.RemoveEmptyEntries);
            var rest = subnets.Where(subnet => named.Contains(subnet.Zone)).ToList();
            if (rest.Count == subnets.Count || rest.Select(subnet => subnet.Zone).Distinct().Count() < least)
                throw new DiagnosticException(DiagnosticDescriptors.ClusterNetworkUnusable.Because(
                    $"AWS has no room for {what} in the zones of its subnets ({string.Join(", ", subnets.Select(subnet => subnet.Zone).Distinct())}): {AwsRefusal.Words(refusal.Message)}.",
                    nextStep: $"Name a network with --network that has private subnets in {(least == 1 ? "one" : "two")} of the zones that AWS names, or run it again later."), refusal);
            await request(Ids(rest));
        }

        static IReadOnlyList<string> Ids(IEnumerable<EksSubnet> some) => [.. some.Select(subnet => subnet.Id)];
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
        await ChangedAsync(
            $"The change of who reaches the API of {Name}", () => ActiveClusterAsync(progress, cancellationToken), endpoint.IsMet,
            async _ => (await _access.Eks.UpdateClusterConfigAsync(new(Name) { ResourcesVpcConfig = endpoint.Request }, cancellationToken)).Update, update => new(Name, update.Id), progress, cancellationToken);
        return endpoint.ToString();
    }

    private async Task<string> EncryptSecretsAsync(string key, StepProgress progress, CancellationToken cancellationToken)
    {
        // It can be done once.
        await ChangedAsync(
            $"The encryption of the secrets of {Name} with {key}", () => ActiveClusterAsync(progress, cancellationToken), cluster => cluster.EncryptionConfig is [_, ..],
            async _ => (await _access.Eks.AssociateEncryptionConfigAsync(new(Name, [new EncryptionConfig(["secrets"], new Provider(key))]), cancellationToken)).Update,
            update => new(Name, update.Id), progress, cancellationToken);
        return $"encrypted with {key}";
    }

    private async Task<string> UpgradeControlPlaneAsync(string version, StepProgress progress, CancellationToken cancellationToken)
    {
        var cluster = await ChangedAsync(
            $"The upgrade of {Name} to {version}", () => ActiveClusterAsync(progress, cancellationToken), cluster => !EksVersion.IsOlder(cluster.Version!, version),
            async _ => (await _access.Eks.UpdateClusterVersionAsync(new(Name, version), cancellationToken)).Update, update => new(Name, update.Id), progress, cancellationToken);
        return $"Kubernetes {cluster.Version}";
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
        await UntilGoneAsync(progress, async () =>
        {
            if (await finder.ClusterAsync(cancellationToken) is not { } cluster)
                return true;
            progress.Say(cluster.Status);
            if (cluster.Status is ClusterStatus.Deleting or ClusterStatus.Creating or ClusterStatus.Updating)
                return false;
            await DeleteUnplannedAsync(progress, cancellationToken);
            return await IsGoneAsync(_access.Eks.DeleteClusterAsync(new(Name), cancellationToken));
        }, cancellationToken);
        return "gone";
    }

    // What was not listed yet when it was planned what is deleted.
    private async Task DeleteUnplannedAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var profiles = await EksFinder.OrNullAsync(AwsPages.AllAsync(
            token => _access.Eks.ListFargateProfilesAsync(new(Name) { NextToken = token }, cancellationToken), page => (page.FargateProfileNames, page.NextToken)));
        foreach (var profile in profiles ?? [])
            await DeleteFargateAsync(profile, progress, cancellationToken);
        var groups = await EksFinder.OrNullAsync(AwsPages.AllAsync(
            token => _access.Eks.ListNodegroupsAsync(new(Name) { NextToken = token }, cancellationToken), page => (page.Nodegroups, page.NextToken)));
        foreach (var group in groups ?? [])
            await DeleteNodegroupAsync(group, progress, cancellationToken);
    }

    private Task<Addon> SettledAddonAsync(string addon, StepProgress progress, CancellationToken cancellationToken) => UntilAsync(async () =>
    {
        var found = await finder.AddonAsync(addon, cancellationToken);
        progress.Say(found?.Status ?? "not known yet");
        return found?.Status is AddonStatus.Creating or AddonStatus.Updating ? null : found;
    }, cancellationToken);

    private async Task<string> EnsureAddonAsync(string addon, EksAddonOffer offer, StepProgress progress, CancellationToken cancellationToken)
    {
        await MadeAsync(progress, () => finder.AddonAsync(addon, cancellationToken), async () =>
        {
            var role = EksPlanner.RoleOf(addon) is { } needed ? await RoleArnAsync(needed, cancellationToken) : null;
            await _access.Eks.CreateAddonAsync(
                new CreateAddonRequest(Name, addon)
                {
                    AddonVersion = offer.Default,
                    ResolveConflicts = ResolveConflicts.Overwrite,
                    Tags = Tags(),
                    PodIdentityAssociations = role is null ? null : [new AddonPodIdentityAssociations(addon == "vpc-cni" ? "aws-node" : "ebs-csi-controller-sa", role)],
                    // Without nodes its pods are for Fargate.
                    ConfigurationValues = addon == "coredns" && specification!.Pools.Count == 0 ? """{"computeType":"Fargate"}""" : TagsOfDisks(addon),
                }, cancellationToken);
        }, cancellationToken);
        // What somebody has configured stays; of one that could not be installed there is nothing yet, and AWS tries no second time.
        await ChangedAsync(
            $"The update of {addon}", () => SettledAddonAsync(addon, progress, cancellationToken),
            there => there.AddonVersion == offer.Wanted(there) && there.Status is not (AddonStatus.CreateFailed or AddonStatus.UpdateFailed),
            async there => (await _access.Eks.UpdateAddonAsync(
                new(Name, addon)
                {
                    AddonVersion = offer.Wanted(there),
                    ResolveConflicts = there.Status == AddonStatus.CreateFailed ? ResolveConflicts.Overwrite : ResolveConflicts.Preserve,
                    ConfigurationValues = string.IsNullOrEmpty(there.ConfigurationValues) ? TagsOfDisks(addon) : null,
                }, cancellationToken)).Update,
            update => new(Name, update.Id) { AddonName = addon }, progress, cancellationToken);
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

    /// <summary>With these what is left of a cluster's disks says whose it was.</summary>
    private string? TagsOfDisks(string addon) => EksPlanner.RoleOf(addon) != EksRole.Disks ? null : new JsonObject
    {
        ["controller"] = new JsonObject { ["extraVolumeTags"] = new JsonObject(Tags().Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value))) },
    }.ToJsonString();
}
