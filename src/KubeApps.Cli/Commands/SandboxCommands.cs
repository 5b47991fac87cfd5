using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>dotnet kubeapp sandbox start|stop|status|reset|kubeconfig</c>.</summary>
internal static class SandboxCommands
{
    public static Command Create() => new("sandbox", "The local environment: an image registry, a Kubernetes API, and pods as processes of this machine.")
    {
        Start(), Stop(), Status(), Reset(), Kubeconfig(),
    };

    private static Command Start()
    {
        var command = new Command("start", "Start the sandbox if it does not run. Every local deploy does this by itself.");
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (launcher, _) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var endpoint = await launcher.EnsureRunningAsync(new NoteWriter(error), cancellationToken);
            await error.WriteLineAsync($"The sandbox runs: API {endpoint.ApiServer}, registry {endpoint.Registry}.");
            return 0;
        }));
        return command;
    }

    private static Command Stop()
    {
        var command = new Command("stop", "Stop the sandbox and its pods. What it holds stays; the pods start again with it.");
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (launcher, _) =>
        {
            var stopped = await launcher.StopAsync(cancellationToken);
            await parsed.InvocationConfiguration.Error.WriteLineAsync(stopped ? "The sandbox has stopped." : "The sandbox was not running.");
            return 0;
        }));
        return command;
    }

    private static Command Status()
    {
        var output = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("status", "Say whether the sandbox runs, and where. Exit code 0: it runs; 1: it does not.") { output };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (launcher, _) =>
        {
            var status = await launcher.StatusAsync(cancellationToken);
            var endpoint = status.Endpoint;
            var shown = new ShownStatus(
                status.State.ToString().ToLowerInvariant(), status.Home, endpoint?.Pid, endpoint?.Version, endpoint?.ApiServer, endpoint?.Registry, endpoint?.Kubeconfig);
            var console = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(output) == "json")
                await console.WriteLineAsync(JsonSerializer.Serialize(shown, SandboxStatusJson.Default.ShownStatus));
            else
                foreach (var (name, value) in shown.Lines())
                    await console.WriteLineAsync($"{name + ":",-12}{value}");
            return status.State == SandboxState.Running ? 0 : 1;
        }));
        return command;
    }

    private static Command Reset()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("reset", "Stop the sandbox and delete all it holds: images, objects, logs.") { yes };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (launcher, location) =>
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
            "kubeconfig", "Print the path of a kubeconfig: kubectl --kubeconfig \"$(dotnet kubeapp sandbox kubeconfig)\" get pods") { raw };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, async (launcher, location) =>
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

    private static async Task<int> RunAsync(ParseResult parsed, Func<SandboxLauncher, SandboxLocation, Task<int>> action)
    {
        try
        {
            var location = SandboxLocation.FromEnvironment();
            return await action(new SandboxLauncher(location, TimeProvider.System), location);
        }
        catch (DiagnosticException e)
        {
            foreach (var diagnostic in e.Diagnostics)
                await parsed.InvocationConfiguration.Error.WriteLineAsync(diagnostic.ToString());
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    private sealed class NoteWriter(TextWriter console) : IEventSink
    {
        public void Publish(DeployEvent deployEvent)
        {
            if (deployEvent is DeployEvent.Note note)
                console.WriteLine(note.Text);
        }
    }
}

/// <summary>What <c>sandbox status -o json</c> prints: everything but the token.</summary>
internal sealed record ShownStatus(
    string State, string Home, int? Pid, string? Version, string? ApiServer, string? Registry, string? Kubeconfig)
{
    public IEnumerable<(string Name, string Value)> Lines()
    {
        yield return ("state", State);
        yield return ("home", Home);
        if (Pid is not { } pid)
            yield break;
        yield return ("process", pid.ToString(CultureInfo.InvariantCulture));
        yield return ("version", Version!);
        yield return ("API", ApiServer!);
        yield return ("registry", Registry!);
        yield return ("kubeconfig", Kubeconfig!);
    }
}

[JsonSerializable(typeof(ShownStatus))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
internal sealed partial class SandboxStatusJson : JsonSerializerContext;
