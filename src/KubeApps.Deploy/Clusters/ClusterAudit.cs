namespace KubeApps.Deploy.Clusters;

/// <summary>Looks for what a cluster has left that was deleted just now.</summary>
internal static class ClusterAudit
{
    // Lists show for seconds what is gone already.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <returns>What is still there after the time in which lists are late; where nothing is, that is known at once.</returns>
    public static async Task<IReadOnlyList<ClusterLeftover>> OfDeletedAsync(IClusterProvider provider, string name, ClusterOwner owner, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var since = clock.GetTimestamp(); ; await Task.Delay(Pause, clock, cancellationToken))
        {
            var found = (await provider.AuditAsync(owner, cancellationToken)).Where(item => item.Cluster == name).ToList();
            // What has a reason to stay, stays.
            if (found.All(item => item.Reason is not null) || clock.GetElapsedTime(since) >= Patience)
                return found;
        }
    }
}
