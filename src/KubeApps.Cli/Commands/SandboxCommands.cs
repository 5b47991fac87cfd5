using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>dotnet kubeapp sandbox start|stop|status|reset|kubeconfig</c>.</summary>
internal static class SandboxCommands
{
    public static Command Create() => new(
        "sandbox",
        """
        The local environment: an image registry, a Kubernetes API, and pods as processes of this machine.

        Examples:
          dotnet kubeapp sandbox status     does it run, and where
          dotnet kubeapp sandbox stop       its content stays for the next start
        """)
    {
        Start(), Stop(), Status(), Reset(), Kubeconfig(),
    };

    private static Command Start()
    {
        var command = new Command("start", """
            Start the sandbox if it does not run. Every local deploy does this by itself.

            Examples:
              dotnet kubeapp sandbox start
              KUBEAPPS_SANDBOX_API_PORT=0 dotnet kubeapp sandbox start    on a free port
            """);
        command.SetAction((parsed, cancellationToken) => RunAsync(async (launcher, _) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var endpoint = await launcher.EnsureRunningAsync(new PlainRenderer(error), cancellationToken);
            await error.WriteLineAsync($"The sandbox runs: API {endpoint.ApiServer}, registry {endpoint.Registry}.");
            return 0;
        }));
        return command;
    }

    private static Command Stop()
    {
        var command = new Command("stop", """
            Stop the sandbox and its pods. What it holds stays; the pods start again with it.

            Examples:
              dotnet kubeapp sandbox stop
            """);
        command.SetAction((parsed, cancellationToken) => RunAsync(async (launcher, _) =>
        {
            var stopped = await launcher.StopAsync(cancellationToken);
            await parsed.InvocationConfiguration.Error.WriteLineAsync(stopped ? "The sandbox has stopped." : "The sandbox was not running.");
            return 0;
        }));
        return command;
    }

    private static Command Status()
    {
        var output = CommonOptions.Output("What stdout gets.", "text", "json", "yaml");
        var command = new Command("status", """
            Say whether the sandbox runs, and where. Exit code 0: it runs; 1: it does not.

            Examples:
              dotnet kubeapp sandbox status
              dotnet kubeapp sandbox status -o json
            """) { output };
        command.SetAction((parsed, cancellationToken) => RunAsync(async (launcher, _) =>
        {
            var status = await launcher.StatusAsync(cancellationToken);
            var endpoint = status.Endpoint;
            // Everything but the token.
            var document = Json.Document("SandboxStatus");
            document["state"] = Json.Camel(status.State);
            document["home"] = status.Home;
            document["pid"] = endpoint?.Pid;
            document["version"] = endpoint?.Version;
            document["apiServer"] = endpoint?.ApiServer;
            document["registry"] = endpoint?.Registry;
            document["kubeconfig"] = endpoint?.Kubeconfig;
            var console = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) != "text")
                Json.Write(console, document, parsed.GetValue(output)!);
            else
                foreach (var (name, value) in document.Skip(2).Where(field => field.Value is not null))
                    await console.WriteLineAsync($"{name + ":",-12}{value}");
            return status.State == SandboxState.Running ? 0 : 1;
        }));
        return command;
    }

    private static Command Reset()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("reset", """
            Stop the sandbox and delete all it holds: images, objects, logs.

            Examples:
              dotnet kubeapp sandbox reset       asks first
              dotnet kubeapp sandbox reset -y    does not ask
            """) { yes };
        command.SetAction((parsed, cancellationToken) => RunAsync(async (launcher, location) =>
        {
            if (!parsed.GetValue(yes) && !Confirm(parsed.InvocationConfiguration.Error, location))
                throw new DiagnosticException(DiagnosticDescriptors.SandboxResetNotConfirmed.Because("Nothing was deleted."));
            await launcher.ResetAsync(cancellationToken);
            await parsed.InvocationConfiguration.Error.WriteLineAsync("The sandbox is empty.");
            return 0;
        }));
        return command;
    }

    private static Command Kubeconfig()
    {
        var raw = new Option<bool>("--raw") { Description = "Print the content, not the path. It holds the token." };
        var command = new Command(
            "kubeconfig", """
            Print the path of a kubeconfig for the sandbox.

            Examples:
              kubectl --kubeconfig "$(dotnet kubeapp sandbox kubeconfig)" get pods
              dotnet kubeapp sandbox kubeconfig --raw > file    with the token
            """) { raw };
        command.SetAction((parsed, cancellationToken) => RunAsync(async (launcher, location) =>
        {
            var endpoint = (await launcher.StatusAsync(cancellationToken)).Endpoint ?? throw new DiagnosticException(
                DiagnosticDescriptors.SandboxNotRunning.Because($"No sandbox runs for {location.Home}."));
            var text = parsed.GetValue(raw) ? await File.ReadAllTextAsync(endpoint.Kubeconfig, cancellationToken) : endpoint.Kubeconfig;
            await parsed.InvocationConfiguration.Output.WriteLineAsync(text.TrimEnd());
            return 0;
        }));
        return command;
    }

    private static bool Confirm(TextWriter console, SandboxLocation location)
    {
        if (Console.IsInputRedirected)
            return false;
        console.Write($"Delete all images, objects and logs of the sandbox in {location.Folder}? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static Task<int> RunAsync(Func<SandboxLauncher, SandboxLocation, Task<int>> action)
    {
        var location = SandboxLocation.FromEnvironment();
        return action(new SandboxLauncher(location, TimeProvider.System), location);
    }
}
