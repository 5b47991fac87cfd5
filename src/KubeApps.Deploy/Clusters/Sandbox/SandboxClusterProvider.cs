using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Sandbox;

/// <summary>
/// Clusters on this machine: each is a sandbox, with a process, a port, an identity and a folder of its own. They run the images of the one registry that the
/// machine's sandbox has.
/// </summary>
/// <param name="sandbox">The machine's sandbox; its clusters lie beside it.</param>
/// <param name="clock">The time.</param>
internal sealed class SandboxClusterProvider(SandboxLocation sandbox, TimeProvider clock) : IClusterProvider
{
    private const string FolderKind = "Folder";
    private const string RouteKind = "Route";
    private const string Stopped = "It does not run; it starts when it is used.";
    private const string Unknown = "What it says of itself cannot be read: a newer version of the tool may have made it.";
    private const string Silent = "Its process runs but does not answer.";

    private static readonly TimeSpan LastAnswers = TimeSpan.FromSeconds(10);

    private SandboxLoadSharing? _load;

    public string Description => "this machine";

    public ILoadSharing Load => _load ??= new SandboxLoadSharing(new EdgeProxy(sandbox.Edge, clock), ListAsync, ConnectAsync);

    public async Task<IReadOnlyList<AppCluster>> ListAsync(ClusterOwner? owner, CancellationToken cancellationToken)
    {
        var clusters = await Task.WhenAll(SandboxClusterFolder.List(sandbox).Select(folder => DescribeAsync(folder, owner, cancellationToken)));
        return [.. clusters.OfType<AppCluster>()];
    }

    public async Task<ClusterPlan> PlanAsync(ClusterChange change, CancellationToken cancellationToken)
    {
        if (!ClusterNames.IsValid(change.Name))
            return SandboxClusterPlanner.Plan(change, new SandboxClusterSight(null, false, false, [], new Dictionary<string, int>()));
        var folder = new SandboxClusterFolder(sandbox.OfCluster(change.Name));
        var status = await Launcher(folder).StatusAsync(cancellationToken);
        var others = (await ListAsync(change.Owner, cancellationToken)).Select(cluster => cluster.Name).Where(name => name != change.Name);
        // One that does not answer is there to be stopped, and not to be used.
        var isRunning = change is ClusterChange.Remove ? status.State != SandboxState.Stopped : status.State == SandboxState.Running;
        var found = folder.Read()?.Describe(change.Name);
        return SandboxClusterPlanner.Plan(change, new SandboxClusterSight(
            found, folder.Exists, isRunning, [.. others], await Load.ReadAsync(change.Owner, cancellationToken))
        {
            IsUnknown = found is null && folder.IsSomebodys,
        });
    }

    public async Task ExecuteAsync(ClusterPlan plan, IEventSink sink, CancellationToken cancellationToken)
    {
        plan.RequireWay();
        var folder = new SandboxClusterFolder(sandbox.OfCluster(plan.Change.Name));
        await new ClusterStepRunner(sink, clock).RunAsync(plan.Steps, async (step, _, token) =>
        {
            await DoAsync(plan.Change, step, folder, sink, token);
            return "done";
        }, cancellationToken);
    }

