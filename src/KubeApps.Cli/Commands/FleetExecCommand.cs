using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet exec</c>: a program of this machine for each app, with a kubeconfig that leads to its cluster.</summary>
internal static class FleetExecCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new FleetOptions();
        var waves = new FleetWaveOptions(isCareful: false);
        var program = new Argument<string[]>("command") { Description = "The program and its arguments, after --. No shell is involved.", Arity = ArgumentArity.OneOrMore };
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "exec",
            """
            Run a program for each app of the fleet: kubectl, or whatever reads KUBECONFIG, which leads to the app's cluster and namespace. Exit code 1: one did not end with 0.

            Examples:
              dotnet kubeapp fleet exec --context 'prod-*' -- kubectl get pods
              dotnet kubeapp fleet exec --context '*' -l app=storefront --waves 1 --max-failures 1 -- kubectl rollout restart deployment/web
              dotnet kubeapp fleet exec --eks eu-central-1 -o json -- kubectl get nodes -o name
            """);
        command.Add(program);
        options.AddTo(command);
        waves.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var began = terminal.Clock.GetTimestamp();
            using var fleet = await options.FindAsync(parsed, terminal, cancellationToken);
            fleet.RequireApps();
            using var exec = new FleetExec(parsed.GetValue(program)!);
            var results = await FleetOptions.RunAsync(
                terminal, waves.Of(parsed, options.Order(parsed), fleet), "apps done", fleet, exec.RunAsync, execution => execution.ExitCode == 0, cancellationToken);
            FleetOptions.TellSkipped(terminal, fleet, results);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, Document(parsed.GetValue(program)!, fleet, results, terminal.Clock.GetElapsedTime(began)), format);
            else
                foreach (var result in results)
                    Write(terminal, result);
            return FleetOptions.ExitCode(fleet, results, cancellationToken);
        });
        return command;
    }

    // What belongs to which app is seen in each line, whatever is made of them then.
    private static void Write(Terminal terminal, FleetResult<FleetApp, FleetExecution> result)
    {
        foreach (var (text, isError) in result.Value?.Lines ?? [])
            (isError ? terminal.Error : terminal.Out).WriteLine($"{result.Item.Title}: {Printable.Of(text)}");
        if (result.Value is { IsCut: true })
            terminal.Error.WriteLine($"{result.Item.Title}: It wrote more, which is not shown.");
        if (result.Value is { ExitCode: { } exit and not 0 })
            terminal.Error.WriteLine($"{result.Item.Title}: It ended with code {exit}.");
    }

    private static JsonObject Document(string[] command, FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, FleetExecution>> results, TimeSpan elapsed)
    {
        var document = Json.Document("FleetExec");
        document["command"] = Json.Array(command, part => part);
        document["clusters"] = FleetJson.Clusters(fleet);
        document["apps"] = Json.Array(results, result =>
        {
            var item = FleetJson.Whose(result.Item);
            item["outcome"] = Json.Camel(result.Outcome);
            item["exitCode"] = result.Value?.ExitCode;
            item["stdout"] = Lines(result.Value, isError: false);
            item["stderr"] = Lines(result.Value, isError: true);
            item["truncated"] = result.Value?.IsCut ?? false;
            item["diagnostics"] = Json.Array(result.Problems, Json.Of);
            item["elapsedSeconds"] = Json.Seconds(result.Elapsed);
            return item;
        });
        document["elapsedSeconds"] = Json.Seconds(elapsed);
        return document;
    }

    private static JsonArray Lines(FleetExecution? execution, bool isError) => Json.Array(execution?.Lines.Where(line => line.IsError == isError) ?? [], line => line.Text);
}
