using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;

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
        var record = new RecordOptions(RecordOrder.GitHub);
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "sync",
            """
            Deliver what GitHub does not have of the app's rollouts, and end the record of a run that is gone.

            Every deploy does so by itself; this is for the time between, and for the last step of a job, which runs whatever became of the deploy.

            Examples:
              dotnet kubeapp record sync
              dotnet kubeapp record sync storefront --context prod-eu
            """);
        selection.AddTo(command);
        record.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DeployedApp app;
            try
            {
                app = await DeployedApp.FindAsync(selection, parsed, terminal, cancellationToken);
            }
            catch (DiagnosticException failure) when (failure.Diagnostics[0].Code == DiagnosticDescriptors.AppNotFound.Code)
            {
                await DeliverLeftAsync(terminal, selection, record.Order(parsed), parsed, cancellationToken);
                terminal.Error.WriteLine(failure.Diagnostics[0].Cause);
                return ExitCodes.Done;
            }

            using (app)
            {
                IReadOnlyList<DeployRecord> delivered = [];
                using (var renderer = terminal.Events())
                {
                    await using var records = await Recording.OpenAsync(terminal, record.Order(parsed), app.Connection, renderer, cancellationToken);
                    if (records is not null)
                        delivered = await new RecordSync(app.Connection.Client, records, terminal.ReadVariable).RunAsync(app.Inventory, cancellationToken);
                }

                Show(terminal, app, delivered, parsed.GetValue(output)!);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    // An app that is gone may have left something.
    private static async Task DeliverLeftAsync(Terminal terminal, DeployedApp.Selection selection, RecordOrder order, ParseResult parsed, CancellationToken cancellationToken)
    {
        var place = await DeployedApp.ConnectAsync(selection, parsed, terminal, cancellationToken);
        using var connection = place.Connection;
        if (place.App is null || await new LeftRecords(connection.Client).ListAsync(place.App, place.Namespace, cancellationToken) is not { Count: > 0 } left)
            return;
        using var renderer = terminal.Events();
        await using var records = await Recording.OpenAsync(terminal, order, connection, renderer, cancellationToken);
        if (records is null)
            return;
        foreach (var ns in left)
            await records.DeliverLeftAsync(place.App, ns);
    }

    private static void Show(Terminal terminal, DeployedApp app, IReadOnlyList<DeployRecord> delivered, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("RecordSync");
            document["app"] = app.Inventory.App;
            document["environment"] = app.Inventory.Environment;
            document["target"] = app.Connection.Description;
            document["records"] = Json.Array(delivered, Json.Of);
            Json.Write(terminal.Out, document, format);
            return;
        }

        foreach (var item in delivered)
            terminal.Error.WriteLine($"{app.Inventory.App}: deployment {item.Id} of {item.Repository} ({item.Environment}) is {item.State}.");
        if (delivered.Count == 0)
            terminal.Error.WriteLine($"{app.Inventory.App}: nothing was delivered.");
    }
}
