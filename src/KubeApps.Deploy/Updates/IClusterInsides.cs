using KubeApps.Deploy.Clusters;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>What a full update does inside of clusters. All of it can be done again.</summary>
internal interface IClusterInsides
{
    Task<ClusterInside> ReadAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Writes down how far the update is, also where nothing of the app stands yet.</summary>
    Task WriteAsync(AppCluster cluster, FullUpdate update, CancellationToken cancellationToken);

    /// <summary>Takes that away: the cluster is the only one.</summary>
    Task ForgetAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Waits until what the cluster itself needs is there.</summary>
    Task PrepareAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Gives the new cluster what must be the same as in the old one.</summary>
    Task CarryAsync(AppCluster from, AppCluster to, CancellationToken cancellationToken);

    /// <summary>Deploys, and runs all checks.</summary>
    Task<DeployResult> DeployAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Watches what stands for so long, and checks it again and again; once at least. Why it is not good; nothing where it is.</summary>
    Task<IReadOnlyList<FailureReport>> WatchAsync(AppCluster cluster, TimeSpan time, CancellationToken cancellationToken);

    /// <summary>The time by the cluster's own clock, which is the same for all machines that write down there since when something is.</summary>
    Task<DateTimeOffset> NowAsync(AppCluster cluster, CancellationToken cancellationToken);

    /// <summary>Keeps all other runs from the app in a cluster.</summary>
    Task<IUpdateLock> LockAsync(AppCluster cluster, CancellationToken cancellationToken);
}

/// <summary>A lock that is held. Disposing lets go of it.</summary>
internal interface IUpdateLock : IAsyncDisposable
{
    /// <summary>Whether another run may have taken it over.</summary>
    bool IsLost { get; }

    /// <summary>Does what only the holder may do: it is stopped when the lock is lost, or somebody asks for an end.</summary>
    Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken);
}
