using Amazon.EC2;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.Iam;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Finds what belongs to a cluster: by its name or by its tags, anew each time, so that nothing must be remembered.</summary>
internal sealed class EksFinder(AwsAccess access, string name, ClusterOwner owner)
{
    public AwsAccess Access => access;

    public string Name => name;

    public ClusterOwner Owner => owner;

    /// <summary>What a request finds; null where AWS says that there is no such thing.</summary>
    public static async Task<T?> OrNullAsync<T>(Task<T> request)
        where T : class
    {
        try
        {
            return await request;
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return null;
        }
    }

    public async Task<Cluster?> ClusterAsync(CancellationToken cancellationToken) =>
        (await OrNullAsync(access.Eks.DescribeClusterAsync(new(name), cancellationToken)))?.Cluster;

    public async Task<Nodegroup?> NodegroupAsync(string group, CancellationToken cancellationToken) =>
        (await OrNullAsync(access.Eks.DescribeNodegroupAsync(new(name, group), cancellationToken)))?.Nodegroup;

    public async Task<Aws.Eks.FargateProfile?> FargateAsync(string profile, CancellationToken cancellationToken) =>
        (await OrNullAsync(access.Eks.DescribeFargateProfileAsync(new(name, profile), cancellationToken)))?.FargateProfile;

    public async Task<Addon?> AddonAsync(string addon, CancellationToken cancellationToken) =>
        (await OrNullAsync(access.Eks.DescribeAddonAsync(new(name, addon), cancellationToken)))?.Addon;

    /// <summary>Who may do everything in the cluster. An entry without the policy is half made, and not among them.</summary>
    public async Task<IReadOnlyList<string>> AdministratorsAsync(CancellationToken cancellationToken) => await AwsPages.AllAsync(
        token => access.Eks.ListAccessEntriesAsync(new(name) { NextToken = token, AssociatedPolicyArn = EksObserver.AdministratorPolicy(access.Identity.Partition) }, cancellationToken),
        page => (page.AccessEntries, page.NextToken));

    /// <summary>A role of the cluster.</summary>
    public async Task<Role?> RoleAsync(EksRole role, CancellationToken cancellationToken) =>
        (await OrNullAsync(access.Iam.GetRoleAsync(new(RoleName(role)), cancellationToken)))?.Role;

    /// <summary>Whether a role is this cluster's: somebody else's of the same name does not have our tags.</summary>
    public bool IsOurs(Role role) => IsOurs(role.Tags?.ToDictionary(tag => tag.Key, tag => tag.Value));

    /// <summary>Whether tags are those of what belongs to this cluster.</summary>
    public bool IsOurs(IReadOnlyDictionary<string, string>? tags) => EksTags.OwnerOf(tags) == Owner && tags!.GetValueOrDefault(EksTags.Cluster) == name;

    /// <summary>The ARNs of the policies that a role has.</summary>
    public async Task<IReadOnlySet<string>> PoliciesAsync(EksRole role, CancellationToken cancellationToken) =>
        ((await OrNullAsync(access.Iam.ListAttachedRolePoliciesAsync(new(RoleName(role)), cancellationToken)))?.AttachedPolicies ?? []).Select(policy => policy.PolicyArn).ToHashSet(StringComparer.Ordinal);

    public string RoleName(EksRole role) => EksTags.Role(name, access.Identity.Region, role.Part);

    /// <summary>Whether a role has all that it needs.</summary>
    public async Task<bool> IsCompleteAsync(EksRole role, CancellationToken cancellationToken)
    {
        var attached = await PoliciesAsync(role, cancellationToken);
        if (!role.Policies.All(policy => attached.Contains(PolicyArn(policy))))
            return false;
        return role.Own is not { } own
            || (await OrNullAsync(access.Iam.GetRolePolicyAsync(new(RoleName(role), own.Name), cancellationToken)) is { } found && own.IsSame(found.PolicyDocument, access.Identity, name));
    }

    public string PolicyArn(string policy) => $"arn:{access.Identity.Partition}:iam::aws:policy/{policy}";

    /// <summary>The cluster's identity provider by the address of its issuer.</summary>
    public string IdentityProviderArn(string issuer) =>
        $"arn:{access.Identity.Partition}:iam::{access.Identity.Account}:oidc-provider/{issuer.Replace("https://", "", StringComparison.Ordinal)}";

