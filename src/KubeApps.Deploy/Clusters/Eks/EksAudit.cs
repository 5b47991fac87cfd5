using KubeApps.Deploy.Api;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// Finds what clusters leave, by our tags and by those of EKS and of the controllers in a cluster: what has the name of a cluster that is not there.
/// </summary>
internal sealed class EksAudit(AwsAccess access)
{
    public const string LoadBalancer = "LoadBalancer";
    public const string TargetGroup = "TargetGroup";
    public const string SecurityGroup = "SecurityGroup";
    public const string Interface = "NetworkInterface";
    public const string Volume = "Volume";
    public const string LaunchTemplate = "LaunchTemplate";
    public const string Role = "Role";
    public const string InstanceProfile = "InstanceProfile";
    public const string IdentityProvider = "IdentityProvider";
    public const string LogGroup = "LogGroup";
    public const string DnsRecord = "DnsRecord";

    /// <summary>An owner's VPC, with all that is in it.</summary>
    public const string Network = "Network";

    private const string OfBalancerController = "elbv2.k8s.aws/cluster";
    private const string OfNetworkPlugin = "cluster.k8s.amazonaws.com/name";
    private const string OfPluginsMachine = "node.k8s.amazonaws.com/instance_id";
    private const string OfKubernetes = "kubernetes.io/cluster/";
    private const string OfEks = "aws:eks:cluster-name";
    private const string LogFolder = "/aws/eks/";
    // What elbv2:DescribeTags takes at a time.
    private const int TagsAtOnce = 20;

    /// <summary>What belongs to a cluster, whether that is there or not: what says that it is another owner's is not of it, whatever the name.</summary>
    public async Task<IReadOnlyList<ClusterLeftover>> OfAsync(string cluster, ClusterOwner owner, CancellationToken cancellationToken)
    {
        var found = (await FindAsync(cancellationToken)).Where(item => item.Item.Cluster == cluster).ToList();
        return [.. found.Select(item => item.Item).Where(item => item.Owner == owner || (item.Owner is null && !IsOthers(found, owner)))];
    }

    /// <summary>
    /// What is left of clusters that are gone. A name that only EKS or a controller has written says nothing of whose cluster it was: without an owner
    /// those count alone of which something has our tags; with one those whose names we would have given, unless something of that name is another's.
    /// </summary>
    public async Task<IReadOnlyList<ClusterLeftover>> OrphansAsync(ClusterOwner? owner, CancellationToken cancellationToken)
    {
        // What is there is asked last: a cluster that comes meanwhile is none that is gone.
        List<EksFound> found = [.. await FindAsync(cancellationToken), .. (await RecordsAsync(cancellationToken)).Select(record => new EksFound(record, true))];
        var there = (await EksClusters.NamesAsync(access.Eks, cancellationToken)).ToHashSet(StringComparer.Ordinal);
        return [.. Orphans(found, there, owner), .. await OrphanedNetworksAsync(owner, cancellationToken)];
    }

    /// <summary>The records of DNS that lead to clusters of the region, whether these are there or not.</summary>
    public async Task<IReadOnlyList<ClusterLeftover>> RecordsAsync(CancellationToken cancellationToken) =>
        [.. (await new EksZones(access.Route53, TimeProvider.System).OursAsync(access.Identity.Region, cancellationToken)).Select(record => new ClusterLeftover(DnsRecord, record.Id, record.Cluster))];

    /// <summary>The networks of ours in which no cluster stands any more, whoever owns it: a deletion that was cut near its end leaves one.</summary>
    public async Task<IReadOnlyList<ClusterLeftover>> OrphanedNetworksAsync(ClusterOwner? owner, CancellationToken cancellationToken)
    {
        var vpcs = await AwsPages.AllAsync(
            token => access.Ec2.DescribeVpcsAsync(
                new Ec2.DescribeVpcsRequest { NextToken = token, Filters = [new($"tag:{EksTags.ManagedBy}", [EksTags.Us]), new($"tag:{EksTags.Part}", [EksNetworkPlan.Vpc])] }, cancellationToken),
            page => (page.Vpcs, page.NextToken));
        var found = vpcs.Select(vpc => (vpc.VpcId, Tags: vpc.Tags.ToDictionary(tag => tag.Key, tag => tag.Value)))
            .Select(vpc => (vpc.VpcId, Owner: EksTags.OwnerOf(vpc.Tags), MadeAt: KubeTime.Read(vpc.Tags.GetValueOrDefault(EksTags.MadeAt))))
            .Where(item => item.Owner is not null && (owner is null || item.Owner == owner)).ToList();
        if (found.Count == 0)
            return [];
        var clusters = (await EksClusters.AllAsync(access.Eks, cancellationToken)).Select(EksNeighbor.Of).ToList();
        return [.. found.Where(item => !clusters.Exists(cluster => cluster.MayStandIn(item.VpcId))).Select(item => new ClusterLeftover(Network, item.VpcId, ClusterNames.Stem(item.Owner!)) { Owner = item.Owner, MadeAt = item.MadeAt })];
    }

