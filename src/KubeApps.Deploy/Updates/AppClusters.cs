using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>Finds which of an app's own clusters is meant where none is named.</summary>
/// <param name="provider">Where they come from.</param>
/// <param name="owner">Whose they are.</param>
/// <param name="sink">Told which one it is, where there are several.</param>
internal sealed class AppClusters(IClusterProvider provider, ClusterOwner owner, IEventSink sink)
{
    private string App => $"{owner.App} ({owner.Environment})";

    /// <summary>A way to the cluster that serves; null where the app has none of its own.</summary>
    /// <param name="writes">Whether something is to be changed there. Nothing is while a full update has the app's clusters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">None is ready, it cannot be told which one, or a full update is under way.</exception>
    public async Task<ClusterConnection?> ConnectAsync(bool writes, CancellationToken cancellationToken)
    {
        var clusters = await provider.ListAsync(owner, cancellationToken);
        if (clusters.Count == 0)
            return null;
        var ready = clusters.Where(cluster => cluster.State is ClusterState.Ready or ClusterState.Updating).ToList();
        if (ready.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.ClusterNotReady.Because(
                $"{App} has {Names(clusters)} on {provider.Description}: {string.Join(", ", clusters.Select(cluster => Word(cluster.State)).Distinct().Order(StringComparer.Ordinal))}."));
        var chosen = clusters.Count == 1 ? ready[0] : await ChooseAsync(clusters, ready, writes, cancellationToken);
        return await provider.ConnectAsync(chosen, sink, cancellationToken);
    }

    /// <summary>
    /// Keeps a cluster that a full update needs from being deleted by itself: the old one is the way back, and the new one gets load. Where only one of the two
    /// is left, and where the old one is being deleted, nothing is needed any more.
    /// </summary>
    /// <param name="name">The cluster that is to be deleted. One that cannot be looked at is not kept for that, and it is told.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <exception cref="DiagnosticException">A full update is under way.</exception>
    public async Task RequireNotNeededAsync(string name, CancellationToken cancellationToken)
    {
        if (await UpdateOfAsync(name, await provider.ListAsync(owner, cancellationToken), cancellationToken) is not { } found || found.Facts.Find(name)?.Unreadable is not null)
            return;
        var update = found.Update;
        if (name == update.To || (name == update.From && update.Phase != UpdatePhase.Retiring))
            throw UpdatesUnderWay.RefusalOfDeletion(owner.App, update, found.Facts.ShareOf(update.To));
    }

    /// <summary>
    /// Keeps the clusters of a full update as they are: the new one is what is being proved, and the old one what it is held against and the way back. Where only
    /// one of the two is left, or serves while the other one is being deleted, nothing is held against anything any more.
    /// </summary>
    /// <param name="name">The cluster that is to be changed. One that gives no answer is not kept for that, and it is told: what is to be changed may be that it answers.</param>
    /// <param name="clusters">The owner's clusters, where they were listed just now; null: they are listed.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <exception cref="DiagnosticException">A full update is under way.</exception>
    public async Task RequireUnheldAsync(string name, IReadOnlyList<AppCluster>? clusters, CancellationToken cancellationToken)
    {
        if (await UpdateOfAsync(name, clusters ?? await provider.ListAsync(owner, cancellationToken), cancellationToken) is not { Update: var update, Facts: var facts } || facts.Find(name)?.Unreadable is not null)
            return;
        if ((name == update.To || name == update.From) && !ServesAlone(name, update, facts))
            throw UpdatesUnderWay.RefusalOfChange(owner.App, update, facts.ShareOf(update.To));
    }

    // Once it is given up, what the new one has of the load must first have come back: that is written down before it is done.
    private static bool ServesAlone(string name, FullUpdate update, UpdateFacts facts) =>
        update.Phase == UpdatePhase.Retiring ? name == update.To : update.Phase == UpdatePhase.Aborting && name == update.From && facts.ShareOf(name) == 100;

    /// <summary>The full update that joins a cluster's siblings, as far as they tell of it; null: none is known.</summary>
    private async Task<(FullUpdate Update, UpdateFacts Facts)?> UpdateOfAsync(string name, IReadOnlyList<AppCluster> clusters, CancellationToken cancellationToken)
    {
        // Who is alone is in no update that could need another one.
        if (clusters.Count(cluster => cluster.Name != name) == 0)
            return null;
        var facts = new UpdateFacts(owner, await Task.WhenAll(clusters.Select(cluster => GlanceAsync(cluster, cancellationToken))), await SharesAsync(cancellationToken) ?? new Dictionary<string, int>());
        foreach (var silent in facts.Clusters.Where(cluster => cluster.Unreadable is not null))
            sink.Publish(new DeployEvent.Note($"{silent.Name} could not be asked whether a full update is under way: {silent.Unreadable!.Cause}"));
        return Situation(facts) is { From: not null, Update: { } update } ? (update, facts) : null;
    }

