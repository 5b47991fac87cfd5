using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What AWS has of a cluster, and of what it needs. Read at one time, and looked at by the planner alone.</summary>
internal sealed record EksObserved(AwsIdentity Identity)
{
    /// <summary>Who asks, as IAM knows it: the role of a session.</summary>
    public string Caller { get; init; } = Identity.Arn;

    public EksNetwork Network { get; init; } = new();

    public Cluster? Cluster { get; init; }

    public IReadOnlyList<Nodegroup> Nodegroups { get; init; } = [];

    public IReadOnlyList<Aws.Eks.FargateProfile> Fargate { get; init; } = [];

    public IReadOnlyList<Addon> Addons { get; init; } = [];

    /// <summary>Principals that may enter the cluster.</summary>
    public IReadOnlyList<string> AccessEntries { get; init; } = [];

    /// <summary>Those of them that this tool let in because a specification named them, and the wanted one does not.</summary>
    public IReadOnlyList<string> FormerAdministrators { get; init; } = [];

    public IReadOnlyList<PodIdentityAssociation> PodIdentities { get; init; } = [];

    /// <summary>The parts of the cluster's roles that there are; for a cluster that shall be there those alone that have all their policies.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The parts whose roles there are by their names, but by their tags not as this cluster's.</summary>
    public IReadOnlyList<string> ForeignRoles { get; init; } = [];

    public IReadOnlyList<string> LaunchTemplates { get; init; } = [];

    public bool HasIdentityProvider { get; init; }

    /// <summary>What is there of a cluster, or was left by one, besides the above: security groups, a log group.</summary>
    public IReadOnlyList<ClusterLeftover> Remains { get; init; } = [];

    /// <summary>The other clusters of the region, whoever owns them; of a removal, where it matters whether there are any.</summary>
    public IReadOnlyList<EksNeighbor> Neighbors { get; init; } = [];

    /// <summary>The shares of load of the owner's clusters, in percent.</summary>
    public IReadOnlyDictionary<string, int> Shares { get; init; } = new Dictionary<string, int>();

    public EksOffer Offer { get; init; } = new();
}

/// <summary>Another cluster in the region.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Whose it is; null: none of ours.</param>
/// <param name="VpcId">Where it stands; null: nobody knows.</param>
internal sealed record EksNeighbor(string Name, ClusterOwner? Owner, string? VpcId)
{
    public static EksNeighbor Of(Cluster cluster) => new(cluster.Name, EksTags.OwnerOf(cluster.Tags), cluster.ResourcesVpcConfig?.VpcId);

    /// <summary>For people: <c>cart-prod-1 (of cart, prod)</c>.</summary>
    public string Told => Owner is { } its ? $"{Name} (of {its.App}, {its.Environment})" : Name;

    public bool MayStandIn(string vpc) => VpcId is null || VpcId == vpc;
}

/// <summary>What AWS has to give, in the region and to the account.</summary>
internal sealed record EksOffer
{
    public IReadOnlyList<ClusterVersionInformation> Versions { get; init; } = [];

    /// <summary>The versions of each add-on for the wanted version of Kubernetes.</summary>
    public IReadOnlyDictionary<string, EksAddonOffer> Addons { get; init; } = new Dictionary<string, EksAddonOffer>();

    /// <summary>The zones in which a cluster can be.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>The processors of a machine by its type.</summary>
    public IReadOnlyDictionary<string, int> Processors { get; init; } = new Dictionary<string, int>();

    public IReadOnlyList<EksQuota> Quotas { get; init; } = [];

    /// <summary>What EKS finds in the way of the next version.</summary>
    public IReadOnlyList<InsightSummary> Obstacles { get; init; } = [];
}

internal enum EksQuotaKind
{
    Clusters,
    Processors,
    SpotProcessors,
    Vpcs,
    Addresses,
    NatGateways,
    InternetGateways,
    ApplicationBalancers,
    NetworkBalancers,
}

/// <param name="Kind">What it limits.</param>
/// <param name="Code">What Service Quotas calls it: <c>L-1216C47A</c>.</param>
/// <param name="Limit">How much there may be.</param>
/// <param name="Used">How much there is.</param>
internal sealed record EksQuota(EksQuotaKind Kind, string Code, double Limit, double Used);

/// <summary>The network that a cluster is in, or will be.</summary>
internal sealed record EksNetwork
{
    /// <summary>The VPC, if there is one yet.</summary>
    public string? VpcId { get; init; }

    /// <summary>Whether it is not the owner's own: then nothing in it is changed.</summary>
    public bool IsShared { get; init; }

    public IReadOnlyList<EksSubnet> Subnets { get; init; } = [];

    /// <summary>What there is of the owner's own network, by its part.</summary>
    public IReadOnlyDictionary<string, string> Parts { get; init; } = new Dictionary<string, string>();

    /// <summary>What there is of it by its part, done or not: the one that is kept, and then those that are too many.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Found { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Other shared networks, where none is named and there is no cluster yet: which one is meant, nobody can say.</summary>
    public IReadOnlyList<string> Rivals { get; init; } = [];

    /// <summary>Subnets of a shared network in zones in which EKS cannot be.</summary>
    public IReadOnlyList<EksSubnet> Unfit { get; init; } = [];

    /// <summary>What there is more than once of a part that is done: a run beside another, or one that was cut, made it. Nothing is in it.</summary>
    public IReadOnlyList<string> Doubles(string part) => !Parts.ContainsKey(part) ? [] :
        [.. Found.GetValueOrDefault(part, []).Skip(1), .. part == EksNetworkPlan.NatGateway ? Found.GetValueOrDefault(EksNetworkPlan.Address, []) : []];

    /// <summary>Of several that should be one: the one that all runs keep, and then those that are too many, for nothing is in them.</summary>
    public static IReadOnlyList<string> KeptFirst<T>(IEnumerable<T> items, Func<T, string> id, Func<T, bool> isUsed)
    {
        var all = items.OrderByDescending(isUsed).ThenBy(id, StringComparer.Ordinal).ToList();
        return [.. all.Where((item, index) => index == 0 || !isUsed(item)).Select(id)];
    }

    /// <summary>Whether whoever keeps the network says which subnets are for nodes.</summary>
    public bool IsMarked => Subnets.Concat(Unfit).Any(subnet => subnet.IsMarked);

    /// <summary>Where nodes, pods without nodes and the interfaces of the control plane are: in those that are marked for it, else in those that lead out, and not straight to the internet.</summary>
    public IReadOnlyList<EksSubnet> NodeSubnets => [.. Subnets.Where(subnet => IsMarked ? subnet.IsMarked : subnet is { IsPublic: false, HasWayOut: true })];
}
