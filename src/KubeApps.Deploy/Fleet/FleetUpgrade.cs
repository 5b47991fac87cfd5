using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Fleet;

/// <summary>What an upgrade would do to a cluster, or did.</summary>
/// <param name="From">The version that it had; null where its provider does not say.</param>
/// <param name="To">The version that it shall have; the one that it had where that is newer.</param>
/// <param name="Plan">The steps, and what is worth knowing.</param>
internal sealed record FleetUpgrade(string? From, string To, ClusterPlan Plan)
{
    // Nodes were exchanged: pods that moved last may still be on their way up.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // Steps that are over in a moment are many, and say little.
    private static readonly TimeSpan Told = TimeSpan.FromMinutes(1);

    /// <summary>What would be done, as it is now.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="version">The version of Kubernetes that it shall have.</param>
    /// <param name="sink">Told what is worth knowing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DiagnosticException">It cannot be done.</exception>
    public static async Task<FleetUpgrade> PlanAsync(FleetCluster cluster, string version, IEventSink sink, CancellationToken cancellationToken)
    {
        var home = HomeOf(cluster);
        var known = home.RequireReady();
        await RequireUnheldAsync(home, home.Siblings, sink, cancellationToken);
        var plan = await home.Provider.PlanAsync(new ClusterChange.Upgrade(known.Name, known.Owner, version), cancellationToken);
        plan.RequireWay();
        foreach (var finding in plan.Findings)
            sink.Publish(new DeployEvent.DiagnosticRaised(finding));
        return new FleetUpgrade(known.Version, plan.IsNoOp ? known.Version ?? version : version, plan);
    }

    /// <summary>
    /// Plans it anew, for its turn may come hours after it was shown, does it, and looks whether the apps in the cluster are up: who comes next waits for that.
    /// </summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="version">The version of Kubernetes that it shall have.</param>
    /// <param name="sink">Told what happens.</param>
    /// <param name="cancellationToken">Ends the waiting: what AWS does already it does to its end, and the next run goes on from there.</param>
    /// <exception cref="DiagnosticException">A step fails, or an app does not come up.</exception>
    public static async Task<FleetUpgrade> RunAsync(FleetCluster cluster, string version, IEventSink sink, CancellationToken cancellationToken)
    {
        var upgrade = await PlanAsync(cluster, version, IgnoredEvents.Instance, cancellationToken);
        if (upgrade.Plan.IsNoOp)
            return upgrade;
        // One may have begun since all were listed.
        await RequireUnheldAsync(HomeOf(cluster), null, sink, cancellationToken);
        await HomeOf(cluster).Provider.ExecuteAsync(upgrade.Plan, new Steps(sink), cancellationToken);
        sink.Publish(new DeployEvent.StepStarted("apps", "Wait for the apps in it"));
        await AwaitAppsAsync(cluster, sink, cancellationToken);
        sink.Publish(new DeployEvent.Note($"{upgrade.From ?? "?"} → {version}."));
        return upgrade;
    }

    private static Task RequireUnheldAsync(FleetHome home, IReadOnlyList<AppCluster>? clusters, IEventSink sink, CancellationToken cancellationToken) =>
        new AppClusters(home.Provider, home.Cluster.Owner, sink).RequireUnheldAsync(home.Cluster.Name, clusters, cancellationToken);

    private static FleetHome HomeOf(FleetCluster cluster) =>
        cluster.Home ?? throw cluster.Unreadable ?? throw new ArgumentException($"{cluster.Title} is nobody's to upgrade.", nameof(cluster));

    private static async Task AwaitAppsAsync(FleetCluster cluster, IEventSink sink, CancellationToken cancellationToken)
    {
        using var connection = await cluster.ConnectAsync(sink, cancellationToken);
        // Of what was not well deployed before nobody expects it now.
        foreach (var app in (await new AppLocator(connection.Client).ListAsync(null, null, cancellationToken)).Where(app => app.IsComplete))
        {
            List<ObjectId> workloads = [.. app.Items.Select(item => item.Id).Where(id => id.Kind is "Deployment" or "StatefulSet" or "DaemonSet")];
            var outcome = await new RolloutWatcher(connection.Client, sink, home: app.Namespace).AwaitAsync(workloads, false, null, Patience, cancellationToken);
            if (outcome.IsSuccess)
                continue;
            foreach (var report in outcome.Reports)
                sink.Publish(new DeployEvent.WorkloadFailed(report));
            throw new DiagnosticException(DiagnosticDescriptors.FleetAppDown.Because(
                $"{app.App} ({app.Environment}) is not up after the upgrade of {cluster.Title}: {(outcome.Reports is [var first, ..] ? first.FirstLine : string.Join(", ", outcome.Pending))}"));
        }
    }

    /// <summary>Of many clusters, the steps that take their time are worth a line.</summary>
    private sealed class Steps(IEventSink sink) : IEventSink
    {
        public void Publish(DeployEvent deployEvent)
        {
            sink.Publish(deployEvent);
            if (deployEvent is DeployEvent.StepFinished { Elapsed: var elapsed } step && elapsed >= Told)
                sink.Publish(new DeployEvent.Note($"{step.Title}: {step.Summary} ({elapsed.TotalMinutes:0.#} min)."));
        }
    }
}