    private static UpdateSituation? Situation(UpdateFacts facts)
    {
        try
        {
            return UpdateSituation.Of(facts);
        }
        catch (DiagnosticException)
        {
            // No update joins them, or none that those tell of that answer.
            return null;
        }
    }

    private async Task<ClusterFacts> GlanceAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.State is ClusterState.Creating or ClusterState.Deleting)
            return new ClusterFacts(cluster, ClusterInside.Nothing);
        try
        {
            return await LookAsync(cluster, cancellationToken);
        }
        catch (ApiException refusal)
        {
            return new ClusterFacts(cluster, ClusterInside.Nothing, ApiDiagnostics.For(refusal, cluster.Name));
        }
    }

    private async Task<AppCluster> ChooseAsync(IReadOnlyList<AppCluster> clusters, IReadOnlyList<AppCluster> ready, bool writes, CancellationToken cancellationToken)
    {
        var shares = await SharesAsync(cancellationToken);
        int ShareOf(AppCluster cluster) => shares?.GetValueOrDefault(cluster.Name) ?? 0;
        var most = ready.Where(cluster => ShareOf(cluster) == ready.Max(ShareOf)).ToList();
        var chosen = !writes && most.Count == 1 ? most[0] : await AskAsync(ready, shares ?? new Dictionary<string, int>(), writes, cancellationToken);
        string Told(AppCluster cluster) => $"{cluster.Name} ({(ready.Contains(cluster) ? shares is null ? "share unknown" : $"{ShareOf(cluster)} % of the load" : Word(cluster.State))})";
        sink.Publish(new DeployEvent.Note($"{App} has several clusters: this is {Told(chosen)}; there is also {string.Join(", ", clusters.Where(cluster => cluster != chosen).Select(Told))}."));
        return chosen;
    }

    /// <summary>What the clusters themselves say: whose word counts is the one that is meant.</summary>
    private async Task<AppCluster> AskAsync(IReadOnlyList<AppCluster> ready, IReadOnlyDictionary<string, int> shares, bool writes, CancellationToken cancellationToken)
    {
        var facts = new UpdateFacts(owner, await Task.WhenAll(ready.Select(cluster => LookAsync(cluster, cancellationToken))), shares);
        if (ready.Count > 1 && facts.Clusters.All(cluster => cluster is { Update: null, Unreadable: null }))
            throw new DiagnosticException(DiagnosticDescriptors.ClusterAmbiguous.Because(
                $"{App} has several clusters on {provider.Description}, and no full update joins them: {Names(ready)}."));
        var at = UpdateSituation.Of(facts);
        if (writes && at.Update is { } update)
            throw UpdatesUnderWay.Refusal(owner.App, update, facts.ShareOf(update.To));
        return at.Main?.Cluster ?? ready[0];
    }

    private async Task<ClusterFacts> LookAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = await provider.ConnectAsync(cluster, sink, cancellationToken);
            foreach (var inventory in await new AppLocator(connection.Client).FindAllAsync(owner.App, owner.Environment, null, cancellationToken))
                return new ClusterFacts(cluster, new ClusterInside(await FullUpdateObject.ReadAsync(connection.Client, inventory.App, inventory.Namespace, cancellationToken), inventory));
            return new ClusterFacts(cluster, ClusterInside.Nothing);
        }
        catch (DiagnosticException failure) when (failure.Diagnostics[0].Code != DiagnosticDescriptors.UpdateStateUnreadable.Code)
        {
            return new ClusterFacts(cluster, ClusterInside.Nothing, failure.Diagnostics[0]);
        }
    }

    // Not everybody who may look into clusters may look into the DNS.
    private async Task<IReadOnlyDictionary<string, int>?> SharesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await provider.Load.ReadAsync(owner, cancellationToken);
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    private static string Names(IEnumerable<AppCluster> clusters) => string.Join(", ", clusters.Select(cluster => cluster.Name).Order(StringComparer.Ordinal));

    private static string Word(ClusterState state) => state.ToString().ToLowerInvariant();
}
