using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Clusters on EKS, in one account and region. All that is known of them is asked of AWS each time.</summary>
/// <param name="open">Enters AWS as the environment's target says: the account is held against it before anything is asked.</param>
/// <param name="place">For people: account and region.</param>
/// <param name="clock">The time.</param>
internal sealed class EksClusterProvider(Func<CancellationToken, Task<AwsAccess>> open, string place, TimeProvider clock) : IClusterProvider
{
    private static readonly TimeSpan CollectionLimit = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _entering = new(1);
    private readonly EksMemory _memory = new(clock);
    private AwsAccess? _access;
    private EksLoadSharing? _load;
    private IReadOnlyList<Aws.Eks.Cluster> _listed = [];

    /// <summary>How often AWS is asked how far something is.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The profile that kubectl's user is to take, where it is not the usual one.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether who was listed is entered without being described again: for whoever lists many, and enters them in the next moment.</summary>
    public bool EntersAsListed { get; init; }

    public string Description => $"EKS {place}";

    public ILoadSharing Load => _load ??= new EksLoadSharing(AccessAsync, EntriesAsync, clock) { HostsAsync = HostsAsync };

    public Task<IReadOnlyList<AppCluster>> ListAsync(ClusterOwner? owner, CancellationToken cancellationToken) => AskAsync("eks:ListClusters", async access =>
    {
        var clusters = await EksClusters.ListAsync(access.Eks, owner, cancellationToken);
        if (EntersAsListed)
            _listed = clusters;
        return (IReadOnlyList<AppCluster>)[.. clusters.Select(cluster => EksClusters.Describe(cluster, EksTags.OwnerOf(cluster.Tags)!)).OrderBy(cluster => cluster.Name, StringComparer.Ordinal)];
    }, cancellationToken);

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => AskAsync("eks:ListClusters", access => EksClusters.NamesAsync(access.Eks, cancellationToken), cancellationToken);

    public Task<ClusterPlan> PlanAsync(ClusterChange change, CancellationToken cancellationToken) => AskAsync(
        $"the plan of {change.Name}", async access =>
        {
            var observed = await new EksObserver(access, _memory).ObserveAsync(change, cancellationToken);
            if (change is ClusterChange.Remove)
                observed = observed with { Shares = await Load.ReadAsync(change.Owner, cancellationToken) };
            return EksPlanner.Plan(change, observed, EksPrices.Table);
        }, cancellationToken);

    public async Task ExecuteAsync(ClusterPlan plan, IEventSink sink, CancellationToken cancellationToken)
    {
        plan.RequireWay();
        var (access, change) = (await AccessAsync(cancellationToken), plan.Change);
        var finder = new EksFinder(access, change.Name, change.Owner);
        var worker = new EksWorker(finder, (change as ClusterChange.Ensure)?.Specification, cluster => EksConnection.Open(access, cluster, sink, clock), clock) { Poll = Poll, Load = Load };
        var steps = plan.Steps.Cast<EksStep>().ToList();
        sink.Publish(new DeployEvent.PlanReady(change.Owner.App, change.Owner.Environment, Description, [.. steps.Select(step => new PlannedStep(step.Id, step.Title, step.Timeout))]));
        await new ClusterStepRunner(sink, clock).RunAsync(steps, worker.DoAsync, cancellationToken);
    }

