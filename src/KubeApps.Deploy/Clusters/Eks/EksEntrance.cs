using KubeApps.Deploy.Api;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Where load enters a cluster that has a share, or gets one.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Entries">What users call, as the cluster itself says; nothing where it could not be asked.</param>
/// <param name="Balancers">Where that leads to.</param>
/// <param name="Kept">The records that lead to it already, where it could not be asked: the one of its entry service comes first.</param>
internal sealed record EksEntrance(Cluster Cluster, IReadOnlyList<EksEntry> Entries, IReadOnlyList<LoadBalancer> Balancers, IReadOnlyList<ResourceRecordSet> Kept)
{
    public string Name => Cluster.Name;

    /// <summary>Why it should get no load; null where all is well.</summary>
    public string? Problem { get; init; }

    public IEnumerable<string> Names => Entries.Select(entry => entry.Name);

    public bool IsInternal => Balancers.Any(balancer => balancer.Scheme == "internal");

    /// <summary>A name that only the other version has leads to where this one is entered.</summary>
    public AliasTarget TargetOf(string name) => Kept is [var first, ..] ? (Kept.FirstOrDefault(record => EksRecords.IsSame(record.Name, name)) ?? first).AliasTarget! : EksRecords.TargetOf(BalancerOf(name));

    /// <summary>Whether a name can lead here by IPv6, too.</summary>
    public bool HasV6(string name) => Kept.Count > 0 ? Kept.Any(record => record.Type == EksRecords.V6 && EksRecords.IsSame(record.Name, name)) : EksRecords.HasV6(BalancerOf(name));

    private LoadBalancer BalancerOf(string name) =>
        Balancers.First(balancer => EksRecords.IsSame(balancer.DNSName, (Entries.FirstOrDefault(entry => entry.Name == name) ?? Entries[0]).Balancer!));
}

/// <summary>Looks where load enters clusters, and whether it can.</summary>
/// <param name="access">The account and the region.</param>
/// <param name="owner">Whose clusters they are.</param>
/// <param name="entriesAsync">Where users enter the app in a cluster.</param>
/// <param name="clock">The time.</param>
internal sealed class EksEntrances(AwsAccess access, ClusterOwner owner, Func<AppCluster, CancellationToken, Task<IReadOnlyList<EksEntry>>> entriesAsync, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly EksBalancers _balancers = new(access.LoadBalancing);

    /// <summary>Where a cluster is entered that load is moved to: with balancers that are there, and healthy targets behind them. That is waited for.</summary>
    /// <exception cref="DiagnosticException">It cannot take load.</exception>
    public Task<EksEntrance> OfNewcomerAsync(Cluster cluster, CancellationToken cancellationToken) => WaitAsync(cluster, needsHealth: true, cancellationToken);

    /// <summary>
    /// Where a cluster is entered that has served already. How well it is, is no reason to take what it has, or to refuse what is given back to it: there is
    /// nobody better. One that cannot be asked stays where the records of its names lead.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="place">Where its load arrives; null: it never had any.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<EksEntrance> OfStandingAsync(Cluster cluster, EksPlace? place, CancellationToken cancellationToken)
    {
        string problem;
        using (var limit = new LimitedToken(AnswerLimit, clock, cancellationToken))
        {
            try
            {
                var (entrance, isThere) = await LookAsync(cluster, limit.Token);
                if (isThere)
                    return entrance;
                problem = entrance.Problem!;
            }
            catch (DiagnosticException failure)
            {
                problem = failure.Diagnostics[0].Cause;
            }
            catch (ApiException failure)
            {
                problem = ApiDiagnostics.For(failure, cluster.Name).Cause;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (OperationCanceledException) when (limit.TimedOut)
            {
                problem = $"it did not answer within {AnswerLimit.TotalSeconds:0} s";
            }
            catch (Exception failure) when (AwsRefusal.Diagnose(failure, "elasticloadbalancing:DescribeLoadBalancers") is { } refusal)
            {
                problem = refusal.Cause;
            }
        }

        var records = place is null ? [] : await Task.WhenAll(place.Names.Select(name => new EksZones(access.Route53, clock).RecordsAsync(place.Zone, name, cancellationToken)));
        List<ResourceRecordSet> kept = [.. records.SelectMany(list => list).Where(record => EksRecords.ClusterOf(record) == cluster.Name)];
        // Without a record there is nothing to go by.
        return kept.Count > 0 ? new EksEntrance(cluster, [], [], kept) { Problem = problem } : await WaitAsync(cluster, needsHealth: false, cancellationToken);
    }

    private async Task<EksEntrance> WaitAsync(Cluster cluster, bool needsHealth, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var (entrance, isThere) = await LookAsync(cluster, cancellationToken);
            if (entrance.Problem is null || (isThere && !needsHealth))
                return entrance;
            if (entrance.Entries.Count == 0)
                throw new DiagnosticException(DiagnosticDescriptors.LoadNotShared.Because($"{owner.App} ({owner.Environment}) has {entrance.Problem}."));
            if (clock.GetElapsedTime(started) >= Patience)
                throw new DiagnosticException(DiagnosticDescriptors.BalancerNotReady.Because($"In {cluster.Name}: {entrance.Problem}, for {Patience.TotalMinutes:0} min. Shares are as they were."));
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task<(EksEntrance Entrance, bool IsThere)> LookAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var entries = await entriesAsync(EksClusters.Describe(cluster, owner), cancellationToken);
        if (entries.Count == 0)
            return (new EksEntrance(cluster, [], [], []) { Problem = $"no name in {cluster.Name} that could lead to one cluster or another" }, false);
        var balancers = await _balancers.FindAsync([.. entries.Select(entry => entry.Balancer).OfType<string>()], cancellationToken);
        var entrance = new EksEntrance(cluster, entries, balancers, []);
        return entries.FirstOrDefault(entry => entry.Balancer is null || !balancers.Any(balancer => EksRecords.IsSame(balancer.DNSName, entry.Balancer))) is { } missing
            ? (entrance with { Problem = $"{missing.Name} has no balancer yet" }, false)
            : (entrance with { Problem = (await Task.WhenAll(balancers.Select(balancer => _balancers.ProblemAsync(balancer, cancellationToken)))).FirstOrDefault(text => text is not null) }, true);
    }
}
