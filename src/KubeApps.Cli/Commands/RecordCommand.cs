using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>record</c>: what GitHub has of an app's rollouts.</summary>
internal static class RecordCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "record",
            """
            The records of an app's rollouts on GitHub.

            Examples:
              dotnet kubeapp record sync
            """);
        command.Add(CreateSync(terminal));
        return command;
    }

    private static Command CreateSync(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var record = new RecordOptions(RecordOrder.GitHub, creates: false);
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "sync",
            """
            Deliver what GitHub does not have of the app's rollouts, and end the record of a run that is gone.

            Every deploy does so by itself; this is for the time between, and for the last step of a job, which runs whatever became of the deploy.

            Examples:
              dotnet kubeapp record sync
              dotnet kubeapp record sync storefront --context prod-eu      all environments of the app there, and what destroyed ones left
              dotnet kubeapp record sync -e prod --scope cluster           the record of a full update whose run is gone
            """);
        var scope = FullUpdateOptions.ScopeOption("Whose record: that of the app in its cluster, or that of a full update.");
        selection.AddTo(command);
        record.AddTo(command);
        command.Add(output);
        command.Add(scope);
        command.Validators.Add(result =>
        {
            foreach (var option in ((Option[])[selection.Target.Context, selection.Target.Kubeconfig]).Where(option => result.GetValue(scope) == "cluster" && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} does not go with --scope cluster.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (FullUpdateOptions.IsCluster(parsed, scope))
            {
                using var events = terminal.Events();
                var (owner, target, settled) = await FullUpdates.SettleRecordAsync(terminal, selection, parsed, record.Order(parsed), events, cancellationToken);
                if (settled is null)
                    terminal.Error.WriteLine($"{owner}: there is nothing to say of a full update.");
                Show(terminal, owner, [], target, settled is null ? [] : [settled], parsed.GetValue(output)!);
                return ExitCodes.Done;
            }

            var place = await DeployedApp.ConnectAsync(selection, parsed, terminal, writes: false, cancellationToken);
            using var connection = place.Connection;
            var app = place.App ?? ProjectFolder.TryFind(terminal.Directory)?.PublishedAppName();
            var found = await new AppLocator(connection.Client).FindAllAsync(app, place.Environment, place.Namespace, cancellationToken);
            var none = AppLocator.NotOne(found, app, place.Environment, place.Namespace, connection.Description);
            // All environments of an app are meant; another app may be anybody's.
            if (found.DistinctBy(item => item.App).Count() > 1)
                throw new DiagnosticException(none);
            app ??= found.FirstOrDefault()?.App;
            IReadOnlyList<DeployRecord> delivered;
            using (var renderer = terminal.Events())
                delivered = [
                    .. await SyncAsync(terminal, record.Order(parsed), connection, found, renderer, cancellationToken),
                    .. app is null ? [] : await DeliverLeftAsync(terminal, record.Order(parsed), connection, app, place.Namespace, found, renderer, cancellationToken),
                ];
            if (found.Count == 0)
                terminal.Error.WriteLine(none.Cause);
            Show(terminal, app, found, connection.Description, delivered, parsed.GetValue(output)!);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<DeployRecord>> SyncAsync(
        Terminal terminal, RecordOrder order, ClusterConnection connection, IReadOnlyList<Inventory> found, IEventSink sink, CancellationToken cancellationToken)
    {
        var delivered = new List<DeployRecord>();
        foreach (var inventory in found)
        {
            await using var records = await Recording.OpenAsync(terminal, order, connection, sink, cancellationToken);
            if (records is null)
                break;
            delivered.AddRange(await new RecordSync(connection.Client, records, terminal.ReadVariable).RunAsync(inventory, cancellationToken));
        }

        return delivered;
    }

    // Environments that are gone may have left something.
    private static async Task<IReadOnlyList<DeployRecord>> DeliverLeftAsync(
        Terminal terminal, RecordOrder order, ClusterConnection connection, string app, string? ns, IReadOnlyList<Inventory> found, IEventSink sink, CancellationToken cancellationToken)
    {
        var left = (await new LeftRecords(connection.Client).ListAsync(app, ns, cancellationToken)).Except(found.Select(item => item.Namespace)).ToList();
        if (left.Count == 0)
            return [];
        await using var records = await Recording.OpenAsync(terminal, order, connection, sink, cancellationToken);
        if (records is null)
            return [];
        var delivered = new List<DeployRecord>();
        foreach (var gone in left)
            delivered.AddRange(await records.DeliverLeftAsync(app, gone, LockHolder.Of("record", terminal.ReadVariable)));
        return delivered;
    }

    private static void Show(Terminal terminal, string? app, IReadOnlyList<Inventory> found, string target, IReadOnlyList<DeployRecord> delivered, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("RecordSync");
            document["app"] = app;
            document["environments"] = Json.Array(found, item => new JsonObject { ["environment"] = item.Environment, ["namespace"] = item.Namespace });
            document["target"] = target;
            document["records"] = Json.Array(delivered, Json.Of);
            Json.Write(terminal.Out, document, format);
            return;
        }

        foreach (var item in delivered)
            terminal.Error.WriteLine($"{app}: deployment {item.Id} of {item.Repository} ({item.Environment}) is {item.State}.");
        if (delivered.Count == 0 && found.Count > 0)
            terminal.Error.WriteLine($"{app}: nothing was delivered.");
    }
}