    /// <summary>The choice among what was found. Pure.</summary>
    internal static IReadOnlyList<ClusterLeftover> Orphans(IReadOnlyList<EksFound> found, IReadOnlySet<string> there, ClusterOwner? owner)
    {
        var named = found.ToLookup(item => item.Item.Cluster, StringComparer.Ordinal);
        return
        [
            .. found.Select(item => item.Item).Where(item => !there.Contains(item.Cluster) && IsMeant(item))
                .OrderBy(item => item.Cluster, StringComparer.Ordinal).ThenBy(item => item.Kind, StringComparer.Ordinal).ThenBy(item => item.Id, StringComparer.Ordinal),
        ];

        bool IsMeant(ClusterLeftover item) => owner is null
            ? named[item.Cluster].Any(other => other.IsOurs)
            : item.Owner == owner || (item.Owner is null && ClusterNames.IsOf(owner, item.Cluster) && !IsOthers(named[item.Cluster], owner));
    }

    // "shop-prod-eu-1" can be that of shop in prod-eu, and that of shop-prod in eu.
    private static bool IsOthers(IEnumerable<EksFound> ofOneName, ClusterOwner owner) => ofOneName.Any(item => item.Item.Owner is { } its && its != owner);

    private async Task<IReadOnlyList<EksFound>> FindAsync(CancellationToken cancellationToken)
    {
        Task<List<EksFound>>[] finds =
        [
            BalancersAsync(cancellationToken), TargetGroupsAsync(cancellationToken), SecurityGroupsAsync(cancellationToken), InterfacesAsync(cancellationToken), VolumesAsync(cancellationToken),
            LaunchTemplatesAsync(cancellationToken), RolesAsync(cancellationToken), IdentityProvidersAsync(cancellationToken), LogGroupsAsync(cancellationToken),
        ];
        return [.. (await Task.WhenAll(finds)).SelectMany(found => found)];
    }

    private async Task<List<EksFound>> BalancersAsync(CancellationToken cancellationToken)
    {
        var arns = (await EksBalancers.AllAsync(access.LoadBalancing, cancellationToken)).Select(balancer => balancer.LoadBalancerArn);
        return await TaggedAsync(LoadBalancer, [.. arns], cancellationToken);
    }

    private async Task<List<EksFound>> TargetGroupsAsync(CancellationToken cancellationToken)
    {
        var arns = (await AwsPages.AllAsync(
            marker => access.LoadBalancing.DescribeTargetGroupsAsync(new DescribeTargetGroupsRequest { Marker = marker }, cancellationToken), page => (page.TargetGroups, page.NextMarker)))
            .Select(group => group.TargetGroupArn);
        return await TaggedAsync(TargetGroup, [.. arns], cancellationToken);
    }

    private async Task<List<EksFound>> TaggedAsync(string kind, IReadOnlyList<string> arns, CancellationToken cancellationToken)
    {
        List<EksFound> found = [];
        foreach (var some in arns.Chunk(TagsAtOnce))
            foreach (var item in await TagsAsync(some, cancellationToken))
                if (Read(kind, item.ResourceArn, (item.Tags ?? []).Select(tag => (tag.Key, tag.Value ?? ""))) is { } one)
                    found.Add(one);
        return found;
    }

    // One that goes meanwhile spoils the answer for all of them.
    private async Task<IReadOnlyList<TagDescription>> TagsAsync(string[] arns, CancellationToken cancellationToken)
    {
        if (await EksFinder.OrNullAsync(access.LoadBalancing.DescribeTagsAsync(new DescribeTagsRequest(arns), cancellationToken)) is { } all)
            return all.TagDescriptions ?? [];
        return arns.Length == 1 ? [] : [.. (await Task.WhenAll(arns.Select(arn => TagsAsync([arn], cancellationToken)))).SelectMany(tags => tags)];
    }