    /// <summary>The identity provider of its issuer; of a cluster that is gone, the one of this region that carries its tags.</summary>
    public async Task<string?> IdentityProviderAsync(string? issuer, CancellationToken cancellationToken)
    {
        var arns = ((await access.Iam.ListOpenIDConnectProvidersAsync(cancellationToken)).OpenIDConnectProviderList ?? []).Select(item => item.Arn).ToList();
        if (issuer is not null)
            return arns.Find(arn => arn == IdentityProviderArn(issuer));
        // IAM has no regions, and clusters of one name may stand in several.
        foreach (var arn in arns.Where(arn => arn.Contains($"oidc.eks.{access.Identity.Region}.", StringComparison.Ordinal)))
            if ((await OrNullAsync(access.Iam.GetOpenIDConnectProviderAsync(new(arn), cancellationToken)))?.Tags?.ToDictionary(tag => tag.Key, tag => tag.Value) is { } tags
                && tags.GetValueOrDefault(EksTags.Cluster) == name && EksTags.OwnerOf(tags) == owner)
                return arn;
        return null;
    }

    /// <summary>The network of the owner, a shared one, or the one that is named.</summary>
    public async Task<EksNetwork> NetworkAsync(string? named, CancellationToken cancellationToken)
    {
        var vpcs = await VpcsAsync(named, cancellationToken);
        // Who has a network of their own stays in it, even where a shared one has come since, and whether it is named or found.
        var own = await KeptFirstAsync([.. vpcs.Where(IsOwn).Select(vpc => vpc.VpcId)], cancellationToken);
        if (own.FirstOrDefault() is not { } kept)
            return vpcs.Select(vpc => vpc.VpcId).Order(StringComparer.Ordinal).ToList() is [var shared, .. var rivals]
                ? await SharedAsync(shared, cancellationToken) with { Rivals = rivals }
                : new EksNetwork();
        var subnets = (await SubnetsAsync(kept, cancellationToken)).Where(subnet => Value(subnet.Tags, EksTags.Part) is not null).ToList();
        return await PartsAsync(new EksNetwork { VpcId = kept, Subnets = Own(subnets) }, own, subnets, cancellationToken);
    }

    /// <summary>The owner's VPC, whatever else there is: the one to keep, then those that are too many.</summary>
    public async Task<IReadOnlyList<string>> OwnVpcsAsync(CancellationToken cancellationToken) =>
        await KeptFirstAsync(await AllOwnVpcsAsync(cancellationToken), cancellationToken);

    /// <summary>All VPCs that are the owner's, also where more than one is in use.</summary>
    public async Task<List<string>> AllOwnVpcsAsync(CancellationToken cancellationToken) =>
        ((await access.Ec2.DescribeVpcsAsync(new Ec2.DescribeVpcsRequest { Filters = Filters(EksNetworkPlan.Vpc) }, cancellationToken)).Vpcs ?? []).ConvertAll(vpc => vpc.VpcId);

    /// <summary>Whether a VPC gives names to what is in it, which EKS and private endpoints need: the attributes that are still to be set.</summary>
    public async Task<IReadOnlyList<VpcAttributeName>> MissingAttributesAsync(string vpc, CancellationToken cancellationToken)
    {
        var support = access.Ec2.DescribeVpcAttributeAsync(new Ec2.DescribeVpcAttributeRequest { VpcId = vpc, Attribute = VpcAttributeName.EnableDnsSupport }, cancellationToken);
        var names = access.Ec2.DescribeVpcAttributeAsync(new Ec2.DescribeVpcAttributeRequest { VpcId = vpc, Attribute = VpcAttributeName.EnableDnsHostnames }, cancellationToken);
        return
        [
            .. (await support).EnableDnsSupport == true ? [] : (VpcAttributeName[])[VpcAttributeName.EnableDnsSupport],
            .. (await names).EnableDnsHostnames == true ? [] : (VpcAttributeName[])[VpcAttributeName.EnableDnsHostnames],
        ];
    }

