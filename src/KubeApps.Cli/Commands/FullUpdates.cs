using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>Full updates on the command line: <c>deploy</c>, <c>promote</c> and <c>abort</c> with <c>--scope cluster</c>.</summary>
internal static class FullUpdates
{
    /// <summary>Gives the app a new cluster with the version that is built or given.</summary>
    public static Task<DeployResult> DeployAsync(
        Terminal terminal, DeploySource source, DeployOrder order, UpdateTerms terms, bool cleansUp, IEventSink sink, CancellationToken cancellationToken) =>
        ToldAsync(order.Environment, sink, async () =>
        {
            var bundle = await source.OpenAsync(terminal, order, sink, cancellationToken);
            var environment = BundleSource.EnvironmentOf(bundle, order.Environment);
            if (MovableApps.Look(bundle, environment).ToLookup(finding => finding.Severity == DiagnosticSeverity.Error) is var findings && findings[true].Any())
                throw new DiagnosticException([.. findings[true]]);
            foreach (var finding in findings[false])
                sink.Publish(new DeployEvent.DiagnosticRaised(finding));
            terms = terms with
            {
                Version = ReleaseObjects.Hash(ReleaseObjects.Of(environment, order.Namespace)),
                OneWayJobs = [.. environment.Objects.Select(ReleaseObject.Of).Where(item => item.IsOneWayJob).Select(item => item.Id.Name)],
                Commit = bundle.Commit,
                Soak = environment.Strategy.KeepOld ?? terms.Soak,
            };
            // In its own cluster there is nothing beside which it could stand.
            var request = new DeployRequest(bundle.WithStrategy("rolling"), environment.Name, order.Namespace, order.Timeout)
            {
                By = Author.OfThisProcess(terminal.ReadVariable),
                RollbackOnFailure = false,
                Policy = order.Policy,
                WaitForLock = order.WaitForLock,
            };
            using var provider = ClusterProviders.Open(environment.Target, terminal.Clock);
            using var insides = new ClusterInsides(provider, (bundle.App, order.Namespace ?? environment.Namespace), sink)
            {
                Holder = LockHolder.Of("deploy", terminal.ReadVariable),
                LockPatience = order.WaitForLock,
                Deploys = (connection, events, token) => new Deployer(connection, terminal.ReadVariable).RunAsync(request, events, token),
            };
            await using var records = order.DryRun ? null : await Recording.OpenAsync(terminal, order.Record, provider, insides, sink, cancellationToken);
            var world = new UpdateWorld(provider, insides, new ClusterOwner(bundle.App, environment.Name));
            var updater = new FullUpdater(world, SpecifiedClusters.Of(environment), records ?? sink, terminal.Clock)
            {
                ReturnsOnFailure = order.RollbackOnFailure,
                CleansUpOnFailure = cleansUp,
                Environment = environment,
                Records = records,
            };
            var wanted = new UpdateOrder.Deploy(terms, order.Hold || environment.Strategy.AutoPromote == false, order.Soak);
            var result = order.DryRun ? await updater.PlanAsync(wanted, cancellationToken) : await updater.RunAsync(wanted, cancellationToken);
            return result.ToDeployResult(provider.Description) with { Images = bundle.Published };
        }, cancellationToken);

    /// <summary>Ends a full update that another run began: all that is needed for it stands in the clusters.</summary>
    public static Task<DeployResult> EndAsync(
        Terminal terminal, DeployedApp.Selection selection, System.CommandLine.ParseResult parsed, UpdateOrder order, RecordOrder record, TimeSpan? waitForLock, IEventSink sink,
        CancellationToken cancellationToken) =>
        ToldAsync(parsed.GetValue(selection.Target.Environment), sink, async () =>
        {
            var (provider, owner, ns) = await FindAsync(terminal, selection, parsed, sink, cancellationToken);
            using var opened = provider;
            var aborts = order is UpdateOrder.Abort;
            using var insides = new ClusterInsides(provider, (owner.App, ns), sink)
            {
                Holder = LockHolder.Of(aborts ? "abort" : "promote", terminal.ReadVariable),
                // A run that is asked to end does so in a moment; one that is dead is known to be after half a minute.
                LockPatience = waitForLock ?? (aborts ? TimeSpan.FromMinutes(1) : null),
                AsksHolder = aborts,
            };
            var world = new UpdateWorld(provider, insides, owner);
            await using var records = await Recording.OpenAsync(terminal, record, provider, insides, sink, cancellationToken);
            var result = await new FullUpdater(world, null, records ?? sink, terminal.Clock) { Records = records }.RunAsync(order, cancellationToken);
            return result.ToDeployResult(provider.Description);
        }, cancellationToken);