    private async Task<List<EksFound>> SecurityGroupsAsync(CancellationToken cancellationToken) =>
        Of(SecurityGroup, await AwsPages.AllAsync(
            token => access.Ec2.DescribeSecurityGroupsAsync(new Ec2.DescribeSecurityGroupsRequest { NextToken = token, Filters = [OurKeys()] }, cancellationToken),
            page => (page.SecurityGroups, page.NextToken)), group => (group.GroupId, group.Tags));

    /// <summary>The interfaces of a cluster's pods that a machine still has.</summary>
    public async Task<int> BusyInterfacesAsync(string cluster, CancellationToken cancellationToken) =>
        (await InterfacesAsync("in-use", [OfPluginsMachine], cancellationToken)).Count(item => item.Item.Cluster == cluster);

    private Task<List<EksFound>> InterfacesAsync(CancellationToken cancellationToken) => InterfacesAsync("available", [.. OurKeys().Values, OfPluginsMachine], cancellationToken);

    private async Task<List<EksFound>> InterfacesAsync(string status, List<string> keys, CancellationToken cancellationToken)
    {
        var faces = await AwsPages.AllAsync(
            token => access.Ec2.DescribeNetworkInterfacesAsync(
                new Ec2.DescribeNetworkInterfacesRequest { NextToken = token, Filters = [new("tag-key", keys), new("status", [status])] }, cancellationToken),
            page => (page.NetworkInterfaces, page.NextToken));
        var found = Of(Interface, faces, item => (item.NetworkInterfaceId, item.TagSet));
        // The network plugin does not always know which cluster it is in: then the security group says it.
        var named = found.Select(item => item.Item.Id).ToHashSet(StringComparer.Ordinal);
        if (faces.Where(face => !named.Contains(face.NetworkInterfaceId)).ToList() is { Count: > 0 } nameless)
        {
            var groups = (await SecurityGroupsAsync(cancellationToken)).ToDictionary(group => group.Item.Id, StringComparer.Ordinal);
            found.AddRange(
                from face in nameless
                let its = (face.Groups ?? []).Select(item => groups.GetValueOrDefault(item.GroupId)).FirstOrDefault(item => item is not null)
                where its is not null
                select its! with { Item = its!.Item with { Kind = Interface, Id = face.NetworkInterfaceId } });
        }

        return found;
    }

    private async Task<List<EksFound>> VolumesAsync(CancellationToken cancellationToken) =>
    [
        .. Of(Volume, await AwsPages.AllAsync(
            token => access.Ec2.DescribeVolumesAsync(new Ec2.DescribeVolumesRequest { NextToken = token, Filters = [OurKeys(), new("status", ["available"])] }, cancellationToken),
            page => (page.Volumes, page.NextToken)), item => (item.VolumeId, item.Tags)).Select(found => found with { Item = found.Item with { Reason = "it may hold data; delete it by hand" } }),
    ];

    private async Task<List<EksFound>> LaunchTemplatesAsync(CancellationToken cancellationToken) =>
        Of(LaunchTemplate, await AwsPages.AllAsync(
            token => access.Ec2.DescribeLaunchTemplatesAsync(new Ec2.DescribeLaunchTemplatesRequest { NextToken = token, Filters = [new("tag-key", [EksTags.Cluster])] }, cancellationToken),
            page => (page.LaunchTemplates, page.NextToken)), item => (item.LaunchTemplateName, item.Tags));

    private async Task<List<EksFound>> RolesAsync(CancellationToken cancellationToken)
    {
        var roles = await AwsPages.AllAsync(
            marker => access.Iam.ListRolesAsync(new() { Marker = marker }, cancellationToken), page => (page.Roles, page.IsTruncated == true ? page.Marker : null));
        List<EksFound> found = [];
        // A list of roles has no tags: only those are asked for theirs whose name is one of ours here.
        foreach (var role in roles.Where(role => role.RoleName.EndsWith($"-{access.Identity.Region}", StringComparison.Ordinal)
            || EksRole.All.Any(part => role.RoleName.Contains($"-{part.Part}-", StringComparison.Ordinal))))
        {
            var tags = (await EksFinder.OrNullAsync(access.Iam.ListRoleTagsAsync(new(role.RoleName), cancellationToken)))?.Tags ?? [];
            if (tags.Any(tag => tag.Key == EksTags.ManagedBy && tag.Value == EksTags.Us) && tags.FirstOrDefault(tag => tag.Key == EksTags.Cluster)?.Value is { } cluster
                && EksRole.All.Any(part => role.RoleName == EksTags.Role(cluster, access.Identity.Region, part.Part))
                && Read(Role, role.RoleName, tags.Select(tag => (tag.Key, tag.Value))) is { } one)
                found.Add(one with { Item = one.Item with { MadeAt = role.CreateDate } });
        }

        return found.Count == 0 ? found : [.. found, .. await ProfilesAsync(found.ToDictionary(role => role.Item.Id, role => role.Item), cancellationToken)];
    }

