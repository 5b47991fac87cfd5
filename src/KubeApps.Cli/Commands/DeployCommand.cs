using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

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
        var strategy = new Option<string>("--strategy") { Description = "How to get to the new version.", DefaultValueFactory = _ => "rolling" };
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
              dotnet kubeapp deploy --bundle out --context prod-eu    a bundle that was built before
              dotnet kubeapp deploy --bundle out -e prod --dry-run    only say what would change
            """);
        target.AddTo(command);
        foreach (var option in (Option[])[bundle, project, output, timeout, dryRun, strategy, yes, nonInteractive])
            command.Add(option);
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new Request(
                parsed.GetValue(target.Environment), parsed.GetValue(target.Namespace), target.Choice(parsed), parsed.GetValue(timeout), parsed.GetValue(dryRun), parsed.GetValue(output)!);
            return parsed.GetValue(bundle) is { } folder
                ? DeployBundleAsync(terminal, Path.GetFullPath(folder, terminal.Directory), request, cancellationToken)
                : DeployProjectAsync(terminal, ProjectFolder.Find(Path.GetFullPath(parsed.GetValue(project) ?? ".", terminal.Directory)), request, cancellationToken);
        });
        return command;
    }

    private sealed record Request(string? Environment, string? Namespace, TargetChoice Target, TimeSpan? Timeout, bool DryRun, string Output);

    private static async Task<int> DeployBundleAsync(Terminal terminal, string folder, Request request, CancellationToken cancellationToken)
    {
        var bundle = BundleSource.Read(folder);
        var environment = BundleSource.EnvironmentOf(bundle, request.Environment);
        DeployResult result;
        using (var renderer = request.Output == "jsonl" ? new JsonLinesRenderer(terminal.Out) : terminal.Events())
        {
            ClusterConnection connection;
            try
            {
                connection = await TargetSelector.ConnectAsync(request.Target, environment.Target, startsSandbox: true, renderer, terminal.Clock, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                terminal.Error.WriteLine("Cancelled; nothing was changed.");
                return ExitCodes.Cancelled;
            }

            using (connection)
                result = await new Deployer(connection, terminal.ReadVariable).RunAsync(
                    new DeployRequest(bundle, environment.Name, request.Namespace, request.Timeout, request.DryRun), renderer, cancellationToken);
        }

        Show(terminal, result, request.Output);
        return result.ExitCode;
    }

    private static async Task<int> DeployProjectAsync(Terminal terminal, ProjectFolder project, Request request, CancellationToken cancellationToken)
    {
        // A build pushes images to where the environment's cluster pulls them; another cluster could not. A dry run would have to push.
        List<string> needBundle =
        [
            .. request.DryRun ? (string[])["--dry-run"] : [], .. request.Target.IsExplicit ? (string[])["--context and --kubeconfig"] : [],
            .. request.Namespace is not null ? (string[])["--namespace"] : [], .. request.Timeout is not null ? (string[])["--timeout"] : [],
        ];
        if (needBundle.Count > 0)
            throw new DiagnosticException(DiagnosticDescriptors.BundleNeeded.Because($"From a project, {string.Join(", ", needBundle)} cannot be used."));
        List<string> arguments = ["publish", project.File, "-nologo", "-p:KubeAppDeploy=true"];
        if (request.Environment is not null)
            arguments.Add($"-p:KubeAppEnvironment={request.Environment}");
        var (exit, _) = await ProjectFolder.DotnetAsync(arguments, terminal.Error, cancellationToken);
        if (exit != 0)
            return exit is ExitCodes.TimedOut or ExitCodes.Cancelled ? exit : ExitCodes.Failed;
        if (request.Output != "text")
            return await ShowDeployedAsync(terminal, project, request, cancellationToken);
        return ExitCodes.Done;
    }

    // The build has deployed in a process of its own; what stands now is the result.
    private static async Task<int> ShowDeployedAsync(Terminal terminal, ProjectFolder project, Request request, CancellationToken cancellationToken)
    {
        var bundle = BundleSource.Read(await project.BundleFolderAsync(cancellationToken));
        var environment = BundleSource.EnvironmentOf(bundle, request.Environment);
        using var connection = await TargetSelector.ConnectAsync(
            request.Target, environment.Target, startsSandbox: false, new PlainRenderer(terminal.Error), terminal.Clock, cancellationToken);
        var inventory = await new AppLocator(connection.Client).FindAsync(
            bundle.App, null, environment.Name, request.Namespace ?? environment.Namespace, connection.Description, cancellationToken);
        var status = await AppStatus.ReadAsync(connection.Client, inventory, connection.Description, cancellationToken);
        Json.Write(terminal.Out, Json.Of(status, terminal.Clock.GetUtcNow()), request.Output == "jsonl" ? "json" : request.Output, isLine: request.Output == "jsonl");
        return ExitCodes.Done;
    }

    private static void Show(Terminal terminal, DeployResult result, string output)
    {
        if (output != "text")
        {
            Json.Write(terminal.Out, Json.Of(result), output == "yaml" ? "yaml" : "json", isLine: output == "jsonl");
            return;
        }

        switch (result.Outcome)
        {
            case DeployOutcome.Planned:
                foreach (var change in result.Changes)
                    terminal.Out.WriteLine($"{change.Change.ToString().ToLowerInvariant(),-9} {Words.Object(change.Kind, change.Namespace, change.Name)}");
                foreach (var step in result.Steps)
                    terminal.Error.WriteLine($"step: {step.Title}{(step.Timeout is { } limit ? $" (at most {Words.Age(limit)})" : "")}");
                break;
            case DeployOutcome.Deployed or DeployOutcome.Unchanged:
                terminal.Error.WriteLine(
                    $"{result.App} is {(result.Outcome == DeployOutcome.Deployed ? "deployed" : "up to date")} on {result.Target}, namespace {result.Namespace} ({Words.Seconds(result.Elapsed)}).");
                foreach (var url in result.Urls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.Cancelled:
                terminal.Error.WriteLine("Cancelled. What was applied stays; deploy again to go on.");
                break;
            case DeployOutcome.TimedOut or DeployOutcome.Failed:
                terminal.Error.WriteLine($"{result.App} was not deployed ({Words.Seconds(result.Elapsed)}).");
                break;
        }
    }
}
