using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters;

/// <summary>
/// Where clusters come from: EKS in an account and a region, or this machine. All that it knows of clusters is read from there, never from a file of ours. Who
/// opened it disposes of it; connections to its clusters outlive it.
/// </summary>
internal interface IClusterProvider : IDisposable
{
    /// <summary>For people: <c>EKS 123456789012/eu-central-1</c>, <c>this machine</c>.</summary>
    string Description { get; }

    /// <summary>Moves load between the clusters of an owner.</summary>
    ILoadSharing Load { get; }

    /// <summary>The clusters of an owner, or all of ours.</summary>
    Task<IReadOnlyList<AppCluster>> ListAsync(ClusterOwner? owner, CancellationToken cancellationToken);

    /// <summary>The names of all clusters there are, whoever owns them: those that a new one cannot have.</summary>
    async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) => [.. (await ListAsync(null, cancellationToken)).Select(cluster => cluster.Name)];

    /// <summary>What would be done. Writes nothing.</summary>
    Task<ClusterPlan> PlanAsync(ClusterChange change, CancellationToken cancellationToken);

    /// <summary>Does it, as far as it is not done: cut anywhere, it goes on when it is planned and done again.</summary>
    /// <exception cref="DiagnosticException">A step fails: which resource, the provider's reason, the fix.</exception>
    Task ExecuteAsync(ClusterPlan plan, IEventSink sink, CancellationToken cancellationToken);

    /// <summary>A way to its API.</summary>
    Task<ClusterConnection> ConnectAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken);

    /// <summary>A kubeconfig for it, with one context of its name, for kubectl and for people.</summary>
    Task<JsonObject> KubeconfigAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken);

    /// <summary>What is left of clusters that are gone, of an owner or of all.</summary>
    Task<IReadOnlyList<ClusterLeftover>> AuditAsync(ClusterOwner? owner, CancellationToken cancellationToken);

    /// <summary>Deletes what an audit has found and nothing needs.</summary>
    Task<IReadOnlyList<ClusterLeftover>> CollectAsync(IReadOnlyList<ClusterLeftover> leftovers, IEventSink sink, CancellationToken cancellationToken);
}

/// <summary>Who gets which share of an app's load.</summary>
internal interface ILoadSharing
{
    /// <summary>Where an owner's load arrives, whichever cluster gets it; null before the first share was set.</summary>
    Task<Uri?> AddressAsync(ClusterOwner owner, CancellationToken cancellationToken);

    /// <summary>Shares in percent by the name of the cluster; empty where none gets any.</summary>
    Task<IReadOnlyDictionary<string, int>> ReadAsync(ClusterOwner owner, CancellationToken cancellationToken);

    /// <summary>
    /// Sets all shares in one write: all of them hold, or none. A cluster with a share of 0 gets nothing new, and keeps the connections that it has; one
    /// that is not named has no part in the load any more. No share at all takes the address away.
    /// </summary>
    /// <param name="owner">Whose clusters they are.</param>
    /// <param name="shares">In percent by the name of the cluster.</param>
    /// <param name="newcomer">The cluster that load is moved to, which must be able to take it; null where it goes back to one that has served, or stays there: that is never refused.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is not well where load is, or goes back to.</returns>
    Task<IReadOnlyList<Diagnostic>> WriteAsync(ClusterOwner owner, IReadOnlyDictionary<string, int> shares, string? newcomer, CancellationToken cancellationToken);

    /// <summary>What would be in the way of shares, and what is worth knowing of them, before there is a cluster that could have one. Writes nothing.</summary>
    /// <param name="owner">Whose clusters they are.</param>
    /// <param name="environment">What will stand in the next one.</param>
    /// <param name="old">The cluster whose place that is to take; null: there is none.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    Task<IReadOnlyList<Diagnostic>> LookAheadAsync(ClusterOwner owner, BundleEnvironment environment, string? old, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Diagnostic>>([]);

    /// <summary>After what time it is known what arrived.</summary>
    TimeSpan Delay => TimeSpan.Zero;

    /// <summary>What arrives at a cluster's balancer still, whatever the shares say.</summary>
    Task<ArrivingLoad> MeasureAsync(AppCluster cluster, TimeSpan window, CancellationToken cancellationToken);
}

/// <param name="Window">The time that was looked at, up to what is known already: less than was asked for where nobody has counted for so long.</param>
/// <param name="Requests">How many requests arrived in it.</param>
/// <param name="Errors">How many of them were answered with 5xx, or not at all.</param>
internal sealed record ArrivingLoad(TimeSpan Window, long Requests, long Errors)
{
    /// <summary>How many requests, and connections that are none of HTTP, are under way now.</summary>
    public long UnderWay { get; init; }

    /// <summary>What went through what counts no open connections, in bytes: a websocket or a stream is one request at its beginning, and after that nothing else.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether what it arrived at tells errors from other answers.</summary>
    public bool CountsErrors { get; init; } = true;

    /// <summary>Whether there is anything at which it could arrive. Where there is not, nothing does; but how those are served who are led there, nobody can say.</summary>
    public bool HasEntrance { get; init; } = true;

    /// <summary>Whether anybody could say how what arrived was answered.</summary>
    public bool IsKnown => HasEntrance && Window > TimeSpan.Zero;
}
