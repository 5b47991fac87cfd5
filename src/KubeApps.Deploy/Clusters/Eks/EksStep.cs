using KubeApps.Deploy.Aws.Eks;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>A step on EKS, with what is done in it.</summary>
internal sealed record EksStep(string Id, string Title, ClusterAction Action, IReadOnlyList<string> After, EksWork Work) : ClusterStep(Id, Title, Action, After)
{
    /// <summary>Names a step and says how long such a thing takes, and may take.</summary>
    public static EksStep Of(string id, string title, ClusterAction action, EksWork work, TimeSpan expected, TimeSpan timeout, params IReadOnlyList<string> after) =>
        new(id, title, action, after, work) { Expected = expected, Timeout = timeout };
}

/// <summary>What is done in a step. It finds by tags and names what it needs of others. The hierarchy is closed.</summary>
internal abstract record EksWork
{
    private EksWork()
    {
    }

    // The owner's network, where no shared one is taken.
    internal sealed record EnsureVpc : EksWork;

    internal sealed record EnsureInternetGateway : EksWork;

    internal sealed record EnsureSubnet(string Zone, bool IsPublic, string Range) : EksWork;

    internal sealed record EnsureNatGateway(string Zone) : EksWork;

    internal sealed record EnsureRoutes(bool IsPublic) : EksWork;

    internal sealed record EnsureRole(EksRole Role) : EksWork;

    /// <param name="Version">The version of Kubernetes that it is made with.</param>
    /// <param name="Maker">Who makes it, and is to be let in; null where that is settled.</param>
    internal sealed record EnsureControlPlane(string Version, string? Maker = null) : EksWork;

    internal sealed record ConfigureEndpoint(EksEndpoint Endpoint) : EksWork;

    /// <summary>A key of one's own for the secrets of a cluster that has none yet.</summary>
    internal sealed record EncryptSecrets(string Key) : EksWork;

    /// <summary>One minor version up.</summary>
    internal sealed record UpgradeControlPlane(string Version) : EksWork;

    /// <param name="Principal">Who may do everything in the cluster.</param>
    /// <param name="IsMaker">Whether it is who makes the cluster, whom no specification names.</param>
    internal sealed record EnsureAdministrator(string Principal, bool IsMaker) : EksWork;

    internal sealed record DeleteAdministrator(string Principal) : EksWork;

    internal sealed record EnsureAddon(string Name, EksAddonOffer Offer) : EksWork;

    /// <summary>What runs in the cluster and acts on the account.</summary>
    internal sealed record EnsureController(EksController Controller, string Version) : EksWork;

    internal sealed record EnsureLaunchTemplate(EksNodegroup Group) : EksWork;

    internal sealed record EnsureNodegroup(EksNodegroup Group) : EksWork;

    /// <summary>Other bounds, labels or taints, without other machines.</summary>
    internal sealed record ConfigureNodegroup(EksNodegroup Group) : EksWork;

    /// <summary>Machines of another version in place of those there are, a few at a time.</summary>
    internal sealed record UpgradeNodegroup(string Name, string Version) : EksWork;

    internal sealed record EnsureFargate(FargateSpecification Profile) : EksWork;

    internal sealed record EnsureIdentityProvider : EksWork;

    internal sealed record EnsurePodIdentity(CloudRoleSpecification Role) : EksWork;

    /// <summary>The services and ingresses that have balancers of AWS, and those balancers.</summary>
    internal sealed record DeleteLoadBalancers : EksWork;

    /// <summary>No name leads to the cluster any more.</summary>
    internal sealed record LeaveLoad : EksWork;

    internal sealed record DeleteFargate(string Name) : EksWork;

    /// <summary>Its pods run elsewhere.</summary>
    internal sealed record DrainNodegroup(string Name) : EksWork;

    internal sealed record DeleteNodegroup(string Name) : EksWork;

    internal sealed record DeleteLaunchTemplate(string Name) : EksWork;

    internal sealed record DeletePodIdentity(string AssociationId) : EksWork;

    internal sealed record DeleteIdentityProvider : EksWork;

    internal sealed record DeleteControlPlane : EksWork;

    internal sealed record DeleteRole(EksRole Role) : EksWork;

    /// <summary>What nodes leave behind: interfaces that are attached to nothing.</summary>
    internal sealed record DeleteInterfaces : EksWork;

    /// <summary>What a cluster leaves behind, as an audit finds it, less what holds data.</summary>
    internal sealed record DeleteRemains : EksWork;

    internal sealed record DeleteNatGateway : EksWork;

    internal sealed record DeleteVpc : EksWork;
}

/// <summary>A group of nodes of EKS: a pool in one shape. What cannot be changed in place is in its name: another shape is another group.</summary>
internal sealed record EksNodegroup(NodePoolSpecification Pool)
{
    // In GiB. Images and the logs of pods lie there.
    public const int Disk = 50;

    // What a launch template says, besides what is named here; counts on when that changes.
    private const int Shape = 1;

    public string Name => Pool.Group ?? $"{Prefix(Pool.Name)}{EksTags.Hash(string.Join('|', [.. Pool.InstanceTypes, CapacityType, AmiType, $"{Disk}", $"{Shape}"]))}";

    public string CapacityType => Pool.IsSpot ? CapacityTypes.Spot : CapacityTypes.OnDemand;

    public string AmiType => Pool.Architecture == "arm64" ? AMITypes.Arm64 : AMITypes.Amd64;

    /// <summary>Whether a group is one of a pool, in whatever shape.</summary>
    public static bool IsOf(string pool, string group) => group.Length == Prefix(pool).Length + 8 && group.StartsWith(Prefix(pool), StringComparison.Ordinal);

    private static string Prefix(string pool) => pool.Length <= 54 ? $"{pool}-" : $"{pool[..45]}-{EksTags.Hash(pool)}-";
}