    /// <summary>Filters for a part of the owner's network; null for all of its parts, and for whichever VPC they are in.</summary>
    public List<Ec2.Filter> Filters(string? part, string? vpc = null) =>
    [
        new($"tag:{EksTags.ManagedBy}", [EksTags.Us]), new($"tag:{EksTags.App}", [owner.App]), new($"tag:{EksTags.Environment}", [owner.Environment]),
        part is null ? new("tag-key", [EksTags.Part]) : new($"tag:{EksTags.Part}", [part]), .. vpc is null ? [] : (List<Ec2.Filter>)[new("vpc-id", [vpc])],
    ];

    /// <summary>The gateways that lead out, or will. The oldest is the one to keep.</summary>
    public static List<Ec2.NatGateway> Live(IEnumerable<Ec2.NatGateway> gateways) => [.. gateways
        .Where(item => item.State == NatGatewayState.Pending || item.State == NatGatewayState.Available).OrderBy(item => item.CreateTime).ThenBy(item => item.NatGatewayId, StringComparer.Ordinal)];

    public static string? Value(List<Ec2.Tag>? tags, string key) => tags?.Find(tag => tag.Key == key)?.Value;

    private bool IsOwn(Ec2.Vpc vpc) => Value(vpc.Tags, EksTags.Part) == EksNetworkPlan.Vpc && Value(vpc.Tags, EksTags.ManagedBy) == EksTags.Us
        && Value(vpc.Tags, EksTags.App) == owner.App && Value(vpc.Tags, EksTags.Environment) == owner.Environment;

    private async Task<EksNetwork> SharedAsync(string vpc, CancellationToken cancellationToken)
    {
        var tables = access.Ec2.DescribeRouteTablesAsync(new Ec2.DescribeRouteTablesRequest { Filters = [new("vpc-id", [vpc])] }, cancellationToken);
        var fitting = await EksAvailability.ZonesAsync(access.Ec2, cancellationToken);
        var found = await SubnetsAsync(vpc, cancellationToken);
        var routes = (await tables).RouteTables ?? [];
        var subnets = InOrder(found).Select(subnet => EksSubnet.Of(subnet, routes)).ToLookup(subnet => fitting.Contains(subnet.Zone));
        return new EksNetwork { VpcId = vpc, IsShared = true, Subnets = [.. subnets[true]], Unfit = [.. subnets[false]] };
    }

    private async Task<IReadOnlyList<string>> KeptFirstAsync(List<string> vpcs, CancellationToken cancellationToken)
    {
        if (vpcs.Count < 2)
            return vpcs;
        var subnets = access.Ec2.DescribeSubnetsAsync(new Ec2.DescribeSubnetsRequest { Filters = [new("vpc-id", vpcs)] }, cancellationToken);
        var gateways = access.Ec2.DescribeInternetGatewaysAsync(new Ec2.DescribeInternetGatewaysRequest { Filters = [new("attachment.vpc-id", vpcs)] }, cancellationToken);
        var used = ((await subnets).Subnets ?? []).Select(subnet => subnet.VpcId)
            .Concat(((await gateways).InternetGateways ?? []).SelectMany(gateway => gateway.Attachments ?? []).Select(attachment => attachment.VpcId)).ToHashSet(StringComparer.Ordinal);
        return EksNetwork.KeptFirst(vpcs, vpc => vpc, used.Contains);
    }

    private async Task<List<Ec2.Vpc>> VpcsAsync(string? named, CancellationToken cancellationToken)
    {
        if (named is not null)
            return (await access.Ec2.DescribeVpcsAsync(new Ec2.DescribeVpcsRequest { VpcIds = [named] }, cancellationToken)).Vpcs ?? [];
        var shared = access.Ec2.DescribeVpcsAsync(new Ec2.DescribeVpcsRequest { Filters = [new($"tag:{EksTags.Network}", ["shared"])] }, cancellationToken);
        var own = access.Ec2.DescribeVpcsAsync(new Ec2.DescribeVpcsRequest { Filters = Filters(EksNetworkPlan.Vpc) }, cancellationToken);
        return [.. (await own).Vpcs ?? [], .. (await shared).Vpcs ?? []];
    }

    private async Task<List<Ec2.Subnet>> SubnetsAsync(string vpc, CancellationToken cancellationToken) =>
        (await access.Ec2.DescribeSubnetsAsync(new Ec2.DescribeSubnetsRequest { Filters = [new("vpc-id", [vpc])] }, cancellationToken)).Subnets ?? [];

