using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Whether the names of an app in the DNS can lead to one of its clusters or another.</summary>
internal sealed class EksNames(EksZones zones)
{
    /// <summary>The zone that all names are in: two cannot be changed in one write.</summary>
    /// <exception cref="DiagnosticException">There is none, or there are several.</exception>
    public async Task<string> ZoneAsync(IReadOnlyList<string> names, bool isInternal, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(names.Select(name => zones.FindAsync(name, isInternal, cancellationToken)));
        return found.DistinctBy(zone => zone.Id).ToList() is [var only] ? only.Id : throw new DiagnosticException(DiagnosticDescriptors.LoadNotShared.Because(
            $"{string.Join(", ", names)} are in several zones ({string.Join(", ", found.Select(zone => zone.Name.TrimEnd('.')).Distinct())}), which cannot be changed together."));
    }

    /// <summary>The records of others that ours take the place of: such as lead where one of ours will. One of somebody else's stays, and nothing is done.</summary>
    /// <param name="zone">Where it is.</param>
    /// <param name="name">The name.</param>
    /// <param name="records">All of the name.</param>
    /// <param name="balancers">The app's balancers that it may lead to.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="DiagnosticException">The name is somebody else's.</exception>
    public async Task<IReadOnlyList<ResourceRecordSet>> ReplacedAsync(
        string zone, string name, IReadOnlyList<ResourceRecordSet> records, IReadOnlyCollection<string> balancers, CancellationToken cancellationToken)
    {
        var foreign = EksRecords.Foreign(records).ToList();
        if (foreign.Find(record => !balancers.Any(balancer => EksRecords.LeadsTo(record, balancer))) is { } other)
            throw new DiagnosticException(DiagnosticDescriptors.NameIsNotOurs.Because(
                $"{name} has a record {other.Type} of others{(other.SetIdentifier is { } id ? $" ({AwsRefusal.Words(id)})" : "")}, which leads elsewhere."));
        if (foreign.Count == 0)
            return [];
        // Its newer versions write down under names of their own what they keep.
        var notes = (await Task.WhenAll(new[] { $"a-{name}", $"cname-{name}", $"aaaa-{name}" }.Select(note => zones.RecordsAsync(zone, note, cancellationToken)))).SelectMany(note => note);
        return EksRecords.IsKeptByExternalDns(records.Concat(notes)) ? throw new DiagnosticException(DiagnosticDescriptors.NameIsNotOurs.Because($"{name} is kept by external-dns, which would put back what is changed.")) : foreign;
    }

    /// <summary>What would be in the way of shares, and what is worth knowing of them, before there is a cluster for which it would be found. Writes nothing.</summary>
    /// <param name="names">The names that will be shared.</param>
    /// <param name="isInternal">Whether they lead to what only a network can reach.</param>
    /// <param name="balancers">The app's balancers that stand.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<Diagnostic>> LookAheadAsync(IReadOnlyList<string> names, bool isInternal, IReadOnlyCollection<string> balancers, CancellationToken cancellationToken)
    {
        string zone;
        try
        {
            zone = await ZoneAsync(names, isInternal, cancellationToken);
        }
        catch (DiagnosticException failure)
        {
            return failure.Diagnostics;
        }

        List<Diagnostic> found = [];
        foreach (var name in names)
        {
            try
            {
                found.AddRange((await ReplacedAsync(zone, name, await zones.RecordsAsync(zone, name, cancellationToken), balancers, cancellationToken)).Select(record =>
                    DiagnosticDescriptors.NameIsTakenOver.Because($"{name} has a simple record {record.Type} that leads to the app's balancer: weighted ones take its place when load is shared{(record.Type == EksRecords.V6 ? ", where the balancers of all clusters have addresses of IPv6" : "")}.")));
            }
            catch (DiagnosticException failure)
            {
                found.AddRange(failure.Diagnostics);
            }
        }

        return found;
    }
}