    // EKS makes those of machines, without a tag: whose they are, the role says that they hold.
    private async Task<IEnumerable<EksFound>> ProfilesAsync(Dictionary<string, ClusterLeftover> roles, CancellationToken cancellationToken) =>
        from profile in await AwsPages.AllAsync(
            marker => access.Iam.ListInstanceProfilesAsync(new() { Marker = marker }, cancellationToken), page => (page.InstanceProfiles, page.IsTruncated == true ? page.Marker : null))
        let role = (profile.Roles ?? []).Select(role => roles.GetValueOrDefault(role.RoleName)).FirstOrDefault(role => role is not null)
        where role is not null
        select new EksFound(role! with { Kind = InstanceProfile, Id = profile.InstanceProfileName, MadeAt = profile.CreateDate }, true);

    private async Task<List<EksFound>> IdentityProvidersAsync(CancellationToken cancellationToken)
    {
        List<EksFound> found = [];
        var ours = $"oidc.eks.{access.Identity.Region}.";
        foreach (var provider in ((await access.Iam.ListOpenIDConnectProvidersAsync(cancellationToken)).OpenIDConnectProviderList ?? []).Where(item => item.Arn.Contains(ours, StringComparison.Ordinal)))
            if ((await EksFinder.OrNullAsync(access.Iam.GetOpenIDConnectProviderAsync(new(provider.Arn), cancellationToken)))?.Tags is { } tags
                && Read(IdentityProvider, provider.Arn, tags.Select(tag => (tag.Key, tag.Value))) is { } one)
                found.Add(one);
        return found;
    }

    private async Task<List<EksFound>> LogGroupsAsync(CancellationToken cancellationToken) =>
    [
        .. (await AwsPages.AllAsync(
            token => access.Logs.DescribeLogGroupsAsync(new() { LogGroupNamePrefix = LogFolder, NextToken = token }, cancellationToken), page => (page.LogGroups, page.NextToken)))
            .Where(group => group.LogGroupName.EndsWith("/cluster", StringComparison.Ordinal))
            .Select(group => new EksFound(new ClusterLeftover(LogGroup, group.LogGroupName, group.LogGroupName[LogFolder.Length..^"/cluster".Length]), false)),
    ];

    private static Ec2.Filter OurKeys() => new("tag-key", [EksTags.Cluster, OfNetworkPlugin, OfBalancerController, OfEks, $"{OfKubernetes}*"]);

    private static List<EksFound> Of<T>(string kind, IEnumerable<T> items, Func<T, (string Id, List<Ec2.Tag>? Tags)> read) =>
        [.. items.Select(read).Select(item => Read(kind, item.Id, (item.Tags ?? []).Select(tag => (tag.Key, tag.Value)))).OfType<EksFound>()];

    /// <summary>Of which cluster a thing is, by its tags; null for what is shared, or of none.</summary>
    private static EksFound? Read(string kind, string id, IEnumerable<(string Key, string Value)> written)
    {
        var tags = written.ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
        if (tags.TryGetValue(EksTags.Cluster, out var ours) && EksTags.OwnerOf(tags) is { } owner)
            return new EksFound(new ClusterLeftover(kind, id, ours) { Owner = owner }, true);
        var name = tags.GetValueOrDefault(OfBalancerController) ?? tags.GetValueOrDefault(OfNetworkPlugin) ?? tags.GetValueOrDefault(OfEks)
            ?? tags.Where(tag => tag.Value == "owned" && tag.Key.StartsWith(OfKubernetes, StringComparison.Ordinal)).Select(tag => tag.Key[OfKubernetes.Length..]).Min(StringComparer.Ordinal);
        return name is null ? null : new EksFound(new ClusterLeftover(kind, id, name), false);
    }
}

/// <param name="Item">What was found.</param>
/// <param name="IsOurs">Whether it carries our tags.</param>
internal sealed record EksFound(ClusterLeftover Item, bool IsOurs);
