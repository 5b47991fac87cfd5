using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>rollback</c>: deploys an old revision again, as a new one.</summary>
internal static class RollbackCommand
{
    public static Command Create(Terminal terminal)
    {
        var selection = new DeployedApp.Selection();
        var to = new Option<int?>("--to-revision") { Description = "The revision to return to. Default: the last good one before what stands.", HelpName = "NUMBER" };
        var toDeployment = DeploymentReturn.Option();
        var timeout = CommonOptions.Timeout();
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, as the cluster sees it; change nothing." };
        var waitForLock = CommonOptions.WaitForLock();
        var yes = CommonOptions.Yes();
        var nonInteractive = CommonOptions.NonInteractive();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "rollback",
            """
            Return to an old revision: images, configuration, services and all, as a new revision; and wait until it is really ready.

            The number of pods is left to the autoscaler. Jobs before the rollout do not run again, except those of a bundle that is deployed in the place
            of a revision that the cluster does not keep any more. Going back over one that is declared one-way is refused. A rollback that was cut is gone
            on with when it is run again.

            Examples:
              dotnet kubeapp rollback                          to the last good revision before what stands
              dotnet kubeapp rollback --to-revision 3 -y
              dotnet kubeapp rollback --to-deployment 2345678901    what GitHub's record of that number names
              dotnet kubeapp rollback storefront --dry-run     only say what would change
            """);
        selection.AddTo(command);
        foreach (var option in (Option[])[to, toDeployment, timeout, dryRun, waitForLock, yes, nonInteractive, output])
            command.Add(option);
        var policy = new PolicyOptions();
        policy.AddTo(command);
        var record = new RecordOptions();
        record.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(to) is not null && result.GetResult(toDeployment) is not null)
                result.AddError("Say either --to-revision or --to-deployment.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: !isDry, cancellationToken);
            var (isConfirmed, canAsk) = (isDry || parsed.GetValue(yes), terminal.CanAsk && !parsed.GetValue(nonInteractive));
            var named = parsed.GetValue(toDeployment) is { } id ? await DeploymentReturn.FindAsync(id, app, record.GitHub, parsed, terminal, cancellationToken) : null;
            var request = named is DeploymentTarget.OfBundle bundle
                ? await DeploymentReturn.OpenAsync(bundle, app, terminal, isConfirmed, canAsk, cancellationToken)
                : await FindAsync(app, (named as DeploymentTarget.OfRevision)?.Number ?? parsed.GetValue(to), terminal, isConfirmed, canAsk, cancellationToken);
            request = request with
            {
                Timeout = parsed.GetValue(timeout),
                DryRun = isDry,
                WaitForLock = parsed.GetValue(waitForLock),
                Policy = policy.Policy(parsed),
            };
            DeployResult result;
            using (var renderer = terminal.Events())
            {
                await using var records = isDry ? null : await Recording.OpenAsync(terminal, record.Order(parsed) with { Task = RecordRules.RollbackTask }, app.Connection, renderer, cancellationToken);
                result = await new Deployer(app.Connection, terminal.ReadVariable) { Follower = records }.RunAsync(request, records ?? (IEventSink)renderer, cancellationToken);
                if (records is not null)
                    result = await records.CompleteAsync(result);
            }

            if (request.Restores is null)
                DeployCommand.Show(terminal, result, parsed.GetValue(output)!);
            else
                Show(terminal, result, parsed.GetValue(output)!);
            terminal.Step?.End(result);
            return result.ExitCode;
        });
        return command;
    }

    private static async Task<DeployRequest> FindAsync(DeployedApp app, int? number, Terminal terminal, bool isConfirmed, bool canAsk, CancellationToken cancellationToken)
    {
        var target = await Rollback.FindTargetAsync(app.Connection.Client, app.Inventory, number, cancellationToken);
        if (!isConfirmed)
            await ConfirmAsync(app, target, terminal, canAsk, cancellationToken);
        return Rollback.To(target, Author.OfThisProcess(terminal.ReadVariable));
    }

    private static async Task ConfirmAsync(DeployedApp app, Revision target, Terminal terminal, bool canAsk, CancellationToken cancellationToken)
    {
        var what = $"{app.Inventory.App} ({app.Inventory.Environment}) on {app.Connection.Description}, namespace {app.Inventory.Namespace}, to revision {target.Number}";
        if (!canAsk)
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because($"Nothing was changed. This would return {what}."));
        var commit = target.Commit is { } full ? $"commit {Printable.Commit(full)}, " : "";
        if (!await terminal.ConfirmAsync($"Return {what} ({commit}of {Words.Age(terminal.Clock.GetUtcNow() - target.StartedAt)} ago)?", cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because(
                "Not confirmed; nothing was changed.", nextStep: "Answer y to return to it, or confirm with -y."));
    }

    private static void Show(Terminal terminal, DeployResult result, string format)
    {
        if (format != "text")
        {
            Json.Write(terminal.Out, Json.Of(result), format);
            return;
        }

        switch (result.Outcome)
        {
            case DeployOutcome.Planned:
                PlanCommand.Show(terminal, result.Plan!, format);
                break;
            case DeployOutcome.Deployed or DeployOutcome.Unchanged:
                terminal.Error.WriteLine(
                    $"{result.App} is {(result.Outcome == DeployOutcome.Deployed ? "back" : "already")} at revision {result.RolledBackTo} on {result.Target}, namespace {result.Namespace}"
                    + $"{(result.Revision is { } number ? $", as revision {number}" : "")} ({Words.Seconds(result.Elapsed)}).");
                if (result.Bundle is { } bundle)
                    terminal.Error.WriteLine($"Its bundle is {PlanWords.Printable(bundle)}.");
                foreach (var url in result.Urls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.Cancelled:
                terminal.Error.WriteLine(DeployCommand.Cancelled(terminal, result, "run it again"));
                break;
            default:
                terminal.Error.WriteLine($"{result.App} was not rolled back ({Words.Seconds(result.Elapsed)}).");
                break;
        }
    }
}
