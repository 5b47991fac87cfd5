using KubeApps.Deploy.Aws.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>From what is wanted and what is there to the steps between. Pure: the same two give the same plan.</summary>
internal static class EksPlanner
{
    public const string ControlPlane = "control-plane";
    private static readonly TimeSpan ControlPlaneExpected = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan EncryptionExpected = TimeSpan.FromMinutes(15);

    // What nodes need before they count as ready, and what needs nodes; Fargate brings the first with it, and takes no disks.
    private static readonly IReadOnlyList<string> Below = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"];
    private static readonly IReadOnlyList<string> Above = ["coredns", "metrics-server"];
    private const string Disks = "aws-ebs-csi-driver";

    private static readonly IReadOnlyList<string> Irrelevant = [DiagnosticDescriptors.ClusterPriceUnknown.Code, DiagnosticDescriptors.ClusterQuotaTight.Code];

    public static IReadOnlyList<string> Addons => [.. Below, .. Above, Disks];

    public static ClusterPlan Plan(ClusterChange change, EksObserved observed, EksPrices prices) => change switch
    {
        ClusterChange.Ensure ensure => Ensure(ensure, observed, prices),
        ClusterChange.Upgrade upgrade => Upgrade(upgrade, observed, prices),
        ClusterChange.Remove remove => new ClusterPlan(remove, EksRemoval.Steps(remove, observed)) { Findings = [.. Foreign(remove, observed), .. EksRemoval.Findings(remove, observed)] },
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    // Of the steps of a specification that says another version those that lead there; what is missing is not made. So what machines cost, and whether there may be more of them, is not asked.
    private static ClusterPlan Upgrade(ClusterChange.Upgrade change, EksObserved observed, EksPrices prices)
    {
        if (observed.Cluster is null)
            return new ClusterPlan(change, []) { Findings = [DiagnosticDescriptors.ClusterNotFound.Because($"The cluster {change.Name} is gone from {observed.Identity}.")] };
        var whole = new ClusterChange.Ensure(change.Name, change.Owner, EksStanding.Of(observed) with { Version = change.Version });
        if (observed.Cluster.Version is { } current && EksVersion.IsOlder(change.Version, current))
            return new ClusterPlan(whole, []) { Findings = [.. Foreign(change, observed)] };
        var plan = Ensure(whole, observed, prices);
        return plan with { Steps = ClusterSteps.WithoutMissing([.. plan.Steps.Cast<EksStep>().Where(IsOfUpgrade)]), Cost = null, Findings = [.. plan.Findings.Where(finding => !Irrelevant.Contains(finding.Code))] };
    }

    private static bool IsOfUpgrade(EksStep step) => step.Work switch
    {
        EksWork.UpgradeControlPlane or EksWork.UpgradeNodegroup => true,
        EksWork.EnsureControlPlane or EksWork.EnsureAddon or EksWork.EnsureController or EksWork.EnsureNodegroup => step.Action != ClusterAction.Create,
        _ => false,
    };

    private static ClusterPlan Ensure(ClusterChange.Ensure change, EksObserved observed, EksPrices prices)
    {
        var (specification, name) = (change.Specification, change.Name);
        var version = EksVersion.Wanted(specification, observed);
        List<EksStep> steps = [.. EksNetworkPlan.Steps(observed)];
        string[] network = [EksNetworkPlan.PublicRoutes, EksNetworkPlan.PrivateRoutes];
        steps.AddRange(Roles(specification).Where(role => !observed.Roles.Contains(role.Part)).Select(role => EksStep.Of(
            RoleId(role), $"Make the role for {role.Part}", ClusterAction.Create, new EksWork.EnsureRole(role), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5))
            with
        { Details = [$"taken on by {role.Service}", .. role.Policies, .. role.Own is { } own ? [$"the policy of {own.Name} {own.Version}"] : (string[])[]] }));
        var standing = ControlPlaneSteps(steps, specification, observed, name, version, network);
        var maker = observed.Cluster is { } cluster ? cluster.Tags?.GetValueOrDefault(EksTags.Maker) : observed.Caller;
        steps.AddRange(specification.Administrators.Append(maker).OfType<string>().Distinct()
            .Where(principal => principal == maker || !observed.AccessEntries.Contains(principal)).Select(principal => EksStep.Of(
                $"access/{principal}", $"Let {principal} administer the cluster", ClusterAction.Create, new EksWork.EnsureAdministrator(principal, principal == maker), TimeSpan.FromSeconds(5),
                TimeSpan.FromMinutes(5), ControlPlane)));
        steps.AddRange(observed.FormerAdministrators.Where(principal => principal != maker).Select(principal => EksStep.Of(
            $"access/{principal}/removal", $"Let {principal} administer the cluster no more", ClusterAction.Delete, new EksWork.DeleteAdministrator(principal), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5),
            [ControlPlane, .. specification.Administrators.Select(other => $"access/{other}")])));