    private static IEnumerable<Ec2.Subnet> InOrder(IEnumerable<Ec2.Subnet> subnets) => subnets.OrderBy(subnet => subnet.SubnetId, StringComparer.Ordinal);

    private static List<EksSubnet> Own(IEnumerable<Ec2.Subnet> subnets) => [.. InOrder(subnets).Select(subnet => new EksSubnet(
        subnet.SubnetId, subnet.AvailabilityZone, Value(subnet.Tags, EksTags.Part)!.StartsWith("network/subnet/public/", StringComparison.Ordinal)))];

    /// <summary>What of the network is done: there, and joined to the rest.</summary>
    private async Task<EksNetwork> PartsAsync(EksNetwork network, IReadOnlyList<string> vpcs, List<Ec2.Subnet> subnets, CancellationToken cancellationToken)
    {
        var (vpc, parts) = (network.VpcId!, new Dictionary<string, string>(StringComparer.Ordinal));
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [EksNetworkPlan.Vpc] = vpcs };
        // It may be a double that another run deletes just now.
        var missing = OrNullAsync(MissingAttributesAsync(vpc, cancellationToken));
        var gateways = access.Ec2.DescribeInternetGatewaysAsync(new Ec2.DescribeInternetGatewaysRequest { Filters = Filters(EksNetworkPlan.InternetGateway) }, cancellationToken);
        var ways = access.Ec2.DescribeNatGatewaysAsync(new Ec2.DescribeNatGatewaysRequest { Filter = Filters(EksNetworkPlan.NatGateway, vpc) }, cancellationToken);
        var addresses = access.Ec2.DescribeAddressesAsync(new Ec2.DescribeAddressesRequest { Filters = Filters(EksNetworkPlan.NatGateway) }, cancellationToken);
        var tables = access.Ec2.DescribeRouteTablesAsync(new Ec2.DescribeRouteTablesRequest { Filters = Filters(null, vpc) }, cancellationToken);
        if (await missing is { Count: 0 })
            parts[EksNetworkPlan.Vpc] = vpc;
        foreach (var subnet in subnets)
            parts[Value(subnet.Tags, EksTags.Part)!] = subnet.SubnetId;
        var own = (await gateways).InternetGateways ?? [];
        found[EksNetworkPlan.InternetGateway] = EksNetwork.KeptFirst(own, gateway => gateway.InternetGatewayId, gateway => gateway.Attachments is [_, ..]);
        if (own.Find(item => item.Attachments?.Any(attachment => attachment.VpcId == vpc) == true) is { } gateway)
            parts[EksNetworkPlan.InternetGateway] = gateway.InternetGatewayId;
        var live = Live((await ways).NatGateways ?? []);
        found[EksNetworkPlan.NatGateway] = live.ConvertAll(item => item.NatGatewayId);
        found[EksNetworkPlan.Address] = [.. ((await addresses).Addresses ?? []).Where(item => item.AssociationId is null).Select(item => item.AllocationId)];
        if (live is [var way, ..] && way.State == NatGatewayState.Available)
            parts[EksNetworkPlan.NatGateway] = way.NatGatewayId;
        foreach (var part in (string[])[EksNetworkPlan.PublicRoutes, EksNetworkPlan.PrivateRoutes])
        {
            var some = ((await tables).RouteTables ?? []).FindAll(table => Value(table.Tags, EksTags.Part) == part);
            found[part] = EksNetwork.KeptFirst(some, table => table.RouteTableId, table => table.Associations is [_, ..]);
            var wanted = network.Subnets.Where(subnet => subnet.IsPublic == (part == EksNetworkPlan.PublicRoutes)).Select(subnet => subnet.Id);
            if (some.Find(table => table.RouteTableId == found[part][0]) is { } table
                && table.Routes?.Any(route => route.DestinationCidrBlock == "0.0.0.0/0" && (route.State is null || route.State == RouteState.Active)) == true
                && wanted.All(id => table.Associations?.Any(association => association.SubnetId == id) == true))
                parts[part] = table.RouteTableId;
        }

        return network with { Parts = parts, Found = found };
    }
}
