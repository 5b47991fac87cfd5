using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Looks at AWS for the planner. Writes nothing.</summary>
/// <param name="access">The account and the region.</param>
/// <param name="memory">What was asked for other clusters, and holds for this one.</param>
internal sealed class EksObserver(AwsAccess access, EksMemory memory)
{
    /// <summary>The policy of those who may do everything in a cluster.</summary>
    public static string AdministratorPolicy(string partition) => $"arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

    public async Task<EksObserved> ObserveAsync(ClusterChange change, CancellationToken cancellationToken)
    {
        var finder = new EksFinder(access, change.Name, change.Owner);
        if (change is ClusterChange.Upgrade upgrade)
            return await StandingAsync(finder, upgrade.Version, cancellationToken);
        var specification = (change as ClusterChange.Ensure)?.Specification;
        // To find them costs a request for each cluster of the account.
        var clusters = change is ClusterChange.Remove ? EksClusters.AllAsync(access.Eks, cancellationToken) : Task.FromResult<IReadOnlyList<Cluster>>([]);
        var roles = RolesAsync(finder, areWhole: change is not ClusterChange.Remove, cancellationToken);
        var templates = LaunchTemplatesAsync(change, cancellationToken);
        var cluster = await finder.ClusterAsync(cancellationToken);
        var network = NetworkAsync(finder, specification, cluster, cancellationToken);
        var provider = finder.IdentityProviderAsync(cluster?.Identity?.Oidc.Issuer, cancellationToken);
        var observed = new EksObserved(access.Identity) { Cluster = cluster };
        if (cluster is not null)
            observed = await PartsAsync(observed, finder, cancellationToken);
        else if (change is ClusterChange.Remove)
            observed = observed with { Remains = await new EksAudit(access).OfAsync(change.Name, change.Owner, cancellationToken) };
        observed = observed with
        {
            Network = await network,
            Roles = (await roles).Ours,
            ForeignRoles = (await roles).Foreign,
            LaunchTemplates = await templates,
            HasIdentityProvider = await provider is not null,
            Neighbors = [.. (await clusters).Where(item => item.Name != change.Name).Select(EksNeighbor.Of)],
        };
        return specification is null ? observed : observed with
        {
            FormerAdministrators = change is ClusterChange.Ensure { IsAll: true }
                ? await FormerAdministratorsAsync(finder, observed.AccessEntries.Except(specification.Administrators), cancellationToken) : [],
            Caller = cluster is null ? await CallerAsync(cancellationToken) : access.Identity.Arn,
            Offer = await new EksOffers(access, memory).ReadAsync(specification, observed, cancellationToken),
        };
    }

    // Many are upgraded at once, and what is missing in them is not made: neither their roles nor their network are looked at, nor what more of it there may be.
    private async Task<EksObserved> StandingAsync(EksFinder finder, string version, CancellationToken cancellationToken)
    {
        var observed = new EksObserved(access.Identity) { Cluster = await finder.ClusterAsync(cancellationToken) };
        if (observed.Cluster is null)
            return observed;
        observed = await PartsAsync(observed, finder, cancellationToken);
        return observed with { Offer = await new EksOffers(access, memory).UpgradesAsync(EksStanding.Of(observed) with { Version = version }, observed, cancellationToken) };
    }

    private async Task<EksObserved> PartsAsync(EksObserved observed, EksFinder finder, CancellationToken cancellationToken)
    {
        var (eks, name) = (access.Eks, finder.Name);
        var groups = EachAsync(
            token => eks.ListNodegroupsAsync(new(name) { NextToken = token }, cancellationToken), page => (page.Nodegroups, page.NextToken), item => finder.NodegroupAsync(item, cancellationToken));
        var profiles = EachAsync(
            token => eks.ListFargateProfilesAsync(new(name) { NextToken = token }, cancellationToken), page => (page.FargateProfileNames, page.NextToken), item => finder.FargateAsync(item, cancellationToken));
        var addons = EachAsync(token => eks.ListAddonsAsync(new(name) { NextToken = token }, cancellationToken), page => (page.Addons, page.NextToken), item => finder.AddonAsync(item, cancellationToken));
        var entries = finder.AdministratorsAsync(cancellationToken);
        var identities = EachAsync(
            token => eks.ListPodIdentityAssociationsAsync(new(name) { NextToken = token }, cancellationToken), page => (page.Associations, page.NextToken),
            async item => (await EksFinder.OrNullAsync(eks.DescribePodIdentityAssociationAsync(new(name, item.AssociationId), cancellationToken)))?.Association);
        return observed with { Nodegroups = await groups, Fargate = await profiles, Addons = await addons, AccessEntries = await entries, PodIdentities = await identities };
    }

