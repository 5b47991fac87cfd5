using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.Iam;

namespace KubeApps.Deploy.Clusters.Eks;

// Who may do what: roles of the cluster, its administrators, its pods.
internal sealed partial class EksWorker
{
    private async Task<string> EnsureRoleAsync(EksRole role, StepProgress progress, CancellationToken cancellationToken)
    {
        var name = finder.RoleName(role);
        await MadeAsync(progress, () => finder.RoleAsync(role, cancellationToken), () => _access.Iam.CreateRoleAsync(
            new(name, Trust(role).ToJsonString()) { Description = $"{role.Part} of the cluster {Name}", Tags = [.. Tags().Select(tag => new Tag(tag.Key, tag.Value))] }, cancellationToken), cancellationToken);
        var attached = await finder.PoliciesAsync(role, cancellationToken);
        foreach (var policy in role.Policies.Where(policy => !attached.Contains(finder.PolicyArn(policy))))
            await WhenFreeAsync(progress, () => _access.Iam.AttachRolePolicyAsync(new(name, finder.PolicyArn(policy)), cancellationToken), cancellationToken);
        if (role.Own is { } own)
            await WhenFreeAsync(progress, () => _access.Iam.PutRolePolicyAsync(new(name, own.Name, own.Document(_access.Identity, Name)), cancellationToken), cancellationToken);
        return name;
    }