    public Task<ClusterConnection> ConnectAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken) => AskAsync(
        "eks:DescribeCluster", async access => EksConnection.Open(access, await ReadyAsync(access, cluster, cancellationToken), sink, clock), cancellationToken);

    public Task<JsonObject> KubeconfigAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken) => AskAsync(
        "eks:DescribeCluster",
        async access => EksConnection.Kubeconfig(access.Identity, await ReadyAsync(access, cluster, cancellationToken), Profile ?? Environment.GetEnvironmentVariable("AWS_PROFILE")), cancellationToken);

    public Task<IReadOnlyList<ClusterLeftover>> AuditAsync(ClusterOwner? owner, CancellationToken cancellationToken) =>
        AskAsync("the audit", access => new EksAudit(access).OrphansAsync(owner, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<ClusterLeftover>> CollectAsync(IReadOnlyList<ClusterLeftover> leftovers, IEventSink sink, CancellationToken cancellationToken)
    {
        var access = await AccessAsync(cancellationToken);
        List<ClusterLeftover> needed = [];
        // Balancers before the security groups that they use, and the networks that all of this is in last.
        foreach (var group in leftovers.Where(item => item.Reason is null).GroupBy(item => item.Cluster).OrderBy(group => group.Any(item => item.Kind == EksAudit.Network)))
        {
            var worker = new EksWorker(new EksFinder(access, group.Key, OwnerOf(group)), null, cluster => EksConnection.Open(access, cluster, sink, clock), clock) { Poll = Poll };
            var step = EksStep.Of($"gc/{group.Key}", $"Delete what {group.Key} has left", ClusterAction.Delete, new EksWork.DeleteRemains(), TimeSpan.FromMinutes(1), CollectionLimit);
            await new ClusterStepRunner(sink, clock).RunAsync([step], async (_, progress, token) =>
            {
                var deleted = 0;
                foreach (var item in group.OrderBy(item => item.Kind is EksAudit.SecurityGroup or EksAudit.Interface or EksAudit.Role))
                {
                    if (await UserAsync(worker, item, progress, token) is { } user)
                    {
                        needed.Add(item);
                        sink.Publish(new DeployEvent.Note($"{item.Kind} {item.Id} stays: {user}."));
                        continue;
                    }

                    await worker.DeleteAsync(item, progress, token);
                    sink.Publish(new DeployEvent.ResourceChanged(item.Kind, null, item.Id, ResourceChange.Deleted));
                    deleted++;
                }

                return $"{deleted} deleted";
            }, cancellationToken);
        }

        List<ClusterLeftover> rest = [];
        foreach (var group in leftovers.GroupBy(item => item.Cluster))
            rest.AddRange((await new EksAudit(access).OfAsync(group.Key, OwnerOf(group), cancellationToken)).Where(group.Contains));
        if (leftovers.Any(item => item.Kind == EksAudit.DnsRecord))
            rest.AddRange((await new EksAudit(access).RecordsAsync(cancellationToken)).Where(leftovers.Contains));
        if (leftovers.Any(item => item.Kind == EksAudit.Network))
            rest.AddRange((await new EksAudit(access).OrphanedNetworksAsync(null, cancellationToken)).Where(leftovers.Contains));
        return [.. rest.Except(needed)];

        // The audit is as old as the question whether all of this is to be deleted. A cluster that was made anew has its roles by their names, from before.
        async Task<string?> UserAsync(EksWorker worker, ClusterLeftover item, StepProgress progress, CancellationToken token) =>
            item.Kind == EksAudit.Network ? await worker.NetworkUsersAsync(progress, token)
            : await EksClusters.FindAsync(access.Eks, item.Cluster, token) is not null ? $"{item.Cluster} is there again" : null;

        // What only controllers have written their names on says no owner.
        static ClusterOwner OwnerOf(IEnumerable<ClusterLeftover> items) => items.Select(item => item.Owner).FirstOrDefault(owner => owner is not null) ?? new ClusterOwner("", "");
    }

    public void Dispose()
    {
        _access?.Dispose();
        _entering.Dispose();
    }

    private async Task<Aws.Eks.Cluster> ReadyAsync(AwsAccess access, AppCluster cluster, CancellationToken cancellationToken) =>
        _listed.FirstOrDefault(item => item.Arn == cluster.Identity && item.CreatedAt == cluster.CreatedAt && item.Endpoint is not null)
        ?? (await EksClusters.FindAsync(access.Eks, cluster.Name, cancellationToken) is { Endpoint: not null } found && found.Arn == (cluster.Identity ?? found.Arn)
            ? found
            : throw new DiagnosticException(DiagnosticDescriptors.ClusterNotFound.Because($"The cluster {cluster.Name} is gone, or not ready.")));

    private async Task<IReadOnlyList<EksEntry>> EntriesAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(cluster, IgnoredEvents.Instance, cancellationToken);
        return await EksEntry.ReadAsync(connection.Client, cluster.Owner, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> HostsAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(cluster, IgnoredEvents.Instance, cancellationToken);
        return await EksEntry.HostsAsync(connection.Client, cluster.Owner, cancellationToken);
    }

    private async Task<AwsAccess> AccessAsync(CancellationToken cancellationToken)
    {
        await _entering.WaitAsync(cancellationToken);
        try
        {
            return _access ??= await open(cancellationToken);
        }
        finally
        {
            _entering.Release();
        }
    }

    private async Task<T> AskAsync<T>(string what, Func<AwsAccess, Task<T>> ask, CancellationToken cancellationToken)
    {
        var access = await AccessAsync(cancellationToken);
        return await access.AskAsync(what, () => ask(access), cancellationToken);
    }
}
