using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
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
        var waitForLock = CommonOptions.WaitForLock();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "destroy",
            """
            Delete the app from its cluster: what its inventory names, object by object. Namespaces, volume claims and custom kinds stay.

            Examples:
              dotnet kubeapp destroy --dry-run
              dotnet kubeapp destroy storefront -y
            """);
        selection.AddTo(command);
        foreach (var option in (Option[])[yes, nonInteractive, all, dryRun, waitForLock, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, cancellationToken);
            var (deleted, kept) = AppDestroyer.Plan(app.Inventory, parsed.GetValue(all));
            var isDry = parsed.GetValue(dryRun);
            var format = parsed.GetValue(output)!;
            if (!isDry && !parsed.GetValue(yes))
                await ConfirmAsync(app, deleted, terminal, terminal.CanAsk && !parsed.GetValue(nonInteractive), cancellationToken);
            if (!isDry)
            {
                using var renderer = terminal.Events();
                var destroyer = new AppDestroyer(app.Connection.Client, renderer)
                {
                    Holder = LockHolder.Of("destroy", terminal.ReadVariable),
                    LockPatience = parsed.GetValue(waitForLock),
                };
                await destroyer.RunAsync(app.Inventory, parsed.GetValue(all), cancellationToken);
            }

            Show(terminal, app, deleted, kept, isDry, format);
            terminal.Step?.End(isDry ? "planned" : "destroyed");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task ConfirmAsync(
        DeployedApp app, IReadOnlyList<InventoryItem> deleted, Terminal terminal, bool canAsk, CancellationToken cancellationToken)
    {
        var what = $"{app.Inventory.App} ({app.Inventory.Environment}) on {app.Connection.Description}, namespace {app.Inventory.Namespace}: {deleted.Count} objects";
        if (!canAsk)
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because($"Nothing was deleted of {what}."));
        if (!await terminal.ConfirmAsync($"Delete {what}?", cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because(
                "Not confirmed; nothing was deleted.", nextStep: "Answer y to delete it, or confirm with -y."));
    }

    private static void Show(Terminal terminal, DeployedApp app, IReadOnlyList<InventoryItem> deleted, IReadOnlyList<InventoryItem> kept, bool isDry, string format)
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

    private static System.Text.Json.Nodes.JsonObject Of(InventoryItem item) =>
        new() { ["kind"] = item.Id.Kind, ["namespace"] = item.Id.Namespace, ["name"] = item.Id.Name };
}
