using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>deploy</c>: from a project (through the SDK) or from a bundle.</summary>
internal static class DeployCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var bundle = CommonOptions.Bundle();
        var project = CommonOptions.Project();
        var output = CommonOptions.Output("What stdout gets: nothing but the address, one document, or every event as a line of JSON.", "text", "json", "yaml", "jsonl");
        var timeout = CommonOptions.Timeout();
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, as the cluster sees it; change nothing." };
        var strategy = new Option<string?>("--strategy") { Description = "How to get to the new version. Default: what the specification says.", HelpName = "rolling" };
        strategy.AcceptOnlyFromAmong("rolling");
        var yes = CommonOptions.Yes();
        var nonInteractive = CommonOptions.NonInteractive();
        var command = new Command(
            "deploy",
            """
            Build, push and deploy the project, and wait until it is really ready.

            Examples:
              dotnet kubeapp deploy                                   to the sandbox on this machine
              dotnet kubeapp deploy -e prod                           to where the environment 'prod' lives
              dotnet kubeapp deploy -e prod --dry-run                 only say what would change
              dotnet kubeapp deploy --bundle out --context prod-eu    a bundle that was built before
            """);
        target.AddTo(command);
        foreach (var option in (Option[])[bundle, project, output, timeout, dryRun, strategy, yes, nonInteractive])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var format = parsed.GetValue(output)!;
            var order = new DeployOrder(
                parsed.GetValue(target.Environment), parsed.GetValue(target.Namespace), target.Choice(parsed), parsed.GetValue(timeout), parsed.GetValue(dryRun),
                parsed.GetValue(strategy));
            JsonObject result;
            using (var renderer = format == "jsonl" ? new JsonLinesRenderer(terminal.Out) : terminal.Events())
                result = parsed.GetValue(bundle) is { } folder
                    ? Json.Of(await DeployBundleAsync(terminal, Path.GetFullPath(folder, terminal.Directory), order, renderer, cancellationToken))
                    : await ProjectDeploy.RunAsync(
                        terminal, ProjectFolder.Find(Path.GetFullPath(parsed.GetValue(project) ?? ".", terminal.Directory)), order, renderer, cancellationToken);
            Show(terminal, result, format);
            return (int)result["exitCode"]!;
        });
        return command;
    }

    private static async Task<DeployResult> DeployBundleAsync(
        Terminal terminal, string folder, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
    {
        var bundle = BundleSource.Read(folder).WithStrategy(order.Strategy);
        var environment = BundleSource.EnvironmentOf(bundle, order.Environment);
        try
        {
            using var connection = await TargetSelector.ConnectAsync(order.Target, environment.Target, startsSandbox: true, sink, terminal.Clock, cancellationToken);
            return await new Deployer(connection, terminal.ReadVariable).RunAsync(
                new DeployRequest(bundle, environment.Name, order.Namespace, order.Timeout, order.DryRun), sink, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return DeployResult.Nothing(DeployOutcome.Cancelled, ExitCodes.Cancelled, bundle.App, environment.Name) with
            {
                Namespace = order.Namespace ?? environment.Namespace,
                Commit = bundle.Commit,
            };
        }
    }

    // Of a project the result comes from the build, as a document; so a bundle's is shown from its document, too.
    private static void Show(Terminal terminal, JsonObject result, string output)
    {
        if (output != "text")
        {
            Json.Write(terminal.Out, result, output == "yaml" ? "yaml" : "json", isLine: output == "jsonl");
            return;
        }

        var app = (string?)result["app"];
        var elapsed = Words.Seconds(TimeSpan.FromSeconds((double)result["elapsedSeconds"]!));
        var outcome = (string?)result["outcome"];
        switch (outcome)
        {
            case "planned":
                foreach (var change in result["changes"]!.AsArray())
                    terminal.Out.WriteLine($"{(string?)change!["change"],-9} {Words.Object((string)change["kind"]!, (string?)change["namespace"], (string)change["name"]!)}");
                foreach (var step in result["steps"]!.AsArray())
                    terminal.Error.WriteLine($"step: {step!["title"]}{((double?)step["timeoutSeconds"] is { } limit ? $" (at most {Words.Age(TimeSpan.FromSeconds(limit))})" : "")}");
                break;
            case "deployed" or "unchanged":
                terminal.Error.WriteLine($"{app} is {(outcome == "deployed" ? "deployed" : "up to date")} on {result["target"]}, namespace {result["namespace"]} ({elapsed}).");
                foreach (var url in result["urls"]!.AsArray())
                    terminal.Out.WriteLine((string?)url);
                break;
            case "cancelled":
                terminal.Error.WriteLine("Cancelled. What was applied stays; deploy again to go on.");
                break;
            default:
                terminal.Error.WriteLine($"{app} was not deployed ({elapsed}).");
                break;
        }
    }
}

/// <summary>What the command line asks for, of a bundle or of a project; null leaves it to the specification.</summary>
internal sealed record DeployOrder(string? Environment, string? Namespace, TargetChoice Target, TimeSpan? Timeout, bool DryRun, string? Strategy);