        var hasNodes = specification.Pools.Count > 0;
        if (hasNodes)
            steps.AddRange(AddonSteps(Below, observed, [standing]));
        string[] ready = [standing, RoleId(EksRole.Nodes), .. Below.Select(AddonId)];
        steps.AddRange(EksPoolPlan.Steps(specification, observed, name, version, ready));
        steps.AddRange(EksPoolPlan.FargateSteps(specification, observed, [standing, RoleId(EksRole.Fargate)]));
        string[] places = [standing, .. EksPoolPlan.Wanted(specification).Select(group => EksPoolPlan.Group(group.Name)), .. specification.Fargate.Select(profile => EksPoolPlan.Fargate(profile.Name))];
        steps.AddRange(AddonSteps(hasNodes ? [.. Above, Disks] : Above, observed, places));
        steps.AddRange(EksPodPlan.Roles(specification, observed, name));
        steps.AddRange(EksPodPlan.Controllers(specification, observed, version, [.. places, .. Addons.Select(AddonId), .. steps.Where(step => step.Work is EksWork.EnsureAdministrator).Select(step => step.Id)]));
        return new ClusterPlan(change, ClusterSteps.WithoutMissing([.. EksNetworkPlan.WithSubnets(steps, observed.Network)]))
        {
            Findings = [.. Foreign(change, observed), .. Key(specification, observed), .. EksPodPlan.Findings(specification), .. EksNetworkPlan.Findings(observed, steps), .. EksVersion.Findings(version, observed), .. EksPoolPlan.Findings(specification),
                .. EksQuotas.Findings(specification, observed), .. EksCosts.Findings(specification, observed, prices)],
            Cost = EksCosts.Of(specification, observed, prices, version),
        };
    }

    public static string RoleId(EksRole role) => $"role/{role.Part}";

    public static IEnumerable<EksRole> Roles(ClusterSpecification specification)
    {
        yield return EksRole.Cluster;
        if (specification.Pools.Count > 0)
        {
            yield return EksRole.Nodes;
            yield return EksRole.Network;
            yield return EksRole.Disks;
            foreach (var controller in EksController.Wanted(specification))
                yield return controller.Role;
        }

        if (specification.Fargate.Count > 0)
            yield return EksRole.Fargate;
    }

    /// <returns>The step after which the control plane is as it shall be.</returns>
    private static string ControlPlaneSteps(
        List<EksStep> steps, ClusterSpecification specification, EksObserved observed, string name, string version, IReadOnlyList<string> network)
    {
        var endpoint = EksEndpoint.Of(specification);
        if (observed.Cluster is not { Version: { } current, Status: not ClusterStatus.Creating })
        {
            var isThere = observed.Cluster is not null;
            steps.Add(EksStep.Of(
                ControlPlane, isThere ? $"Wait for the control plane of {name}" : $"Make the control plane of {name}", isThere ? ClusterAction.Await : ClusterAction.Create,
                new EksWork.EnsureControlPlane(version, isThere ? null : observed.Caller), ControlPlaneExpected, TimeSpan.FromMinutes(40), [.. network, RoleId(EksRole.Cluster)])
                with
            {
                Details =
                [
                    $"Kubernetes {version}", "access by entries alone, none of them hidden",
                    .. specification.EncryptionKey is { } key ? [$"secrets encrypted with {key}"] : (string[])[],
                    .. endpoint is not null ? [$"API reached {endpoint}"] : (string[])[],
                ],
            });
            return ControlPlane;
        }

        var last = ControlPlane;
        if (observed.Cluster.Status == ClusterStatus.Updating)
            steps.Add(EksStep.Of(
                ControlPlane, $"Wait for the control plane of {name}", ClusterAction.Await, new EksWork.EnsureControlPlane(current), ControlPlaneExpected, TimeSpan.FromMinutes(90)));
        if (endpoint?.IsMet(observed.Cluster) == false)
        {
            var id = $"{ControlPlane}/endpoint";
            steps.Add(EksStep.Of(
                id, $"Let the API of {name} be reached {endpoint}", ClusterAction.Change, new EksWork.ConfigureEndpoint(endpoint), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(30), last));
            last = id;
        }

        if (specification.EncryptionKey is { } own && observed.Cluster.EncryptionConfig is not [_, ..])
        {
            var id = $"{ControlPlane}/encryption";
            steps.Add(EksStep.Of(
                id, $"Encrypt the secrets of {name} with a key of yours", ClusterAction.Change, new EksWork.EncryptSecrets(own), EncryptionExpected, TimeSpan.FromMinutes(90), last)
                with
            { Details = [own, "this cannot be taken back, and a cluster whose key is deleted is lost", "secrets that are there are encrypted with it when they are written next"] });
            last = id;
        }

        foreach (var next in EksVersion.Way(current, version))
        {
            var id = $"{ControlPlane}/{next}";
            steps.Add(EksStep.Of(
                id, $"Upgrade the control plane to {next}", ClusterAction.Change, new EksWork.UpgradeControlPlane(next), ControlPlaneExpected, TimeSpan.FromMinutes(90), last));
            last = id;
        }

        return last;
    }

    private static string AddonId(string addon) => $"addon/{addon}";

    /// <summary>The role that an add-on's pods have; null where they need none.</summary>
    public static EksRole? RoleOf(string addon) => addon switch { "vpc-cni" => EksRole.Network, Disks => EksRole.Disks, _ => null };

    private static IEnumerable<EksStep> AddonSteps(IEnumerable<string> names, EksObserved observed, IReadOnlyList<string> after)
    {
        foreach (var addon in names)
        {
            var there = observed.Addons.FirstOrDefault(item => item.AddonName == addon);
            if (observed.Offer.Addons.GetValueOrDefault(addon) is not { } offer)
                continue;
            var version = offer.Wanted(there);
            if (there?.AddonVersion == version && there.Status == AddonStatus.Active)
                continue;
            var (title, action) = there switch
            {
                null => ($"Install {addon}", ClusterAction.Create),
                { Status: AddonStatus.CreateFailed } => ($"Install {addon} again, which could not be installed", ClusterAction.Replace),
                _ when there.AddonVersion == version => ($"Wait for {addon}", ClusterAction.Await),
                _ => ($"Update {addon}", ClusterAction.Change),
            };
            yield return EksStep.Of(
                AddonId(addon), title, action,
                new EksWork.EnsureAddon(addon, offer), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(25), RoleOf(addon) is { } role ? [.. after, RoleId(role)] : after)
                with
            { Details = [action == ClusterAction.Change ? $"{there!.AddonVersion} → {version}" : version] };
        }
    }

    private static IEnumerable<Diagnostic> Key(ClusterSpecification specification, EksObserved observed)
    {
        if (specification.EncryptionKey is { } key && observed.Cluster is { EncryptionConfig: [var other, ..] } cluster && other.Provider.KeyArn != key)
            yield return DiagnosticDescriptors.ClusterKeyDiffers.Because($"The secrets of {cluster.Name} are encrypted with {other.Provider.KeyArn}, not with {key}.");
    }

    private static IEnumerable<Diagnostic> Foreign(ClusterChange change, EksObserved observed)
    {
        if (observed.Cluster is { } cluster && EksTags.OwnerOf(cluster.Tags) != change.Owner)
            yield return DiagnosticDescriptors.ClusterIsNotTheOwners.Because(
                $"There is a cluster {cluster.Name} in {observed.Identity}, but its tags do not say that it is {change.Owner.App}'s in {change.Owner.Environment}.");
        if (change is ClusterChange.Ensure ensure)
            foreach (var role in Roles(ensure.Specification).Where(role => observed.ForeignRoles.Contains(role.Part)))
                yield return DiagnosticDescriptors.ClusterIsNotTheOwners.Because(
                    $"There is a role {EksTags.Role(change.Name, observed.Identity.Region, role.Part)}, but its tags do not say that it is of {change.Name}, {change.Owner.App}'s in {change.Owner.Environment}.");
        if (observed.Cluster is { Status: ClusterStatus.Failed } failed && change is not ClusterChange.Remove)
            yield return DiagnosticDescriptors.ClusterResourceFailed.Because(
                $"The control plane of {failed.Name} has failed{Words(failed.Health?.Issues?.Select(issue => issue.Message))}.", nextStep: "Delete the cluster and make it anew.");
        if (observed.Cluster is { Status: ClusterStatus.Deleting } && change is not ClusterChange.Remove)
            yield return DiagnosticDescriptors.ClusterResourceFailed.Because($"The cluster {change.Name} is being deleted.", nextStep: "Wait until it is gone, or choose another name.");
    }

    internal static string Words(IEnumerable<string?>? messages) =>
        string.Join("; ", (messages ?? []).Where(message => !string.IsNullOrEmpty(message)).Select(message => Events.Printable.Line(message!, 300))) is { Length: > 0 } text ? $": {text}" : "";
}