    public async Task<ClusterConnection> ConnectAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken) =>
        Connect(cluster.Name, await StartAsync(cluster, sink, cancellationToken));

    public async Task<JsonObject> KubeconfigAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken)
    {
        var endpoint = await StartAsync(cluster, sink, cancellationToken);
        var authority = await File.ReadAllTextAsync(endpoint.CaCertificate, cancellationToken);
        return KubeconfigDocument.Of(cluster.Name, endpoint.ApiServer, authority, new JsonObject { ["token"] = endpoint.Token });
    }

    public async Task<IReadOnlyList<ClusterLeftover>> AuditAsync(ClusterOwner? owner, CancellationToken cancellationToken)
    {
        var folders = SandboxClusterFolder.List(sandbox);
        var routes = await EdgeRoutes.ReadAsync(sandbox.Edge.RoutesFile, cancellationToken);
        return
        [
            .. folders.Where(folder => folder.Read() is null && (owner is null || ClusterNames.IsOf(owner, folder.Name))).Select(folder =>
                new ClusterLeftover(FolderKind, folder.Location.Home, folder.Name) { Reason = folder.IsSomebodys ? Unknown : null }),
            .. from route in routes.Routes
               where owner is null || route.Owner == owner
               from target in route.Targets
               where folders.All(folder => folder.Name != target.Cluster)
               select new ClusterLeftover(RouteKind, $"{route.App}/{route.Environment}", target.Cluster),
        ];
    }

    public async Task<IReadOnlyList<ClusterLeftover>> CollectAsync(IReadOnlyList<ClusterLeftover> leftovers, IEventSink sink, CancellationToken cancellationToken)
    {
        // What they are is looked up anew: somebody may have made a cluster of it meanwhile.
        foreach (var leftover in (await AuditAsync(null, cancellationToken)).Where(item => item.Reason is null && leftovers.Contains(item)))
        {
            if (leftover.Kind == RouteKind && leftover.Id.Split('/') is [var app, var environment])
            {
                await LeaveAsync(new ClusterOwner(app, environment), leftover.Cluster, cancellationToken);
            }
            else
            {
                var folder = new SandboxClusterFolder(sandbox.OfCluster(leftover.Cluster));
                await Launcher(folder).StopAsync(cancellationToken);
                folder.Delete();
            }

            sink.Publish(new DeployEvent.ResourceChanged(leftover.Kind, null, leftover.Cluster, ResourceChange.Deleted));
        }

        return [.. (await AuditAsync(null, cancellationToken)).Where(leftovers.Contains)];
    }

    // It holds nothing: its clusters are processes of their own.
    public void Dispose()
    {
    }

    /// <summary>Takes a cluster out of the load; with the last one that has a share the address goes.</summary>
    private async Task LeaveAsync(ClusterOwner owner, string cluster, CancellationToken cancellationToken)
    {
        var others = (await Load.ReadAsync(owner, cancellationToken)).Where(share => share.Key != cluster).ToDictionary();
        await Load.WriteAsync(owner, others.Values.Sum() > 0 ? others : [], null, cancellationToken);
    }

    /// <summary>What was led there before is answered before it stops; connections that nobody ends are cut.</summary>
    private async Task AnswerLastAsync(AppCluster cluster, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while ((await Load.MeasureAsync(cluster, TimeSpan.FromSeconds(1), cancellationToken)).UnderWay > 0 && clock.GetElapsedTime(began) < LastAnswers)
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
    }

    private SandboxLauncher Launcher(SandboxClusterFolder folder) => new(folder.Location, clock);

    private async Task DoAsync(ClusterChange change, ClusterStep step, SandboxClusterFolder folder, IEventSink sink, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case { Id: SandboxClusterPlanner.Folder, Action: ClusterAction.Create }:
                folder.Write(new SandboxClusterTags(change.Owner.App, change.Owner.Environment, ClusterState.Creating, clock.GetUtcNow()));
                break;
            case { Id: SandboxClusterPlanner.ControlPlane, Action: ClusterAction.Create }:
                var endpoint = await Launcher(folder).EnsureRunningAsync(sink, cancellationToken);
                await BecomeReadyAsync(folder, endpoint, cancellationToken);
                break;
            case { Id: SandboxClusterPlanner.Load }:
                Mark(folder);
                await LeaveAsync(change.Owner, change.Name, cancellationToken);
                if (folder.Read()?.Describe(folder.Name) is { } leaving)
                    await AnswerLastAsync(leaving, cancellationToken);
                break;
            case { Id: SandboxClusterPlanner.ControlPlane, Action: ClusterAction.Delete }:
                Mark(folder);
                await Launcher(folder).StopAsync(cancellationToken);
                break;
            case { Id: SandboxClusterPlanner.Folder, Action: ClusterAction.Delete }:
                Mark(folder);
                folder.Delete();
                break;
        }
    }

    /// <summary>From here on it is no cluster that anything is deployed to, also when the deletion is cut.</summary>
    private static void Mark(SandboxClusterFolder folder)
    {
        if (folder.Read() is { State: not ClusterState.Deleting } tags)
            folder.Write(tags with { State = ClusterState.Deleting });
    }

    private async Task BecomeReadyAsync(SandboxClusterFolder folder, SandboxEndpoint endpoint, CancellationToken cancellationToken)
    {
        using var connection = Connect(folder.Name, endpoint);
        var system = await connection.Client.GetAsync(ResourceType.Namespace, null, "kube-system", cancellationToken);
        var version = await connection.Client.SendAsync(HttpMethod.Get, "/version", null, cancellationToken);
        if (folder.Read() is { } tags)
            folder.Write(tags with
            {
                State = ClusterState.Ready,
                Identity = (string?)system?["metadata"]?["uid"],
                Version = $"{(string?)version["major"]}.{(string?)version["minor"]}",
            });
    }

    // Only what is asked for is asked how it is: each deploy looks for clusters of its app here.
    private async Task<AppCluster?> DescribeAsync(SandboxClusterFolder folder, ClusterOwner? owner, CancellationToken cancellationToken)
    {
        if (folder.Read()?.Describe(folder.Name) is not { } cluster || (owner is not null && cluster.Owner != owner))
            return null;
        var status = await Launcher(folder).StatusAsync(cancellationToken);
        return (cluster.State, status.State) switch
        {
            (ClusterState.Ready, SandboxState.Stopped) => cluster with { Problem = Stopped },
            (ClusterState.Ready, SandboxState.Unresponsive) => cluster with { State = ClusterState.Failed, Problem = Silent },
            _ => cluster,
        };
    }

    private async Task<SandboxEndpoint> StartAsync(AppCluster cluster, IEventSink sink, CancellationToken cancellationToken)
    {
        var folder = new SandboxClusterFolder(sandbox.OfCluster(cluster.Name));
        // One that was deleted must not come back as an empty one.
        if (folder.Read()?.Describe(cluster.Name) is not { } found || found.Owner != cluster.Owner || found.State == ClusterState.Deleting)
            throw new DiagnosticException(DiagnosticDescriptors.ClusterNotFound.Because($"The cluster {cluster.Name} is gone from {Description}."));
        var endpoint = await Launcher(folder).EnsureRunningAsync(sink, cancellationToken);
        sink.Publish(new DeployEvent.SecretsLearned([endpoint.Token]));
        return endpoint;
    }

    private ClusterConnection Connect(string name, SandboxEndpoint endpoint)
    {
        X509Certificate2Collection authorities = [X509CertificateLoader.LoadCertificateFromFile(endpoint.CaCertificate)];
        return ClusterConnection.WithToken($"cluster {name}", endpoint.ApiServer, authorities, endpoint.Token, clock);
    }
}