    private JsonObject Trust(EksRole role)
    {
        var statement = new JsonObject
        {
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["Service"] = role.Service },
            ["Action"] = role.IsOfPods ? new JsonArray("sts:AssumeRole", "sts:TagSession") : new JsonArray("sts:AssumeRole"),
        };
        // Against services that could be led to act for others: only for what is of this cluster.
        if (role == EksRole.Fargate)
            statement["Condition"] = new JsonObject { ["ArnLike"] = new JsonObject { ["aws:SourceArn"] = $"arn:{_access.Identity.Partition}:eks:{_access.Identity.Region}:{_access.Identity.Account}:fargateprofile/{Name}/*" } };
        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = new JsonArray(statement) };
    }

    private Task<string> DeleteRoleAsync(EksRole role, StepProgress progress, CancellationToken cancellationToken) => AgainAsync(progress, async () =>
    {
        var name = finder.RoleName(role);
        if (await finder.RoleAsync(role, cancellationToken) is not { } standing || !finder.IsOurs(standing))
            return "gone";
        foreach (var policy in (await _access.Iam.ListAttachedRolePoliciesAsync(new(name), cancellationToken)).AttachedPolicies ?? [])
            await IsGoneAsync(_access.Iam.DetachRolePolicyAsync(new(name, policy.PolicyArn), cancellationToken));
        foreach (var policy in (await _access.Iam.ListRolePoliciesAsync(new(name), cancellationToken)).PolicyNames ?? [])
            await IsGoneAsync(_access.Iam.DeleteRolePolicyAsync(new(name, policy), cancellationToken));
        foreach (var profile in (await _access.Iam.ListInstanceProfilesForRoleAsync(new(name), cancellationToken)).InstanceProfiles ?? [])
            await DeleteProfileAsync(profile, cancellationToken);

        await IsGoneAsync(WhenFreeAsync(progress, () => _access.Iam.DeleteRoleAsync(new(name), cancellationToken), cancellationToken));
        return "gone";
    }, cancellationToken);

    private async Task DeleteProfileAsync(string name, CancellationToken cancellationToken)
    {
        var profiles = await AwsPages.AllAsync(
            marker => _access.Iam.ListInstanceProfilesAsync(new() { Marker = marker }, cancellationToken), page => (page.InstanceProfiles, page.IsTruncated == true ? page.Marker : null));
        foreach (var profile in profiles.Where(profile => profile.InstanceProfileName == name))
            await DeleteProfileAsync(profile, cancellationToken);
    }

    private async Task DeleteProfileAsync(InstanceProfile profile, CancellationToken cancellationToken)
    {
        foreach (var role in profile.Roles ?? [])
            await IsGoneAsync(_access.Iam.RemoveRoleFromInstanceProfileAsync(new(profile.InstanceProfileName, role.RoleName), cancellationToken));
        await IsGoneAsync(_access.Iam.DeleteInstanceProfileAsync(new(profile.InstanceProfileName), cancellationToken));
    }

    private async Task<string> EnsureAdministratorAsync(EksWork.EnsureAdministrator work, StepProgress progress, CancellationToken cancellationToken)
    {
        var (principal, tags) = (work.Principal, Tags());
        if (!work.IsMaker)
            tags[EksTags.Named] = "true";
        await MadeAsync(
            progress, () => EksFinder.OrNullAsync(_access.Eks.DescribeAccessEntryAsync(new(Name, principal), cancellationToken)),
            () => _access.Eks.CreateAccessEntryAsync(new(Name, principal) { Tags = tags }, cancellationToken), cancellationToken);
        var policy = EksObserver.AdministratorPolicy(_access.Identity.Partition);
        if (!(await finder.AdministratorsAsync(cancellationToken)).Contains(principal))
            await WhenFreeAsync(progress, () => _access.Eks.AssociateAccessPolicyAsync(new(Name, principal, policy, new AccessScope(AccessScopeType.Cluster)), cancellationToken), cancellationToken);
        // Who made it was owed this once: who takes it away later shall not find it given again.
        if (await ClusterAsync(cancellationToken) is { Arn: { } arn } cluster && cluster.Tags?.GetValueOrDefault(EksTags.Maker) == principal)
            await _access.Eks.UntagResourceAsync(new(arn, [EksTags.Maker]), cancellationToken);
        return principal;
    }

    private async Task<string> DeleteAdministratorAsync(string principal, StepProgress progress, CancellationToken cancellationToken)
    {
        await IsGoneAsync(WhenFreeAsync(progress, () => _access.Eks.DeleteAccessEntryAsync(new(Name, principal), cancellationToken), cancellationToken));
        return "gone";
    }

    private async Task<string> EnsureIdentityProviderAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var issuer = (await ClusterAsync(cancellationToken)).Identity!.Oidc.Issuer;
        return await MadeAsync(progress, () => finder.IdentityProviderAsync(issuer, cancellationToken), () => _access.Iam.CreateOpenIDConnectProviderAsync(
            new(issuer) { ClientIDList = ["sts.amazonaws.com"], Tags = [.. Tags().Select(tag => new Tag(tag.Key, tag.Value))] }, cancellationToken), cancellationToken);
    }

    private async Task<string> DeleteIdentityProviderAsync(CancellationToken cancellationToken)
    {
        if (await finder.IdentityProviderAsync((await finder.ClusterAsync(cancellationToken))?.Identity?.Oidc.Issuer, cancellationToken) is { } arn)
            await IsGoneAsync(_access.Iam.DeleteOpenIDConnectProviderAsync(new(arn), cancellationToken));
        return "gone";
    }

    private async Task<string> EnsurePodIdentityAsync(CloudRoleSpecification role, StepProgress progress, CancellationToken cancellationToken)
    {
        var found = await MadeAsync(
            progress, () => PodIdentityAsync(role.Namespace, role.ServiceAccount, cancellationToken),
            () => _access.Eks.CreatePodIdentityAssociationAsync(new(Name, role.Namespace, role.ServiceAccount, role.Role) { Tags = Tags() }, cancellationToken), cancellationToken);
        if ((await _access.Eks.DescribePodIdentityAssociationAsync(new(Name, found.AssociationId), cancellationToken)).Association.RoleArn != role.Role)
            await WhenFreeAsync(progress, () => _access.Eks.UpdatePodIdentityAssociationAsync(new(Name, found.AssociationId) { RoleArn = role.Role }, cancellationToken), cancellationToken);
        return role.Role;
    }

    private async Task<PodIdentityAssociationSummary?> PodIdentityAsync(string ns, string serviceAccount, CancellationToken cancellationToken) =>
        (await _access.Eks.ListPodIdentityAssociationsAsync(new(Name) { Namespace = ns, ServiceAccount = serviceAccount }, cancellationToken)).Associations.FirstOrDefault();

    private async Task<string> DeletePodIdentityAsync(string id, StepProgress progress, CancellationToken cancellationToken)
    {
        await IsGoneAsync(WhenFreeAsync(progress, () => _access.Eks.DeletePodIdentityAssociationAsync(new(Name, id), cancellationToken), cancellationToken));
        return "gone";
    }
}
