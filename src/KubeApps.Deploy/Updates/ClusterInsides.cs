using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Secrets;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Updates;

/// <summary>The inside of an app's clusters, by their Kubernetes API.</summary>
/// <param name="provider">Connects.</param>
/// <param name="app">The app, and the namespace in which it stands in all of them.</param>
/// <param name="sink">Told what happens.</param>
internal sealed class ClusterInsides(IClusterProvider provider, (string Name, string Namespace) app, IEventSink sink) : IClusterInsides, IUpdateShelf, IDisposable
{
    private const string SystemNamespace = "kube-system";

    private static readonly TimeSpan AddOnPatience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan WatchGrace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, ClusterConnection> _connections = [];
    private readonly SemaphoreSlim _connecting = new(1);

    /// <summary>How a version gets into a cluster; null for runs that bring none.</summary>
    public Func<ClusterConnection, IEventSink, CancellationToken, Task<DeployResult>>? Deploys { get; init; }

    /// <summary>Who holds the lock.</summary>
    public required LockHolder Holder { get; init; }

    /// <summary>How long to wait for another run; null does not.</summary>
    public TimeSpan? LockPatience { get; init; }

    /// <summary>Whether another run is asked to end what it does.</summary>
    public bool AsksHolder { get; init; }

    public async Task<ClusterInside> ReadAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        var update = FullUpdateObject.ReadAsync(client, app.Name, app.Namespace, cancellationToken);
        var inventory = InventoryStore.ReadAsync(client, app.Name, app.Namespace, cancellationToken);
        return new ClusterInside(await update, await inventory);
    }

    public async Task WriteAsync(AppCluster cluster, FullUpdate update, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        var content = FullUpdateObject.Of(update, app.Name, app.Namespace);
        try
        {
            await client.ApplyAsync(ResourceType.ConfigMap, content, dryRun: false, cancellationToken, force: true);
        }
        catch (ApiException refusal) when (refusal.IsNotFound)
        {
            await EnsureNamespaceAsync(client, cancellationToken);
            await client.ApplyAsync(ResourceType.ConfigMap, content, dryRun: false, cancellationToken, force: true);
        }
    }

    public async Task ForgetAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        if (await client.GetAsync(ResourceType.ConfigMap, app.Namespace, FullUpdateObject.NameOf(app.Name), cancellationToken) is { } stored)
            await client.DeleteAsync(ResourceType.ConfigMap, app.Namespace, FullUpdateObject.NameOf(app.Name), (string)stored["metadata"]!["uid"]!, "Background", cancellationToken);
    }

    public async Task PrepareAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        var addOns = new List<ObjectId>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.DaemonSet])
            addOns.AddRange((await client.ListAsync(type, SystemNamespace, null, cancellationToken)).Items.Select(ObjectId.Of));
        if (addOns.Count > 0)
            Require(await new RolloutWatcher(client, sink, home: SystemNamespace).AwaitAsync(addOns, false, null, AddOnPatience, cancellationToken), cluster);
    }

    /// <summary>
    /// Values that a deploy makes up are derived from the key of the app's namespace: with the same key the app has the same passwords in both
    /// clusters, and opens in the one what it closed in the other.
    /// </summary>
    public async Task CarryAsync(AppCluster from, AppCluster to, CancellationToken cancellationToken)
    {
        var (old, client) = ((await ConnectAsync(from, cancellationToken)).Client, (await ConnectAsync(to, cancellationToken)).Client);
        if (await HashKey.ReadAsync(old, app.Namespace, cancellationToken) is not { } key)
            return;
        await EnsureNamespaceAsync(client, cancellationToken);
        if (!await key.TryCreateAsync(client, cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.UpdateFailed.Because(
                $"The namespace {app.Namespace} of {to.Name} has a key of its own for secrets: what {from.Name} made up would be another there.", nextStep: "Abort with 'dotnet kubeapp abort --scope cluster', and deploy again."));
    }

    public async Task<DeployResult> DeployAsync(AppCluster cluster, CancellationToken cancellationToken) =>
        await Deploys!(await ConnectAsync(cluster, cancellationToken) with { MayBeInUpdate = true }, sink, cancellationToken);

    public async Task<IReadOnlyList<FailureReport>> WatchAsync(AppCluster cluster, TimeSpan time, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        if (await InventoryStore.ReadAsync(client, app.Name, app.Namespace, cancellationToken) is not { } inventory)
            throw new DiagnosticException(DiagnosticDescriptors.UpdateFailed.Because($"{app.Name} does not stand in {cluster.Name} any more."));
        List<ObjectId> workloads = [.. inventory.Items.Select(item => item.Id).Where(id => id.Kind is "Deployment" or "StatefulSet" or "DaemonSet")];
        // By its server's clock, as all times in it are: this machine's may be wrong.
        var until = client.Now + time;
        var checks = await StandingRelease.ReadAsync(client, inventory, cancellationToken) is { } release
            ? CheckPlan.Against(release, service => CheckTarget.LabelsOf(service.Content["spec"]?["selector"]), _ => null) : [];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var checking = CheckAsync(client, checks, until, over.Token);
        var watching = new RolloutWatcher(client, sink, home: app.Namespace).AwaitAsync(workloads, false, null, (time > TimeSpan.Zero ? time : TimeSpan.Zero) + WatchGrace, over.Token, until);
        try
        {
            if (await Task.WhenAny(checking, watching) == checking && await checking is { Count: > 0 } failed)
                return failed;
            var outcome = await watching;
            return outcome.IsSuccess ? await checking
                : outcome.Reports.Count > 0 ? outcome.Reports
                : throw new DiagnosticException(DiagnosticDescriptors.UpdateFailed.Because($"In {cluster.Name}: {string.Join(", ", outcome.Pending)}."));
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(checking, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task<DateTimeOffset> NowAsync(AppCluster cluster, CancellationToken cancellationToken) => (await ConnectAsync(cluster, cancellationToken)).Client.Now;

    public async Task<IUpdateLock> LockAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        var held = await new AppLock(client, sink, Holder) { AsksHolder = AsksHolder }.TakeAsync(app.Name, app.Namespace, LockPatience, cancellationToken);
        held.Listen();
        return new Held(held);
    }

    string IUpdateShelf.Namespace => app.Namespace;

    async Task<IReadOnlyList<Revision>> IUpdateShelf.RevisionsAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var client = (await ConnectAsync(cluster, cancellationToken)).Client;
        var inventory = InventoryStore.ReadAsync(client, app.Name, app.Namespace, cancellationToken);
        return RevisionRules.WithInventory(await new RevisionStore(client).ListAsync(app.Name, app.Namespace, cancellationToken), await inventory);
    }

    async Task<string?> IUpdateShelf.ReadUidAsync(AppCluster cluster, CancellationToken cancellationToken) =>
        await new RecordKeeper((await ConnectAsync(cluster, cancellationToken)).Client).ReadClusterAsync(cancellationToken);

    async Task IUpdateShelf.SetRecordAsync(AppCluster cluster, Revision revision, RecordMark mark, CancellationToken cancellationToken) =>
        await new RevisionStore((await ConnectAsync(cluster, cancellationToken)).Client).SetRecordAsync(revision, mark, cancellationToken);

    async Task IUpdateShelf.LeaveAsync(AppCluster cluster, string name, LeftRecord left, CancellationToken cancellationToken) =>
        await new LeftRecords((await ConnectAsync(cluster, cancellationToken)).Client).WriteAsync(name, app.Namespace, left, cancellationToken);

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _connecting.Dispose();
    }

    // Once at least, and then until time is up; what passes is no news.
    private async Task<IReadOnlyList<FailureReport>> CheckAsync(KubeClient client, IReadOnlyList<PlannedCheck> checks, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (checks.Count > 0)
        {
            var outcomes = await new CheckRunner(client, IgnoredEvents.Instance, Environment.CurrentDirectory).RunAsync("watch", checks, null, cancellationToken);
            if (outcomes.Select(outcome => outcome.Report).OfType<FailureReport>().ToList() is { Count: > 0 } reports)
                return reports;
            var left = until - client.Now;
            if (left <= TimeSpan.Zero)
                break;
            await Task.Delay(left < Pause ? left : Pause, client.Clock, cancellationToken);
        }

        return [];
    }

    private void Require(RolloutOutcome outcome, AppCluster cluster)
    {
        if (outcome.IsSuccess)
            return;
        foreach (var report in outcome.Reports)
            sink.Publish(new DeployEvent.WorkloadFailed(report));
        throw new DiagnosticException(outcome.Reports.Count > 0
            ? [.. outcome.Reports.Select(report => report.ToDiagnostic())]
            : [DiagnosticDescriptors.UpdateFailed.Because($"What {cluster.Name} itself needs does not come up: {string.Join(", ", outcome.Pending)}.")]);
    }

    private async Task EnsureNamespaceAsync(KubeClient client, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(ResourceType.Namespace, null, app.Namespace, cancellationToken) is null)
            await client.ApplyAsync(
                ResourceType.Namespace, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = app.Namespace } }, dryRun: false, cancellationToken);
    }

    private async Task<ClusterConnection> ConnectAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            // A cluster of the same name is another one when it was made anew.
            var key = $"{cluster.Name} {cluster.Identity}";
            return _connections.TryGetValue(key, out var known) ? known : _connections[key] = await provider.ConnectAsync(cluster, sink, cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private sealed class Held(HeldLock held) : IUpdateLock
    {
        public bool IsLost => held.Lost.IsCancellationRequested;

        public Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) => held.GuardAsync(work, cancellationToken);

        public ValueTask DisposeAsync() => held.DisposeAsync();
    }
}
