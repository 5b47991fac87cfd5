using System.Collections.Concurrent;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Load between clusters of EKS: weighted records in Route 53, and what their balancers told CloudWatch.</summary>
/// <param name="enterAsync">Enters the account.</param>
/// <param name="entriesAsync">Where users enter the app in a cluster.</param>
/// <param name="clock">The time.</param>
internal sealed class EksLoadSharing(
    Func<CancellationToken, Task<AwsAccess>> enterAsync, Func<AppCluster, CancellationToken, Task<IReadOnlyList<EksEntry>>> entriesAsync, TimeProvider clock) : ILoadSharing
{
    private static readonly TimeSpan HostsLimit = TimeSpan.FromSeconds(45);

    private readonly EksMeter _meter = new(clock);
    private readonly ConcurrentDictionary<string, IReadOnlyList<LoadBalancer>> _balancers = new(StringComparer.Ordinal);

    /// <summary>The hosts of all load balancers that the app has in a cluster, whether a name leads to them or not.</summary>
    public required Func<AppCluster, CancellationToken, Task<IReadOnlyList<string>>> HostsAsync { get; init; }

    public TimeSpan Delay => EksMeter.Delay;

    public Task<Uri?> AddressAsync(ClusterOwner owner, CancellationToken cancellationToken) => AskAsync("eks:ListClusters", async access =>
        (await EksClusters.ListAsync(access.Eks, owner, cancellationToken)).OrderByDescending(cluster => cluster.CreatedAt)
            .Select(cluster => EksPlace.Of(cluster.Tags)?.Addresses[0]).OfType<Uri>().FirstOrDefault(), cancellationToken);

    public Task<IReadOnlyDictionary<string, int>> ReadAsync(ClusterOwner owner, CancellationToken cancellationToken) => AskAsync("route53:ListResourceRecordSets", async access =>
    {
        var clusters = await EksClusters.ListAsync(access.Eks, owner, cancellationToken);
        if (clusters.OrderByDescending(cluster => cluster.CreatedAt).Select(cluster => EksPlace.Of(cluster.Tags)).FirstOrDefault(place => place is not null) is not { } place)
            return (IReadOnlyDictionary<string, int>)new Dictionary<string, int>();
        var records = await new EksZones(access.Route53, clock).RecordsAsync(place.Zone, place.Names[0], cancellationToken);
        return records.Where(record => record.Type == EksRecords.V4 && EksRecords.ClusterOf(record) is not null).ToDictionary(record => EksRecords.ClusterOf(record)!, record => (int)record.Weight!.Value);
    }, cancellationToken);

    public Task<IReadOnlyList<Diagnostic>> WriteAsync(ClusterOwner owner, IReadOnlyDictionary<string, int> shares, string? newcomer, CancellationToken cancellationToken)
    {
        // Where all weights are 0, Route 53 takes them for equal.
        if (shares.Values.Any(share => share < 0) || shares.Values.Sum() is not (0 or 100))
            throw new ArgumentException($"Shares must be 100 % together: {Text(shares)}.", nameof(shares));
        return AskAsync("route53:ChangeResourceRecordSets", access => WriteAsync(access, owner, shares, newcomer, cancellationToken), cancellationToken);
    }

    public Task<ArrivingLoad> MeasureAsync(AppCluster cluster, TimeSpan window, CancellationToken cancellationToken) => AskAsync("cloudwatch:GetMetricData", async access =>
    {
        if (!_balancers.TryGetValue(cluster.Name, out var balancers))
        {
            (balancers, var areAll) = await BalancersOfAsync(access, cluster, cancellationToken);
            // One that is not found yet may be the next time.
            if (areAll && balancers.Count > 0)
                _balancers[cluster.Name] = balancers;
        }

        return await _meter.MeasureAsync(access.CloudWatch, cluster.Name, balancers, window, cancellationToken);
    }, cancellationToken);

    public Task<IReadOnlyList<Diagnostic>> LookAheadAsync(ClusterOwner owner, BundleEnvironment environment, string? old, CancellationToken cancellationToken) => AskAsync(
        "route53:ListHostedZonesByName", async access =>
        {
            var entries = EksEntry.Of(environment.Objects.Select(item => item.Content), environment.EntryService);
            if (entries.Count == 0)
                return (IReadOnlyList<Diagnostic>)[DiagnosticDescriptors.LoadNotShared.Because($"{owner.App} ({owner.Environment}) has no name that could lead to one cluster or another.")];
            var clusters = await EksClusters.ListAsync(access.Eks, owner, cancellationToken);
            // Who enters there would be cut off with the old cluster: nothing leads them to the new one, and nobody measures whether they are gone.
            if (old is not null && EksEntry.Unled(environment.Objects.Select(item => item.Content)) is { Count: > 0 } unled)
                return [DiagnosticDescriptors.LoadNotShared.Because($"{string.Join("; ", unled)}: who enters there cannot be led to one cluster or another.")];
            var standing = clusters.Select(cluster => EksClusters.Describe(cluster, owner)).Where(cluster => cluster.State is ClusterState.Ready or ClusterState.Updating);
            var balancers = (await Task.WhenAll(standing.Select(cluster => entriesAsync(cluster, cancellationToken)))).SelectMany(list => list).Select(entry => entry.Balancer).OfType<string>().ToList();
            // Names of the old version alone lead to the new one, too.
            var names = entries.Select(entry => entry.Name).Concat(clusters.SelectMany(cluster => EksPlace.Of(cluster.Tags)?.Names ?? [])).Distinct().Order(StringComparer.Ordinal).ToList();
            return await new EksNames(new EksZones(access.Route53, clock)).LookAheadAsync(names, entries.Any(entry => entry.IsInternal), balancers, cancellationToken);
        }, cancellationToken);

    private async Task<IReadOnlyList<Diagnostic>> WriteAsync(AwsAccess access, ClusterOwner owner, IReadOnlyDictionary<string, int> shares, string? newcomer, CancellationToken cancellationToken)
    {
        var (clusters, zones) = (await EksClusters.ListAsync(access.Eks, owner, cancellationToken), new EksZones(access.Route53, clock));
        var (dns, entrances) = (new EksNames(zones), new EksEntrances(access, owner, entriesAsync, clock));
        var places = clusters.Select(cluster => (cluster.Name, Place: EksPlace.Of(cluster.Tags))).Where(item => item.Place is not null).ToDictionary(item => item.Name, item => item.Place!);
        var serving = await Task.WhenAll(shares.Where(share => share.Value > 0).Select(share => Find(share.Key, share.Value)).Select(cluster =>
            cluster.Name == newcomer ? entrances.OfNewcomerAsync(cluster, cancellationToken) : entrances.OfStandingAsync(cluster, places.GetValueOrDefault(cluster.Name), cancellationToken)));
        List<string> names = [.. serving.SelectMany(cluster => cluster.Names)
            .Concat(places.Where(place => serving.Length > 0 && shares.ContainsKey(place.Key)).SelectMany(place => place.Value.Names)).Distinct().Order(StringComparer.Ordinal)];
        if (serving.Length == 0 && places.Count == 0)
            return [];
        // What nobody can ask is where it was.
        var zone = serving.FirstOrDefault(cluster => cluster.Kept.Count > 0) is { } kept ? places[kept.Name].Zone
            : serving.Length == 0 ? places.Values.First().Zone : await dns.ZoneAsync(names, serving.Any(cluster => cluster.IsInternal), cancellationToken);
        foreach (var cluster in serving.Where(cluster => cluster.Kept.Count == 0))
            await RememberAsync(access, cluster, zone, cancellationToken);

        List<ResourceRecordSet> standing = [], wanted = [], replaced = [];
        foreach (var name in names.Union(places.Values.Where(place => place.Zone == zone).SelectMany(place => place.Names)))
        {
            var records = await zones.RecordsAsync(zone, name, cancellationToken);
            var ours = records.Where(record => EksRecords.ClusterOf(record) is not null).ToList();
            standing.AddRange(ours);
            if (!names.Contains(name))
                continue;
            string[] types = serving.All(cluster => cluster.HasV6(name)) ? [EksRecords.V4, EksRecords.V6] : [EksRecords.V4];
            wanted.AddRange(serving.SelectMany(cluster => types.Select(type => EksRecords.Of(name, type, cluster.Name, shares[cluster.Name], cluster.TargetOf(name)))));
            // Who has no share keeps the record by which connections to it are known.
            wanted.AddRange(ours.Where(record => types.Contains(record.Type) && shares.TryGetValue(EksRecords.ClusterOf(record)!, out var share) && share == 0).Select(record => record with { Weight = 0 }));
            replaced.AddRange(await dns.ReplacedAsync(zone, name, records, [.. serving.Select(cluster => cluster.TargetOf(name).DNSName)], cancellationToken));
        }

        _balancers.Clear();
        if (EksRecords.Changes(standing, wanted, replaced) is { Count: > 0 } changes)
            await zones.ChangeAsync(zone, $"{owner.App} ({owner.Environment}): {Text(shares)}", changes, cancellationToken);
        return [.. serving.Where(cluster => cluster.Problem is not null).Select(cluster => DiagnosticDescriptors.LoadOfUnwell.Because($"{cluster.Name} has {shares[cluster.Name]} % of the load: {cluster.Problem!.TrimEnd('.')}."))];

        Cluster Find(string name, int share) => clusters.FirstOrDefault(cluster => cluster.Name == name)
            ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterNotFound.Because($"{name} cannot get {share} % of the load of {owner.App} ({owner.Environment}): it is not there."));
    }

    /// <summary>Where it is looked when nobody can ask in the cluster.</summary>
    private static async Task RememberAsync(AwsAccess access, EksEntrance cluster, string zone, CancellationToken cancellationToken)
    {
        var place = new EksPlace(zone, [.. cluster.Entries.Select(entry => entry.Address)]);
        if (place.Text.Length > EksPlace.Longest)
            throw new DiagnosticException(DiagnosticDescriptors.LoadNotShared.Because($"The names of the app in {cluster.Name} are longer than {EksPlace.Longest} letters together."));
        if (cluster.Cluster.Tags?.GetValueOrDefault(EksTags.Address) != place.Text || cluster.Cluster.Tags.GetValueOrDefault(EksTags.Zone) != zone)
            await access.Eks.TagResourceAsync(new TagResourceRequest(cluster.Cluster.Arn!, new Dictionary<string, string> { [EksTags.Address] = place.Text, [EksTags.Zone] = zone }), cancellationToken);
    }

    private async Task<(IReadOnlyList<LoadBalancer> Balancers, bool AreAll)> BalancersOfAsync(AwsAccess access, AppCluster cluster, CancellationToken cancellationToken)
    {
        // What no name ever led to, got nothing by one.
        if (EksPlace.Of((await EksClusters.FindAsync(access.Eks, cluster.Name, cancellationToken))?.Tags) is not { } place)
            return ([], true);
        var records = await Task.WhenAll(place.Names.Select(name => new EksZones(access.Route53, clock).RecordsAsync(place.Zone, name, cancellationToken)));
        var named = records.SelectMany(list => list).Where(record => EksRecords.ClusterOf(record) == cluster.Name).Select(record => record.AliasTarget!.DNSName);
        var hosts = await HostsOfAsync(cluster, cancellationToken);
        return (await new EksBalancers(access.LoadBalancing).FindAsync([.. named.Concat(hosts ?? []).Distinct()], cancellationToken), hosts is not null);
    }

    // Who enters by the host of a balancer itself is led nowhere else, and must be seen all the same. One that cannot be asked is known by its names.
    private async Task<IReadOnlyList<string>?> HostsOfAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        using var limit = new LimitedToken(HostsLimit, clock, cancellationToken);
        try
        {
            return await HostsAsync(cluster, limit.Token);
        }
        catch (Exception failure) when (failure is DiagnosticException or ApiException || (failure is OperationCanceledException && limit.TimedOut && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private async Task<T> AskAsync<T>(string what, Func<AwsAccess, Task<T>> ask, CancellationToken cancellationToken)
    {
        var access = await enterAsync(cancellationToken);
        return await access.AskAsync(what, () => ask(access), cancellationToken);
    }

    private static string Text(IReadOnlyDictionary<string, int> shares) =>
        shares.Count == 0 ? "none" : string.Join(", ", shares.OrderBy(share => share.Key, StringComparer.Ordinal).Select(share => $"{share.Key} {share.Value} %"));
}
