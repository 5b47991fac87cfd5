using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>The zones of DNS in the account, and their records.</summary>
internal sealed class EksZones(AmazonRoute53Client route53, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>The zone that a name is in: the one with the longest name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isInternal">Whether it leads to what only a network can reach: such names are in a private zone, where there is one.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="DiagnosticException">There is none, or several.</exception>
    public async Task<HostedZone> FindAsync(string name, bool isInternal, CancellationToken cancellationToken)
    {
        for (var suffix = name; suffix.Contains('.', StringComparison.Ordinal); suffix = suffix[(suffix.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            var page = await route53.ListHostedZonesByNameAsync(new ListHostedZonesByNameRequest { DNSName = suffix }, cancellationToken);
            var zones = (page.HostedZones ?? []).Where(zone => EksRecords.IsSame(zone.Name, suffix)).ToLookup(zone => zone.Config?.PrivateZone == true);
            var fitting = isInternal && zones[true].Any() ? zones[true].ToList() : [.. zones[false]];
            if (fitting is [var only])
                return only;
            if (fitting.Count > 1)
                throw new DiagnosticException(DiagnosticDescriptors.LoadNotShared.Because($"There are {fitting.Count} zones {suffix} for {name}: {string.Join(", ", fitting.Select(zone => zone.Id))}."));
        }

        throw new DiagnosticException(DiagnosticDescriptors.LoadNotShared.Because($"The account has no zone for {name} in Route 53."));
    }

    /// <summary>All records of a name.</summary>
    public Task<IReadOnlyList<ResourceRecordSet>> RecordsAsync(string zone, string name, CancellationToken cancellationToken) =>
        ListAsync(new ListResourceRecordSetsRequest(zone) { StartRecordName = name }, record => EksRecords.IsSame(record.Name, name), cancellationToken);

    /// <summary>All records of ours that lead to balancers of a region, whosever clusters those are of: with the zone and the name for an id.</summary>
    /// <remarks>DNS is one for all regions; clusters of the others are not known here.</remarks>
    public async Task<IReadOnlyList<(string Id, string Cluster)>> OursAsync(string region, CancellationToken cancellationToken)
    {
        List<(string, string)> found = [];
        for (var page = new ListHostedZonesByNameRequest(); page is not null;)
        {
            var zones = await route53.ListHostedZonesByNameAsync(page, cancellationToken);
            foreach (var zone in zones.HostedZones ?? [])
                found.AddRange(from record in await ListAsync(new ListResourceRecordSetsRequest(zone.Id), _ => true, cancellationToken)
                               where EksRecords.ClusterOf(record) is not null && EksRecords.IsIn(region, record)
                               select ($"{zone.Id}/{record.Name.TrimEnd('.')}", EksRecords.ClusterOf(record)!));
            page = zones is { IsTruncated: true, NextDNSName: not null } ? new ListHostedZonesByNameRequest { DNSName = zones.NextDNSName, HostedZoneId = zones.NextHostedZoneId } : null;
        }

        return [.. found.Distinct()];
    }

    /// <summary>Deletes a record of ours.</summary>
    /// <param name="id">As <see cref="OursAsync"/> names it.</param>
    /// <param name="cluster">The cluster that it leads to.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task DeleteAsync(string id, string cluster, CancellationToken cancellationToken)
    {
        var (zone, name) = (id[..id.IndexOf('/', StringComparison.Ordinal)], id[(id.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var records = (await RecordsAsync(zone, name, cancellationToken)).Where(record => EksRecords.ClusterOf(record) == cluster).ToList();
        if (records.Count > 0)
            await ChangeAsync(zone, $"{cluster} is gone", [.. records.Select(record => new Change(ChangeAction.Delete, record))], cancellationToken);
    }

    /// <summary>Changes records, all of them or none, and waits until all of AWS's servers know it.</summary>
    public async Task ChangeAsync(string zone, string comment, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var change = await SendAsync(new ChangeResourceRecordSetsRequest(zone, new ChangeBatch(comment, changes)), cancellationToken);
        while (change.Status != ChangeStatus.Insync)
        {
            await Task.Delay(Pause, clock, cancellationToken);
            change = (await route53.GetChangeAsync(new GetChangeRequest(change.Id), cancellationToken)).ChangeInfo;
        }
    }

    private async Task<IReadOnlyList<ResourceRecordSet>> ListAsync(ListResourceRecordSetsRequest request, Func<ResourceRecordSet, bool> isWanted, CancellationToken cancellationToken)
    {
        List<ResourceRecordSet> records = [];
        while (true)
        {
            var page = await route53.ListResourceRecordSetsAsync(request, cancellationToken);
            var wanted = (page.ResourceRecordSets ?? []).TakeWhile(isWanted).ToList();
            records.AddRange(wanted);
            if (!page.IsTruncated || wanted.Count < page.ResourceRecordSets?.Count || page.NextRecordName is null)
                return records;
            request = request with { StartRecordName = page.NextRecordName, StartRecordType = page.NextRecordType, StartRecordIdentifier = page.NextRecordIdentifier };
        }
    }

    // A zone takes one change at a time, and refuses the next until it has it.
    private async Task<ChangeInfo> SendAsync(ChangeResourceRecordSetsRequest request, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return (await route53.ChangeResourceRecordSetsAsync(request, cancellationToken)).ChangeInfo;
            }
            catch (Exception failure) when (tries < 10 && AwsRefusal.KindOf(failure) == AwsFailure.Throttled)
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }
}
