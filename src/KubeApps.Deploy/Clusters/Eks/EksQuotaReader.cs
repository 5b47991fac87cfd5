using Amazon.EC2;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using Ec2 = Amazon.EC2.Model;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>How much the account may have, and has. Who may not ask is not held up by it.</summary>
/// <param name="access">The account and the region.</param>
/// <param name="zone">The zone that the way out of an own network is in; null where there is none.</param>
internal sealed class EksQuotaReader(AwsAccess access, string? zone)
{
    /// <param name="specification">What the cluster shall be: machines of other families need not be counted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<EksQuota>> ReadAsync(ClusterSpecification specification, CancellationToken cancellationToken)
    {
        // Of both sorts, in one list; and machines of all families.
        var balancers = EksBalancers.AllAsync(access.LoadBalancing, cancellationToken);
        var machines = new Lazy<Task<IReadOnlyList<Ec2.Instance>>>(() => MachinesAsync(cancellationToken));
        return [.. (await Task.WhenAll(
        [
            .. EksQuotas.Codes.Select(item => ReadAsync(item.Key, item.Value.Service, item.Value.Code, () => UsedAsync(item.Key, balancers, cancellationToken), cancellationToken)),
            .. EksQuotas.OfMachines(specification).Select(item => ReadAsync(
                item.Kind, "ec2", item.Family.CodeOf(item.Kind == EksQuotaKind.SpotProcessors)!, async () => Processors(await machines.Value, item.Family, item.Kind == EksQuotaKind.SpotProcessors), cancellationToken)),
        ])).OfType<EksQuota>()];
    }

    private async Task<EksQuota?> ReadAsync(EksQuotaKind kind, string service, string code, Func<Task<double>> usedAsync, CancellationToken cancellationToken)
    {
        try
        {
            // What nobody has asked to be changed is known by its default alone.
            var limit = (await EksFinder.OrNullAsync(access.Quotas.GetServiceQuotaAsync(new(service, code), cancellationToken)))?.Quota.Value
                ?? (await access.Quotas.GetAWSDefaultServiceQuotaAsync(new(service, code), cancellationToken)).Quota.Value;
            return new EksQuota(kind, code, limit, await usedAsync());
        }
        catch (Exception failure) when (AwsRefusal.KindOf(failure) is AwsFailure.Forbidden or AwsFailure.NotFound && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<double> UsedAsync(EksQuotaKind kind, Task<IReadOnlyList<LoadBalancer>> balancers, CancellationToken cancellationToken)
    {
        var ec2 = access.Ec2;
        return kind switch
        {
            EksQuotaKind.Clusters => (await AwsPages.AllAsync(
                token => access.Eks.ListClustersAsync(new ListClustersRequest { NextToken = token }, cancellationToken), page => (page.Clusters, page.NextToken))).Count,
            EksQuotaKind.Vpcs => (await AwsPages.AllAsync(
                token => ec2.DescribeVpcsAsync(new Ec2.DescribeVpcsRequest { NextToken = token }, cancellationToken), page => (page.Vpcs, page.NextToken))).Count,
            EksQuotaKind.InternetGateways => (await AwsPages.AllAsync(
                token => ec2.DescribeInternetGatewaysAsync(new Ec2.DescribeInternetGatewaysRequest { NextToken = token }, cancellationToken), page => (page.InternetGateways, page.NextToken))).Count,
            EksQuotaKind.Addresses => ((await ec2.DescribeAddressesAsync(new Ec2.DescribeAddressesRequest(), cancellationToken)).Addresses ?? []).Count,
            EksQuotaKind.ApplicationBalancers => (await balancers).Count(balancer => balancer.Type == "application"),
            EksQuotaKind.NetworkBalancers => (await balancers).Count(balancer => balancer.Type == "network"),
            _ => await NatGatewaysAsync(cancellationToken),
        };
    }

    // The quota is of a zone, not of the region, and what is on its way out counts: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-gateways
    private async Task<double> NatGatewaysAsync(CancellationToken cancellationToken)
    {
        if (zone is null)
            return 0;
        var subnets = AwsPages.AllAsync(
            token => access.Ec2.DescribeSubnetsAsync(new Ec2.DescribeSubnetsRequest { NextToken = token, Filters = [new("availability-zone", [zone])] }, cancellationToken), page => (page.Subnets, page.NextToken));
        var gateways = await AwsPages.AllAsync(
            token => access.Ec2.DescribeNatGatewaysAsync(new Ec2.DescribeNatGatewaysRequest { NextToken = token, Filter = [new("state", ["pending", "available", "deleting"])] }, cancellationToken),
            page => (page.NatGateways, page.NextToken));
        var there = (await subnets).Select(subnet => subnet.SubnetId).ToHashSet(StringComparer.Ordinal);
        return gateways.Count(gateway => there.Contains(gateway.SubnetId));
    }

    private async Task<IReadOnlyList<Ec2.Instance>> MachinesAsync(CancellationToken cancellationToken)
    {
        var reservations = await AwsPages.AllAsync(
            token => access.Ec2.DescribeInstancesAsync(new Ec2.DescribeInstancesRequest { NextToken = token, Filters = [new("instance-state-name", ["pending", "running"])] }, cancellationToken),
            page => (page.Reservations, page.NextToken));
        return [.. reservations.SelectMany(item => item.Instances ?? [])];
    }

    private static double Processors(IEnumerable<Ec2.Instance> machines, EksFamily family, bool isSpot) => machines
        .Where(item => (item.InstanceLifecycle == InstanceLifecycleType.Spot) == isSpot && EksFamily.Of(item.InstanceType.Value) == family)
        .Sum(item => (item.CpuOptions?.CoreCount ?? 1) * (item.CpuOptions?.ThreadsPerCore ?? 1));
}
