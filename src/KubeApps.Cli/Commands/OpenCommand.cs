using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>open</c>: prints the address of the app, for a browser or a script.</summary>
internal static class OpenCommand
{
    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "open",
            """
            Print the address of the app.

            Examples:
              dotnet kubeapp open
              curl "$(dotnet kubeapp open storefront)"
            """);
        selection.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: false, cancellationToken);
            var status = await AppStatus.ReadAsync(app.Connection.Client, app.Inventory, app.Connection.Description, cancellationToken);
            if (parsed.GetValue(output) is { } format && format != "text")
            {
                var document = Json.Document("AppAddresses");
                document["app"] = app.Inventory.App;
                document["urls"] = Json.Array(status.Urls, url => url);
                Json.Write(terminal.Out, document, format);
                return ExitCodes.Done;
            }

            if (status.Urls.Count == 0)
                throw new DiagnosticException(DiagnosticDescriptors.NoAddress.Because($"{app.Inventory.App} has no address on {app.Connection.Description}."));
            terminal.Out.WriteLine(status.Urls[0]);
            return ExitCodes.Done;
        });
        return command;
    }
}
