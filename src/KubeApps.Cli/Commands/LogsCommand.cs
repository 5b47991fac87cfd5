using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;

namespace KubeApps.Cli.Commands;

/// <summary><c>logs</c>: of all pods of the app, each pod with its colour.</summary>
internal static class LogsCommand
{
    // Readable on dark and on light backgrounds.
    private static readonly string[] Colors = ["\x1b[36m", "\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[31m"];
    private const string Reset = "\x1b[0m";

    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines are written, also of pods that come later." };
        var tail = new Option<int?>("--tail") { Description = "Only the last lines of each container.", HelpName = "LINES" };
        var workload = new Option<string?>("--workload") { Description = "Only the pods of this workload.", HelpName = "NAME" };
        var container = new Option<string?>("--container", "-c") { Description = "Only containers of this name.", HelpName = "NAME" };
        var previous = new Option<bool>("--previous", "-p") { Description = "Of the run before the last restart." };
        var output = CommonOptions.Output("text, or each line as a line of JSON.", "text", "json");
        var command = new Command(
            "logs",
            """
            Print the logs of all pods of the app.

            Examples:
              dotnet kubeapp logs -f                    follow all pods
              dotnet kubeapp logs --workload web --tail 100
              dotnet kubeapp logs --previous            why did it crash?
            """);
        selection.AddTo(command);
        foreach (var option in (Option[])[follow, tail, workload, container, previous, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: false, cancellationToken);
            var query = new LogQuery(
                parsed.GetValue(follow), parsed.GetValue(tail), parsed.GetValue(workload), parsed.GetValue(container), parsed.GetValue(previous));
            return await PrintAsync(app, query, parsed.GetValue(output) == "json", terminal, cancellationToken);
        });
        return command;
    }

    private static async Task<int> PrintAsync(DeployedApp app, LogQuery query, bool isJson, Terminal terminal, CancellationToken cancellationToken)
    {
        var colors = new Dictionary<string, string>();
        try
        {
            await foreach (var line in new AppLogs(app.Connection.Client, terminal.Lines()).ReadAsync(app.Inventory, query, cancellationToken))
            {
                if (isJson)
                {
                    var document = Json.Document("LogLine");
                    document["pod"] = line.Pod;
                    document["workload"] = line.Workload;
                    document["container"] = line.Container;
                    document["text"] = line.Text;
                    Json.Write(terminal.Out, document, "json", isLine: true);
                }
                else
                {
                    if (!colors.TryGetValue(line.Pod, out var color))
                        colors[line.Pod] = color = Colors[colors.Count % Colors.Length];
                    var name = $"{line.Pod}/{line.Container}";
                    terminal.Out.WriteLine(terminal.UsesColor ? $"{color}{name}{Reset} {line.Text}" : $"{name} {line.Text}");
                }

                terminal.Out.Flush();
            }

            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled : ExitCodes.Done;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Cancelled;
        }
    }
}
