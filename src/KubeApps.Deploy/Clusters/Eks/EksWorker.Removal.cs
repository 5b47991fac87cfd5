using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

// What the pods of a cluster have made in the account, and what it leaves.
internal sealed partial class EksWorker
{
    private static readonly TimeSpan InterfacePatience = TimeSpan.FromMinutes(5);

    // What holds others goes before them.
    private static readonly IReadOnlyList<string> LeftByControllers = [EksAudit.LoadBalancer, EksAudit.TargetGroup, EksAudit.Interface, EksAudit.SecurityGroup, EksAudit.LogGroup];

    /// <summary>With the last one that has a share the name goes; and what led to clusters that somebody else has deleted goes, too.</summary>
    private async Task<string> LeaveAsync(CancellationToken cancellationToken)
    {
        var there = (await EksClusters.ListAsync(_access.Eks, finder.Owner, cancellationToken)).Select(cluster => cluster.Name).ToHashSet(StringComparer.Ordinal);
        var others = (await Load!.ReadAsync(finder.Owner, cancellationToken)).Where(share => share.Key != Name && there.Contains(share.Key)).ToDictionary();
        await Load.WriteAsync(finder.Owner, Whole(others), null, cancellationToken);
        return "no name leads to it";
    }

    /// <summary>The same shares in proportion, 100 % together: those that are missing were of clusters that are gone.</summary>
    private static Dictionary<string, int> Whole(Dictionary<string, int> shares)
    {
        var sum = shares.Values.Sum();
        if (sum == 0)
            return [];
        var whole = shares.ToDictionary(share => share.Key, share => share.Value * 100 / sum);
        whole[shares.MaxBy(share => share.Value).Key] += 100 - whole.Values.Sum();
        return whole;
    }

    private async Task<string> DeleteInterfacesAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var (audit, since) = (new EksAudit(_access), clock.GetTimestamp());
        await UntilAsync(async () =>
        {
            // A machine has its interfaces for a while after its end. Those of machines that others have made stay.
            var busy = await audit.BusyInterfacesAsync(Name, cancellationToken);
            if (busy > 0)
                progress.Say($"{busy} interfaces are not free yet");
            return busy == 0 || clock.GetElapsedTime(since) > InterfacePatience ? "none" : null;
        }, cancellationToken);
        var free = (await audit.OfAsync(Name, finder.Owner, cancellationToken)).Where(item => item.Kind == EksAudit.Interface).ToList();
        foreach (var item in free)
            await DeleteAsync(item, progress, cancellationToken);
        return free.Count == 0 ? "there were none" : $"{free.Count} deleted";
    }

    private async Task<string> DeleteRemainsAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        var found = (await new EksAudit(_access).OfAsync(Name, finder.Owner, cancellationToken)).Where(item => LeftByControllers.Contains(item.Kind))
            .OrderBy(item => LeftByControllers.ToList().IndexOf(item.Kind)).ToList();
        await EmptyAsync(found, cancellationToken);
        foreach (var item in found)
            await DeleteAsync(item, progress, cancellationToken);
        return found.Count == 0 ? "there were none" : $"{found.Count} deleted";
    }

    /// <summary>Security groups that name one another in their rules cannot be deleted before these are.</summary>
    private async Task EmptyAsync(IReadOnlyList<ClusterLeftover> leftovers, CancellationToken cancellationToken)
    {
        var ids = leftovers.Where(item => item.Kind == EksAudit.SecurityGroup).Select(item => item.Id).ToList();
        if (ids.Count < 2)
            return;
        var groups = (await Ec2Client.DescribeSecurityGroupsAsync(new Ec2.DescribeSecurityGroupsRequest { Filters = [new("group-id", ids)] }, cancellationToken)).SecurityGroups ?? [];
        foreach (var group in groups.Where(group => group.IpPermissions?.Any(rule => rule.UserIdGroupPairs?.Any(pair => pair.GroupId != group.GroupId) == true) == true))
            await IsGoneAsync(Ec2Client.RevokeSecurityGroupIngressAsync(new Ec2.RevokeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = group.IpPermissions }, cancellationToken));
    }

    private async Task DeleteNetworkAsync(StepProgress progress, CancellationToken cancellationToken)
    {
        await UnlessUsedAsync(() => DeleteNatGatewayAsync(progress, cancellationToken), progress, cancellationToken);
        await UnlessUsedAsync(() => DeleteVpcAsync(progress, cancellationToken), progress, cancellationToken);
    }

    /// <summary>Deletes one thing that was left.</summary>
    public async Task DeleteAsync(ClusterLeftover item, StepProgress progress, CancellationToken cancellationToken) => await IsGoneAsync(WhenFreeAsync(progress, async () =>
    {
        await (item.Kind switch
        {
            EksAudit.LoadBalancer => _access.LoadBalancing.DeleteLoadBalancerAsync(new(item.Id), cancellationToken),
            EksAudit.TargetGroup => _access.LoadBalancing.DeleteTargetGroupAsync(new(item.Id), cancellationToken),
            EksAudit.SecurityGroup => Ec2Client.DeleteSecurityGroupAsync(new Ec2.DeleteSecurityGroupRequest { GroupId = item.Id }, cancellationToken),
            EksAudit.Interface => Ec2Client.DeleteNetworkInterfaceAsync(new Ec2.DeleteNetworkInterfaceRequest { NetworkInterfaceId = item.Id }, cancellationToken),
            EksAudit.LaunchTemplate => DeleteLaunchTemplateAsync(item.Id, cancellationToken),
            EksAudit.Role => DeleteRoleAsync(EksRole.All.First(role => finder.RoleName(role) == item.Id), progress, cancellationToken),
            EksAudit.InstanceProfile => DeleteProfileAsync(item.Id, cancellationToken),
            EksAudit.IdentityProvider => _access.Iam.DeleteOpenIDConnectProviderAsync(new(item.Id), cancellationToken),
            EksAudit.DnsRecord => new EksZones(_access.Route53, clock).DeleteAsync(item.Id, item.Cluster, cancellationToken),
            EksAudit.Network => DeleteNetworkAsync(progress, cancellationToken),
            EksAudit.LogGroup => _access.Logs.DeleteLogGroupAsync(new(item.Id), cancellationToken),
            _ => Task.CompletedTask,
        });
        return item;
    }, cancellationToken));
}