    /// <summary>Ends the record of one whose run is gone: whose it is and where, and what GitHub has of it then; null where there was nothing to say.</summary>
    public static async Task<(string App, string Target, DeployRecord? Record)> SettleRecordAsync(
        Terminal terminal, DeployedApp.Selection selection, System.CommandLine.ParseResult parsed, RecordOrder record, IEventSink sink, CancellationToken cancellationToken)
    {
        var (provider, owner, ns) = await FindAsync(terminal, selection, parsed, sink, cancellationToken);
        using var opened = provider;
        var holder = LockHolder.Of("record", terminal.ReadVariable);
        using var insides = new ClusterInsides(provider, (owner.App, ns), sink) { Holder = holder };
        await using var records = await Recording.OpenAsync(terminal, record, provider, insides, sink, cancellationToken);
        return (owner.App, provider.Description, records is null ? null
            : await new FullUpdater(new UpdateWorld(provider, insides, owner), null, records, terminal.Clock) { Records = records }.SettleRecordAsync(holder.RunUrl, cancellationToken));
    }

    /// <summary>What a full update leaves on stdout and stderr.</summary>
    public static void Show(Terminal terminal, DeployResult result, UpdateResult update)
    {
        foreach (var line in FullUpdateText.Of(result, update))
            terminal.Error.WriteLine(line);
        if (result.ExitCode == ExitCodes.Done)
            foreach (var url in result.Urls)
                terminal.Out.WriteLine(url);
    }

    private static async Task<DeployResult> ToldAsync(
        string? environment, IEventSink sink, Func<Task<DeployResult>> run, CancellationToken cancellationToken)
    {
        var nothing = DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, "", environment ?? "local");
        try
        {
            return await run();
        }
        catch (PublishFailedException failure)
        {
            return nothing with { ExitCode = ExitCodes.Of(failure.Diagnostics[0]), Diagnostics = failure.Diagnostics };
        }
        catch (DiagnosticException failure)
        {
            foreach (var diagnostic in failure.Diagnostics)
                sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
            return nothing with { ExitCode = ExitCodes.Of(failure.Diagnostics[0]), Diagnostics = failure.Diagnostics };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return nothing with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }
    }

    private static async Task<(IClusterProvider Provider, ClusterOwner Owner, string Namespace)> FindAsync(
        Terminal terminal, DeployedApp.Selection selection, System.CommandLine.ParseResult parsed, IEventSink sink, CancellationToken cancellationToken)
    {
        var project = ProjectFolder.TryFind(terminal.Directory);
        var bundle = parsed.GetValue(selection.Bundle) is { } source ? await BundleSource.OpenAsync(source, terminal, startsSandbox: false, sink, cancellationToken) : project?.LastBundle();
        var environment = bundle is null ? null : BundleSource.EnvironmentOf(bundle, parsed.GetValue(selection.Target.Environment));
        var provider = ClusterProviders.Open(environment?.Target, terminal.Clock);
        try
        {
            var owner = new ClusterOwner(
                selection.App(parsed) ?? bundle?.App ?? project?.AppName ?? throw new DiagnosticException(DiagnosticDescriptors.AppNotChosen.Because("No app is named, and there is no project in the working directory.")),
                environment?.Name ?? parsed.GetValue(selection.Target.Environment) ?? "local");
            return (provider, owner, parsed.GetValue(selection.Target.Namespace) ?? environment?.Namespace ?? await NamespaceAsync(provider, owner, sink, cancellationToken));
        }
        catch
        {
            provider.Dispose();
            throw;
        }
    }

    // The same in all clusters of the app.
    private static async Task<string> NamespaceAsync(IClusterProvider provider, ClusterOwner owner, IEventSink sink, CancellationToken cancellationToken)
    {
        DiagnosticException? silent = null;
        foreach (var cluster in (await provider.ListAsync(owner, cancellationToken)).Where(cluster => cluster.State is ClusterState.Ready or ClusterState.Updating))
        {
            try
            {
                using var connection = await provider.ConnectAsync(cluster, sink, cancellationToken);
                if (await new AppLocator(connection.Client).FindAllAsync(owner.App, owner.Environment, null, cancellationToken) is [var only])
                    return only.Namespace;
            }
            catch (DiagnosticException failure)
            {
                // It may be the one that is to be given up; the others know, too.
                silent = failure;
            }
        }

        throw silent ?? new DiagnosticException(DiagnosticDescriptors.AppNotFound.Because($"{owner.App} stands in no cluster for '{owner.Environment}' on {provider.Description}."));
    }
}
