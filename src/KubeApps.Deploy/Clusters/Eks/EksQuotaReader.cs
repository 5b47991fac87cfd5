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
    public async Task<IReadOnlyList<EksQuota>> ReadAsync(CancellationToken cancellationToken)
    {
        // Of both sorts, in one list.
        var balancers = EksBalancers.AllAsync(access.LoadBalancing, cancellationToken);
        return [.. (await Task.WhenAll(EksQuotas.Codes.Keys.Select(kind => ReadAsync(kind, balancers, cancellationToken)))).OfType<EksQuota>()];
    }

    private async Task<EksQuota?> ReadAsync(EksQuotaKind kind, Task<IReadOnlyList<LoadBalancer>> balancers, CancellationToken cancellationToken)
    {
        var (service, code, _) = EksQuotas.Codes[kind];
        try
        {
            // What nobody has asked to be changed is known by its default alone.
            var limit = (await EksFinder.OrNullAsync(access.Quotas.GetServiceQuotaAsync(new(service, code), cancellationToken)))?.Quota.Value
                ?? (await access.Quotas.GetAWSDefaultServiceQuotaAsync(new(service, code), cancellationToken)).Quota.Value;
            return new EksQuota(kind, code, limit, await UsedAsync(kind, balancers, cancellationToken));
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
            EksQuotaKind.NatGateways => await NatGatewaysAsync(cancellationToken),
            _ => await ProcessorsAsync(kind == EksQuotaKind.SpotProcessors, cancellationToken),
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

    private async Task<double> ProcessorsAsync(bool isSpot, CancellationToken cancellationToken)
    {
        var reservations = await AwsPages.AllAsync(
            token => access.Ec2.DescribeInstancesAsync(new Ec2.DescribeInstancesRequest { NextToken = token, Filters = [new("instance-state-name", ["pending", "running"])] }, cancellationToken),
            page => (page.Reservations, page.NextToken));
        return reservations.SelectMany(item => item.Instances ?? [])
            .Where(item => (item.InstanceLifecycle == InstanceLifecycleType.Spot) == isSpot && EksQuotas.IsStandard(item.InstanceType.Value))
            .Sum(item => (item.CpuOptions?.CoreCount ?? 1) * (item.CpuOptions?.ThreadsPerCore ?? 1));
    }
}