    // Others' entries are others'; and who asks does not shut themselves out.
    private async Task<IReadOnlyList<string>> FormerAdministratorsAsync(EksFinder finder, IEnumerable<string> principals, CancellationToken cancellationToken)
    {
        var entries = await Task.WhenAll(principals.Where(principal => !access.Identity.Is(principal))
            .Select(async principal => (await EksFinder.OrNullAsync(access.Eks.DescribeAccessEntryAsync(new(finder.Name, principal), cancellationToken)))?.AccessEntry));
        return [.. entries.OfType<AccessEntry>().Where(entry => finder.IsOurs(entry.Tags) && entry.Tags!.ContainsKey(EksTags.Named)).Select(entry => entry.PrincipalArn)];
    }

    // What goes while it is looked at, is gone.
    private static async Task<IReadOnlyList<TItem>> EachAsync<TPage, TName, TItem>(
        Func<string?, Task<TPage>> list, Func<TPage, (IEnumerable<TName>?, string?)> read, Func<TName, Task<TItem?>> describe)
        where TItem : class => [.. (await Task.WhenAll((await AwsPages.AllAsync(list, read)).Select(describe))).OfType<TItem>()];

    private async Task<EksNetwork> NetworkAsync(EksFinder finder, ClusterSpecification? specification, Cluster? cluster, CancellationToken cancellationToken)
    {
        var network = await finder.NetworkAsync(specification?.Network, cancellationToken);
        // A cluster stays in the network that it was made in.
        return cluster?.ResourcesVpcConfig?.VpcId is not { } vpc ? network
            : vpc == network.VpcId ? network with { Rivals = [] }
            : await finder.NetworkAsync(vpc, cancellationToken);
    }

    // What is half made is made again, and deleted like all else.
    private static async Task<(IReadOnlyList<string> Ours, IReadOnlyList<string> Foreign)> RolesAsync(EksFinder finder, bool areWhole, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(EksRole.All.Select(async role =>
            await finder.RoleAsync(role, cancellationToken) is not { } standing ? default
            : !finder.IsOurs(standing) ? (Ours: null, Foreign: role.Part)
            : !areWhole || await finder.IsCompleteAsync(role, cancellationToken) ? (Ours: role.Part, Foreign: (string?)null)
            : default));
        return ([.. found.Select(role => role.Ours).OfType<string>()], [.. found.Select(role => role.Foreign).OfType<string>()]);
    }

    private async Task<IReadOnlyList<string>> LaunchTemplatesAsync(ClusterChange change, CancellationToken cancellationToken)
    {
        List<Ec2.Filter> filters = [.. EksTags.Of(change.Owner, change.Name).Where(tag => tag.Key != EksTags.Revision).Select(tag => new Ec2.Filter($"tag:{tag.Key}", [tag.Value]))];
        var templates = await AwsPages.AllAsync(
            token => access.Ec2.DescribeLaunchTemplatesAsync(new Ec2.DescribeLaunchTemplatesRequest { NextToken = token, Filters = filters }, cancellationToken), page => (page.LaunchTemplates, page.NextToken));
        return [.. templates.Select(template => template.LaunchTemplateName)];
    }

    // A session's ARN says the role without its path, which an access entry needs.
    private async Task<string> CallerAsync(CancellationToken cancellationToken) => access.Identity.RoleName is { } role
        ? (await EksFinder.OrNullAsync(access.Iam.GetRoleAsync(new(role), cancellationToken)))?.Role.Arn
            ?? $"arn:{access.Identity.Partition}:iam::{access.Identity.Account}:role/{role}"
        : access.Identity.Arn;
}
