using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>Load on this machine: an address for each app and environment at the edge proxy, which gives new connections to the clusters by their shares.</summary>
/// <param name="edge">The proxy.</param>
/// <param name="listAsync">The clusters of an owner.</param>
/// <param name="connectAsync">A way to one of them.</param>
internal sealed class SandboxLoadSharing(
    EdgeProxy edge,
    Func<ClusterOwner?, CancellationToken, Task<IReadOnlyList<AppCluster>>> listAsync,
    Func<AppCluster, IEventSink, CancellationToken, Task<ClusterConnection>> connectAsync) : ILoadSharing
{
    public async Task<Uri?> AddressAsync(ClusterOwner owner, CancellationToken cancellationToken)
    {
        if ((await edge.RoutesAsync(cancellationToken)).Of(owner) is not { } route)
            return null;
        await edge.StartAsync(cancellationToken);
        return route.Address;
    }

    public async Task<IReadOnlyDictionary<string, int>> ReadAsync(ClusterOwner owner, CancellationToken cancellationToken) =>
        (await edge.RoutesAsync(cancellationToken)).Of(owner)?.Targets.ToDictionary(target => target.Cluster, target => target.Share) ?? [];

    public async Task<IReadOnlyList<Diagnostic>> WriteAsync(ClusterOwner owner, IReadOnlyDictionary<string, int> shares, string? newcomer, CancellationToken cancellationToken)
    {
        var before = (await edge.RoutesAsync(cancellationToken)).Of(owner);
        if (shares.Values.Sum() == 0)
        {
            if (before is not null)
                await edge.DeleteAsync(owner, cancellationToken);
            return [];
        }

        var clusters = await listAsync(owner, cancellationToken);
        List<Diagnostic> unwell = [];
        var resolved = await Task.WhenAll(shares.Select(async share =>
        {
            try
            {
                return await ResolveAsync(owner, clusters.FirstOrDefault(cluster => cluster.Name == share.Key), share.Key, share.Value, before, cancellationToken);
            }
            // What has served stays where it was, and gets its load back there: there is nobody better.
            catch (Exception failure) when (failure is DiagnosticException or ApiException && share.Key != newcomer && clusters.Any(cluster => cluster.Name == share.Key) && before?.Targets.FirstOrDefault(target => target.Cluster == share.Key)?.Port is not null)
            {
                lock (unwell)
                    unwell.Add(DiagnosticDescriptors.LoadOfUnwell.Because($"{share.Key} has {share.Value} % of the load: {((failure as DiagnosticException)?.Diagnostics[0].Cause ?? failure.Message).TrimEnd('.')}."));
                return (Target: new EdgeTarget(share.Key, share.Value, before.Targets.First(target => target.Cluster == share.Key).Port), before.IsHttp);
            }
        }));
        await edge.PutAsync(owner, new WantedRoute(resolved.All(item => item.IsHttp), [.. resolved.Select(item => item.Target)]), cancellationToken);
        return unwell;
    }

    public async Task<ArrivingLoad> MeasureAsync(AppCluster cluster, TimeSpan window, CancellationToken cancellationToken)
    {
        // Without an address nothing can arrive.
        if ((await edge.RoutesAsync(cancellationToken)).Of(cluster.Owner) is null)
            return new ArrivingLoad(window, 0, 0);
        var load = await edge.MeasureAsync(cluster, window, cancellationToken);
        return new ArrivingLoad(TimeSpan.FromMilliseconds(load.WindowMilliseconds), load.Requests, load.Errors) { UnderWay = load.UnderWay };
    }

    /// <summary>Where the app is in a cluster. One without a share need not have it: it keeps the port by which connections to it are known.</summary>
    private async Task<(EdgeTarget Target, bool IsHttp)> ResolveAsync(
        ClusterOwner owner, AppCluster? cluster, string name, int share, EdgeRoute? before, CancellationToken cancellationToken)
    {
        if (share == 0)
            return (new EdgeTarget(name, 0, before?.Targets.FirstOrDefault(target => target.Cluster == name)?.Port), before?.IsHttp ?? true);
        if (cluster is null)
            throw new DiagnosticException(DiagnosticDescriptors.ClusterNotFound.Because($"{name} cannot get {share} % of the load of {owner.App} ({owner.Environment}): it is not there."));
        using var connection = await connectAsync(cluster, IgnoredEvents.Instance, cancellationToken);
        var inventories = await new AppLocator(connection.Client).FindAllAsync(owner.App, owner.Environment, null, cancellationToken);
        foreach (var inventory in inventories.OrderBy(inventory => inventory.IsTransient))
        {
            var urls = await AppAddresses.ReadAsync(connection.Client, inventory.Items.Select(item => item.Id), inventory.EntryService, cancellationToken);
            if (urls.Select(url => new Uri(url)).FirstOrDefault(url => url.IsLoopback) is { } address)
                return (new EdgeTarget(name, share, address.Port), address.Scheme == Uri.UriSchemeHttp);
        }

        throw new DiagnosticException(DiagnosticDescriptors.ClusterHasNoAddress.Because($"{name} has no address of {owner.App} ({owner.Environment}), and so cannot get {share} % of its load."));
    }
}
