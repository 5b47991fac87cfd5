using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Api;

/// <summary>What the API keeps in order by itself, beside the controllers: owners, namespaces, definitions, quotas, old events.</summary>
internal sealed class Upkeep(Cluster cluster)
{
    private static readonly TimeSpan EventLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(5);

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(
                Task.Run(() => new GarbageCollector(cluster).RunAsync(cancellationToken), cancellationToken),
                Task.Run(() => new NamespaceLifecycle(cluster).RunAsync(cancellationToken), cancellationToken),
                Task.Run(() => new CustomResourceLifecycle(cluster).RunAsync(cancellationToken), cancellationToken),
                Task.Run(() => KeepQuotasAsync(cancellationToken), cancellationToken),
                Task.Run(() => ExpireEventsAsync(cancellationToken), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task KeepQuotasAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in cluster.Store.WatchAllAsync(cancellationToken))
        {
            // Events change all the time and nobody limits them.
            if (change.Key.Namespace is not { } ns || change.Key.Type == ResourceTypes.Event || cluster.Store.Count(ResourceTypes.ResourceQuota, ns) == 0)
                continue;
            foreach (var quota in cluster.Store.ListStored(ResourceTypes.ResourceQuota, ns).Items)
                Attempt.This(() => UpdateQuota(quota, ns));
        }
    }

    private void UpdateQuota(StoredObject quota, string ns)
    {
        if (quota.Value["spec"]?["hard"] is not JsonObject hard || ResourceQuotas.IsScoped(quota.Value))
            return;
        var used = new JsonObject();
        foreach (var (resource, amount) in ResourceQuotas.Used(cluster.Store, ns, hard))
            used[resource] = amount.ToString();
        var status = new JsonObject { ["hard"] = hard.DeepClone(), ["used"] = used };
        if (JsonNode.DeepEquals(status, quota.Value["status"]))
            return;
        cluster.UpdateStatus(quota.Key, "kube-controller-manager", value =>
        {
            value["status"] = status;
            return true;
        });
    }

    private async Task ExpireEventsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, cluster.Clock);
        do
        {
            var oldest = cluster.Clock.GetUtcNow() - EventLifetime;
            foreach (var item in cluster.Store.ListStored(ResourceTypes.Event, null).Items)
            {
                var last = item.Value["series"]?["lastObservedTime"] ?? item.Value["lastTimestamp"] ?? item.Value["eventTime"] ?? item.Value["metadata"]!["creationTimestamp"];
                if (Tables.HumanDuration.Parse(last) < oldest)
                    Attempt.This(() => cluster.Delete(item.Key));
            }

            cluster.ForgetExpiredEvents();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
