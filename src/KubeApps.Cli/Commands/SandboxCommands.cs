using System.CommandLine;
using System.Globalization;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>sandbox start|stop|status|reset|kubeconfig</c>. As a document, each gives the sandbox's state as it is afterwards.</summary>
internal static class SandboxCommands
{
    public static Command Create(Terminal terminal) => new(
        "sandbox",
        """
        The local environment: an image registry, a Kubernetes API, and pods as processes of this machine.

        Examples:
          dotnet kubeapp sandbox start
          dotnet kubeapp sandbox status -o json
          export KUBECONFIG="$(dotnet kubeapp sandbox kubeconfig)"
        """)
    {
        Start(terminal), Stop(terminal), Status(terminal), Reset(terminal), Kubeconfig(terminal),
    };

    private static Command Start(Terminal terminal)
    {
        var output = Output();
        var command = new Command(
            "start",
            """
            Start the sandbox if it does not run. Every local deploy does this by itself.

            Examples:
              dotnet kubeapp sandbox start
              KUBEAPPS_SANDBOX_API_PORT=0 KUBEAPPS_SANDBOX_REGISTRY_PORT=0 dotnet kubeapp sandbox start    on any free ports
            """)
        {
            output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var launcher = Launcher(terminal);
            var before = (await launcher.StatusAsync(cancellationToken)).Endpoint;
            var endpoint = await launcher.EnsureRunningAsync(terminal.Lines(), cancellationToken);
            // A start tells where it runs by itself.
            if (endpoint.Pid == before?.Pid)
                terminal.Error.WriteLine($"The sandbox runs already: API {endpoint.ApiServer}, registry {endpoint.Registry}.");
            return await DoneAsync(terminal, launcher, parsed.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static Command Stop(Terminal terminal)
    {
        var output = Output();
        var command = new Command(
            "stop",
            """
            Stop the sandbox and its pods. What it holds stays; the pods start again with it.

            Examples:
              dotnet kubeapp sandbox stop
            """)
        {
            output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var launcher = Launcher(terminal);
            terminal.Error.WriteLine(await launcher.StopAsync(cancellationToken) ? "The sandbox has stopped." : "The sandbox was not running.");
            return await DoneAsync(terminal, launcher, parsed.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static Command Status(Terminal terminal)
    {
        var output = Output();
        var command = new Command(
            "status",
            """
            Say whether the sandbox runs, and where. Exit code 0: it runs; 1: it does not.

            Examples:
              dotnet kubeapp sandbox status
              dotnet kubeapp sandbox status -o json | jq -r .registry
            """)
        {
            output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var status = await Launcher(terminal).StatusAsync(cancellationToken);
            if (parsed.GetValue(output) is { } format && format != "text")
                Json.Write(terminal.Out, Json.Of(status), format);
            else
                foreach (var (name, value) in Lines(status))
                    terminal.Out.WriteLine($"{name + ":",-12}{value}");
            return status.State == SandboxState.Running ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command Reset(Terminal terminal)
    {
        var yes = CommonOptions.Yes();
        var nonInteractive = CommonOptions.NonInteractive();
        var output = Output();
        var command = new Command(
            "reset",
            """
            Stop the sandbox and delete all it holds: images, objects, logs.

            Examples:
              dotnet kubeapp sandbox reset -y
            """)
        {
            yes, nonInteractive, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (launcher, folder) = (Launcher(terminal), SandboxLocation.FromEnvironment().Folder);
            var canAsk = terminal.CanAsk && !parsed.GetValue(nonInteractive);
            if (!parsed.GetValue(yes)
                && !(canAsk && await terminal.ConfirmAsync($"Delete all images, objects and logs of the sandbox in {folder}?", cancellationToken)))
                throw new DiagnosticException(DiagnosticDescriptors.SandboxResetNotConfirmed.Because("Nothing was deleted."));
            await launcher.ResetAsync(cancellationToken);
            terminal.Error.WriteLine("The sandbox is empty.");
            return await DoneAsync(terminal, launcher, parsed.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static Command Kubeconfig(Terminal terminal)
    {
        var raw = new Option<bool>("--raw") { Description = "Print the content, not the path. It holds the token." };
        var output = Output();
        var command = new Command(
            "kubeconfig",
            """
            Print the path of a kubeconfig for the sandbox.

            Examples:
              kubectl --kubeconfig "$(dotnet kubeapp sandbox kubeconfig)" get pods -A
              dotnet kubeapp sandbox kubeconfig --raw > sandbox.yaml
            """)
        {
            raw, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var status = await Launcher(terminal).StatusAsync(cancellationToken);
            var path = status.Endpoint?.Kubeconfig
                ?? throw new DiagnosticException(DiagnosticDescriptors.SandboxNotRunning.Because($"No sandbox runs for {status.Home}."));
            var content = parsed.GetValue(raw) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
            if (parsed.GetValue(output) is { } format && format != "text")
            {
                var document = Json.Document("SandboxKubeconfig");
                document["path"] = path;
                document["content"] = content;
                Json.Write(terminal.Out, document, format);
            }
            else
            {
                terminal.Out.WriteLine((content ?? path).TrimEnd());
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<string> Output() => CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");

    private static SandboxLauncher Launcher(Terminal terminal) => new(SandboxLocation.FromEnvironment(), terminal.Clock);

    private static async Task<int> DoneAsync(Terminal terminal, SandboxLauncher launcher, string format, CancellationToken cancellationToken)
    {
        if (format != "text")
            Json.Write(terminal.Out, Json.Of(await launcher.StatusAsync(cancellationToken)), format);
        return ExitCodes.Done;
    }

    private static IEnumerable<(string Name, string Value)> Lines(SandboxStatus status)
    {
        yield return ("state", status.State.ToString().ToLowerInvariant());
        yield return ("home", status.Home);
        if (status.Endpoint is not { } endpoint)
            yield break;
        yield return ("process", endpoint.Pid.ToString(CultureInfo.InvariantCulture));
        yield return ("version", endpoint.Version);
        yield return ("API", endpoint.ApiServer);
        yield return ("registry", endpoint.Registry);
        yield return ("kubeconfig", endpoint.Kubeconfig);
    }
}
