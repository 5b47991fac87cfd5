using System.CommandLine;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>destroy</c>: takes away what deploys of the app created, and nothing else.</summary>
internal static class DestroyCommand
{
    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var yes = CommonOptions.Yes();
        var nonInteractive = CommonOptions.NonInteractive();
        var all = new Option<bool>("--all") { Description = "Also what cannot be brought back: the namespace, volume claims, custom resource definitions." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be deleted." };
        var transients = new TransientDestroy.Selection();
        var waitForLock = CommonOptions.WaitForLock();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "destroy",
            """
            Delete the app from its cluster: what its inventory names, object by object. Namespaces, volume claims and custom kinds stay.

            Examples:
              dotnet kubeapp destroy --dry-run
              dotnet kubeapp destroy storefront -y
              dotnet kubeapp destroy storefront --transient -n storefront-pr-7 -y        the environment of one pull request
              dotnet kubeapp destroy storefront --transient --older-than 7d --dry-run    those that nobody deployed for a week
            """);
        selection.AddTo(command);
        foreach (var option in (Option[])[yes, nonInteractive, all, dryRun, waitForLock, output])
            command.Add(option);
        transients.AddTo(command);
        var record = new RecordOptions();
        record.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var order = new Order(
                parsed.GetValue(all), parsed.GetValue(dryRun), parsed.GetValue(yes), terminal.CanAsk && !parsed.GetValue(nonInteractive), parsed.GetValue(waitForLock), parsed.GetValue(output)!,
                record.Order(parsed));
            if (transients.AreMeant(parsed))
            {
                var place = await DeployedApp.ConnectAsync(selection, parsed, terminal, writes: !order.IsDry, cancellationToken);
                using var connection = place.Connection;
                return await TransientDestroy.RunAsync(place, transients.Age(parsed), order with { IncludesKept = true, UnlessOpen = transients.UnlessOpen(parsed) }, terminal, cancellationToken);
            }

            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: !order.IsDry, cancellationToken);
            var (deleted, kept) = AppDestroyer.Plan(app.Inventory, order.IncludesKept);
            DeployRecord? recorded = null;
            if (!order.IsDry)
            {
                await ConfirmAsync(
                    $"{app.Inventory.App} ({app.Inventory.Environment}) on {app.Connection.Description}, namespace {app.Inventory.Namespace}: {deleted.Count} objects", order, terminal, cancellationToken);
                (_, recorded) = await DestroyAsync(app.Connection, app.Inventory, order, null, terminal, cancellationToken);
            }

            Show(terminal, app, deleted, kept, recorded, order.IsDry, order.Format);
            terminal.Step?.Destroyed(order.IsDry, _ => StepSummary.Of(app.Inventory, app.Connection.Description, deleted, kept, order.IsDry), recorded);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What was asked for, of one app or of several.</summary>
    /// <param name="IncludesKept">Also what cannot be brought back.</param>
    /// <param name="IsDry">Only say it.</param>
    /// <param name="IsConfirmed">Somebody said yes beforehand.</param>
    /// <param name="CanAsk">Whether somebody can be asked.</param>
    /// <param name="LockPatience">How long to wait for another run.</param>
    /// <param name="Format">What stdout gets.</param>
    /// <param name="Record">Whether and how it is recorded.</param>
    internal sealed record Order(bool IncludesKept, bool IsDry, bool IsConfirmed, bool CanAsk, TimeSpan? LockPatience, string Format, RecordOrder Record)
    {
        /// <summary>Whether nothing is to be destroyed where the pull request of the run is open.</summary>
        public bool UnlessOpen { get; init; }
    }

    /// <returns>Whether it was still meant, and what GitHub has of it; null where it is not recorded.</returns>
    internal static async Task<(bool IsDone, DeployRecord? Record)> DestroyAsync(
        ClusterConnection connection, Inventory inventory, Order order, Func<Inventory, CancellationToken, Task<bool>>? isMeant, Terminal terminal, CancellationToken cancellationToken)
    {
        using var renderer = terminal.Events();
        await using var records = await Recording.OpenAsync(terminal, order.Record, connection, renderer, cancellationToken);
        var record = records is null ? null : new DestroyRecord(connection.Client, records, renderer, Author.OfThisProcess(terminal.ReadVariable));
        var destroyer = new AppDestroyer(connection.Client, renderer)
        {
            Holder = LockHolder.Of("destroy", terminal.ReadVariable),
            LockPatience = order.LockPatience,
            MayBeInUpdate = connection.MayBeInUpdate,
            IsMeant = isMeant,
            Begun = record is null ? null : record.BeginAsync,
            Ended = record is null ? null : record.EndAsync,
        };
        var isDone = await destroyer.RunAsync(inventory, order.IncludesKept, cancellationToken) is not null;
        return (isDone, record?.Record);
    }

    internal static Task ConfirmAsync(string what, Order order, Terminal terminal, CancellationToken cancellationToken) =>
        order.IsConfirmed ? Task.CompletedTask : ConfirmAsync(what, order.CanAsk, terminal, cancellationToken);

    /// <exception cref="DiagnosticException">It is not to be deleted, or nobody can be asked.</exception>
    internal static async Task ConfirmAsync(string what, bool canAsk, Terminal terminal, CancellationToken cancellationToken)
    {
        if (!canAsk)
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because($"Nothing was deleted of {what}."));
        if (!await terminal.ConfirmAsync($"Delete {what}?", cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because(
                "Not confirmed; nothing was deleted.", nextStep: "Answer y to delete it, or confirm with -y."));
    }

    private static void Show(Terminal terminal, DeployedApp app, IReadOnlyList<InventoryItem> deleted, IReadOnlyList<InventoryItem> kept, DeployRecord? recorded, bool isDry, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("DestroyResult");
            document["app"] = app.Inventory.App;
            document["environment"] = app.Inventory.Environment;
            document["target"] = app.Connection.Description;
            document["dryRun"] = isDry;
            document["deleted"] = Json.Array(deleted, Of);
            document["kept"] = Json.Array(kept, Of);
            document["record"] = recorded is null ? null : Json.Of(recorded);
            Json.Write(terminal.Out, document, format);
            return;
        }

        if (isDry)
            foreach (var item in deleted)
                terminal.Out.WriteLine($"deleted   {item.Id}");
        foreach (var item in kept)
            terminal.Error.WriteLine($"kept      {item.Id}");
        if (!isDry)
            terminal.Error.WriteLine($"{app.Inventory.App} is gone from {app.Connection.Description}{(kept.Count == 0 ? "" : "; use --all to delete the rest")}.");
    }

    internal static System.Text.Json.Nodes.JsonObject Of(InventoryItem item) =>
        new() { ["kind"] = item.Id.Kind, ["namespace"] = item.Id.Namespace, ["name"] = item.Id.Name };
}
