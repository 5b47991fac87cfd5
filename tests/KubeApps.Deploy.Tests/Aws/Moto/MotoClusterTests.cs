using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Aws.Moto;

/// <summary>The life of a cluster by our plans on moto: all steps but those of which it knows nothing (add-ons, access entries, the version of nodes), and of the cluster's own API.</summary>
public sealed class MotoClusterTests(AwsStandIn aws, MotoServer moto) : IClassFixture<MotoServer>
{
    private static readonly IReadOnlyList<string> Zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Cluster_MadeByPlanAndDeletedByPlan_IsThereOnceAndLeavesNothing()
    {
        moto.RequirePresent();
        using var account = await aws.NewAccountAsync(_clock);
        account.Behind = moto.Aws;
        using var access = await AwsAccess.OpenAsync(account.Settings with { Account = MotoServer.Account }, TestContext.Current.CancellationToken);
        var finder = new EksFinder(access, EksStandIn.Name, EksStandIn.Owner);
        var (wanted, gone) = (new ClusterChange.Ensure(finder.Name, finder.Owner, EksStandIn.Small with { CloudRoles = [] }), new ClusterChange.Remove(finder.Name, finder.Owner));

        await DoAsync(finder, wanted);
        var made = await ObserveAsync(finder);
        var rest = Steps(wanted, made);
        var doubled = await CountAsync(access);
        await DisassociateAsync(access);
        await DoAsync(finder, gone);
        var left = await ObserveAsync(finder);

        Assert.Empty(rest);
        Assert.Equal((1, 6, 1), doubled);
        Assert.Equal(ClusterStatus.Active, made.Cluster!.Status);
        Assert.Equal(["m5.large"], Assert.Single(made.Nodegroups).InstanceTypes);
        Assert.Empty(Steps(gone, left));
        Assert.Equal((0, 0, 0), await CountAsync(access));
        Assert.Empty(await new EksAudit(access).OfAsync(finder.Name, finder.Owner, TestContext.Current.CancellationToken));
        // AWS itself says "available" there, which its description does not know.
        Assert.DoesNotContain(moto.Aws.Remarks, remark => !remark.StartsWith("DescribeInternetGateways.InternetGateways[0].Attachments[0].State is \"available\"", StringComparison.Ordinal));
    }

    private async Task DoAsync(EksFinder finder, ClusterChange change)
    {
        var worker = new EksWorker(finder, (change as ClusterChange.Ensure)?.Specification, _ => throw new InvalidOperationException("Nobody answers there."), _clock);
        await new ClusterStepRunner(new EksStandIn.Listener(), _clock).RunAsync(Steps(change, await ObserveAsync(finder)), worker.DoAsync, TestContext.Current.CancellationToken);
    }

    private static IReadOnlyList<EksStep> Steps(ClusterChange change, EksObserved observed) => ClusterSteps.WithoutMissing<EksStep>(
        [.. EksPlanner.Plan(change, observed, EksPrices.Table).Steps.Cast<EksStep>().Where(step => step.Work is not (EksWork.EnsureAdministrator or EksWork.UpgradeNodegroup or EksWork.DeleteLoadBalancers))]);

    // As the product looks, less what moto knows nothing of.
    private static async Task<EksObserved> ObserveAsync(EksFinder finder)
    {
        var (access, token) = (finder.Access, TestContext.Current.CancellationToken);
        var cluster = await finder.ClusterAsync(token);
        var groups = cluster is null ? [] : (await access.Eks.ListNodegroupsAsync(new(finder.Name), token)).Nodegroups ?? [];
        return new EksObserved(access.Identity)
        {
            Cluster = cluster,
            Network = await finder.NetworkAsync(null, token),
            Nodegroups = [.. (await Task.WhenAll(groups.Select(group => finder.NodegroupAsync(group, token)))).OfType<Nodegroup>()],
            Roles = [.. (await Task.WhenAll(EksRole.All.Select(async role => (role, await finder.RoleAsync(role, token))))).Where(found => found.Item2 is not null).Select(found => found.role.Part)],
            LaunchTemplates = [.. ((await access.Ec2.DescribeLaunchTemplatesAsync(
                new Amazon.EC2.Model.DescribeLaunchTemplatesRequest { Filters = [new($"tag:{EksTags.Cluster}", [finder.Name])] }, token)).LaunchTemplates ?? []).Select(template => template.LaunchTemplateName)],
            Offer = new EksOffer { Zones = Zones, Versions = [new("1.34", VersionStatus.StandardSupport)] },
        };
    }

    // With a subnet, AWS takes it out of its route table; moto does not.
    private static async Task DisassociateAsync(AwsAccess access)
    {
        var token = TestContext.Current.CancellationToken;
        foreach (var association in ((await access.Ec2.DescribeRouteTablesAsync(new() { Filters = [new("tag-key", [EksTags.Part])] }, token)).RouteTables ?? []).SelectMany(table => table.Associations ?? []))
            await access.Ec2.DisassociateRouteTableAsync(new() { AssociationId = association.RouteTableAssociationId }, token);
    }

    private static async Task<(int Vpcs, int Subnets, int NatGateways)> CountAsync(AwsAccess access)
    {
        List<Amazon.EC2.Model.Filter> ours = [new($"tag:{EksTags.App}", [EksStandIn.Owner.App])];
        var token = TestContext.Current.CancellationToken;
        return (
            ((await access.Ec2.DescribeVpcsAsync(new() { Filters = ours }, token)).Vpcs ?? []).Count,
            ((await access.Ec2.DescribeSubnetsAsync(new() { Filters = ours }, token)).Subnets ?? []).Count,
            ((await access.Ec2.DescribeNatGatewaysAsync(new() { Filter = [.. ours, new("state", ["available"])] }, token)).NatGateways ?? []).Count);
    }
}
