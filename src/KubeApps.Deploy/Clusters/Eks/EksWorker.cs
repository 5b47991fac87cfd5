using Amazon.Runtime;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// Does what a step says. Each piece of work looks first and does only what is missing: cut anywhere, it is done again from its beginning. What AWS
/// refuses for the time being is asked for again until the step's time is over.
/// </summary>
/// <param name="finder">Finds what is there.</param>
/// <param name="specification">What the cluster shall be; null where it shall be gone.</param>
/// <param name="connect">A way to the cluster's API.</param>
/// <param name="clock">The time.</param>
internal sealed partial class EksWorker(
    EksFinder finder, ClusterSpecification? specification, Func<Aws.Eks.Cluster, ClusterConnection> connect, TimeProvider clock)
{
    private static readonly IReadOnlyList<string> FreshRole = ["role", "trust", "instance profile"];

    private readonly AwsAccess _access = finder.Access;

    /// <summary>How often AWS is asked how far it is.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a role that was just made may be unknown to the services that take it on.</summary>
    public TimeSpan RolePatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Who shares the load of the cluster's owner; null where the cluster has no part in it.</summary>
    public ILoadSharing? Load { get; init; }

    private string Name => finder.Name;

    /// <returns>What was done, in words.</returns>
    /// <exception cref="DiagnosticException">AWS refuses it, or what was made fails.</exception>
    public Task<string> DoAsync(EksStep step, StepProgress progress, CancellationToken cancellationToken) =>
        // A step looks first, and so can be done again.
        _access.AskAsync($"'{step.Title}'", () => DoAsync(step.Work, progress, cancellationToken), cancellationToken);

    private Task<string> DoAsync(EksWork work, StepProgress progress, CancellationToken token) => work switch
    {
        EksWork.EnsureVpc => EnsureVpcAsync(progress, token),
        EksWork.EnsureInternetGateway => EnsureInternetGatewayAsync(progress, token),
        EksWork.EnsureSubnet subnet => EnsureSubnetAsync(subnet, progress, token),
        EksWork.EnsureNatGateway way => EnsureNatGatewayAsync(way.Zone, progress, token),
        EksWork.EnsureRoutes routes => EnsureRoutesAsync(routes.IsPublic, progress, token),
        EksWork.EnsureRole role => EnsureRoleAsync(role.Role, progress, token),
        EksWork.EnsureControlPlane plane => EnsureControlPlaneAsync(plane, progress, token),
        EksWork.ConfigureEndpoint endpoint => ConfigureEndpointAsync(endpoint.Endpoint, progress, token),
        EksWork.EncryptSecrets secrets => EncryptSecretsAsync(secrets.Key, progress, token),
        EksWork.UpgradeControlPlane upgrade => UpgradeControlPlaneAsync(upgrade.Version, progress, token),
        EksWork.EnsureAdministrator administrator => EnsureAdministratorAsync(administrator, progress, token),
        EksWork.DeleteAdministrator administrator => DeleteAdministratorAsync(administrator.Principal, progress, token),
        EksWork.EnsureAddon addon => EnsureAddonAsync(addon.Name, addon.Offer, progress, token),
        EksWork.EnsureIdentityProvider => EnsureIdentityProviderAsync(progress, token),
        EksWork.EnsurePodIdentity identity => EnsurePodIdentityAsync(identity.Role, progress, token),
        EksWork.EnsureController controller => EnsureControllerAsync(controller.Controller, controller.Version, progress, token),
        EksWork.EnsureLaunchTemplate template => EnsureLaunchTemplateAsync(template.Group, progress, token),
        EksWork.EnsureNodegroup group => EnsureNodegroupAsync(group.Group, progress, token),
        EksWork.ConfigureNodegroup group => ConfigureNodegroupAsync(group.Group, progress, token),
        EksWork.UpgradeNodegroup upgrade => UpgradeNodegroupAsync(upgrade.Name, upgrade.Version, progress, token),
        EksWork.EnsureFargate profile => EnsureFargateAsync(profile.Profile, progress, token),
        EksWork.LeaveLoad => LeaveAsync(token),
        EksWork.DeleteLoadBalancers => DeleteLoadBalancersAsync(progress, token),
        EksWork.DeleteFargate profile => DeleteFargateAsync(profile.Name, progress, token),
        EksWork.DrainNodegroup group => DrainNodegroupAsync(group.Name, progress, token),
        EksWork.DeleteNodegroup group => DeleteNodegroupAsync(group.Name, progress, token),
        EksWork.DeleteLaunchTemplate template => DeleteLaunchTemplateAsync(template.Name, token),
        EksWork.DeletePodIdentity identity => DeletePodIdentityAsync(identity.AssociationId, progress, token),
        EksWork.DeleteIdentityProvider => DeleteIdentityProviderAsync(token),
        EksWork.DeleteControlPlane => DeleteControlPlaneAsync(progress, token),
        EksWork.DeleteRole role => DeleteRoleAsync(role.Role, progress, token),
        EksWork.DeleteInterfaces => DeleteInterfacesAsync(progress, token),
        EksWork.DeleteRemains => DeleteRemainsAsync(progress, token),
        EksWork.DeleteNatGateway => UnlessUsedAsync(() => DeleteNatGatewayAsync(progress, token), progress, token),
        EksWork.DeleteVpc => UnlessUsedAsync(() => DeleteVpcAsync(progress, token), progress, token),
        _ => throw new ArgumentOutOfRangeException(nameof(work)),
    };

    /// <summary>Looks again and again until what is looked for is there.</summary>
    private async Task<T> UntilAsync<T>(Func<Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            if (await look() is { } found)
                return found;
            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    /// <summary>Asks AWS for a change, again while others are changing the same or still need it, and while a role is too new.</summary>
    private async Task<T> WhenFreeAsync<T>(StepProgress progress, Func<Task<T>> request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await request();
            }
            catch (Exception refusal) when (IsPassing(refusal, progress))
            {
                await PauseAsync(refusal, progress, cancellationToken);
            }
        }
    }

    private bool IsPassing(Exception refusal, StepProgress progress) =>
        AwsRefusal.KindOf(refusal) == AwsFailure.InUse
        || (refusal is AmazonServiceException { ErrorCode: "InvalidParameterException" or "InvalidParameterValue" } && progress.Age < RolePatience
            && FreshRole.Any(word => refusal.Message.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static async Task<bool> IsGoneAsync(Task deletion)
    {
        try
        {
            await deletion;
            return false;
        }
        catch (Exception failure) when (AwsRefusal.IsNotFound(failure))
        {
            return true;
        }
    }

    private Dictionary<string, string> Tags(string? part = null) => EksTags.Of(finder.Owner, Name, part);

    private async Task<Aws.Eks.Cluster> ClusterAsync(CancellationToken cancellationToken) => await finder.ClusterAsync(cancellationToken)
        ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because($"The cluster {Name} is gone.", nextStep: "Somebody deleted it: make it anew."));

    private async Task<string> RoleArnAsync(EksRole role, CancellationToken cancellationToken) =>
        (await UntilAsync(() => finder.RoleAsync(role, cancellationToken), cancellationToken)).Arn;

    /// <summary>What AWS says failed, with the fix where it is known.</summary>
    private static DiagnosticException Failed(string what, IEnumerable<(string? Code, string? Message)> issues)
    {
        var (code, message) = issues.FirstOrDefault();
        return new DiagnosticException(DiagnosticDescriptors.ClusterResourceFailed.Because(
            $"{what} failed: {AwsRefusal.Words(message ?? "AWS does not say why")}{(code is null ? "" : $" ({AwsRefusal.Words(code)})")}.", nextStep: Fix(code, message)));
    }

    // https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html
    private static string? Fix(string? code, string? message) => code switch
    {
        _ when message?.Contains("InsufficientInstanceCapacity", StringComparison.Ordinal) == true || code == "InsufficientInstanceCapacity" =>
            "AWS has no machines of the type at the moment: give the node pool more instance types, or run it again later.",
        "AsgInstanceLaunchFailures" when message?.Contains("VcpuLimitExceeded", StringComparison.Ordinal) == true => "Ask for more vCPUs under Service Quotas, then run it again.",
        "InsufficientFreeAddresses" or "Ec2SubnetInvalidConfiguration" => "Give the subnets more free addresses, then run it again.",
        "NodeCreationFailure" => "The machines do not join the cluster: their subnets need a way out (NAT gateway) or endpoints for EC2, ECR and EKS.",
        "AccessDenied" or "ClusterUnreachable" or "IamNodeRoleNotFound" or "IamInstanceProfileNotFound" => "A role or its policies were changed: run it again, which makes them anew.",
        _ => null,
    };
}
