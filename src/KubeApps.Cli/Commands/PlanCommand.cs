using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>plan</c>: what a deploy would do, object by object and field by field. It is a deploy that ends before its first write.</summary>
internal static class PlanCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var sources = new SourceOptions();
        var output = CommonOptions.Output("For a person, for programs, or for the comment on a pull request.", "text", "json", "yaml", "markdown");
        var timeout = CommonOptions.Timeout();
        var strategy = CommonOptions.Strategy();
        var detailed = new Option<bool>("--detailed-exitcode") { Description = "Exit code 2 where something would change, 0 where nothing would." };
        var file = new Option<string?>("--out") { Description = "Keep the plan in a file, for 'deploy --plan FILE'.", HelpName = "FILE" };
        var command = new Command(
            "plan",
            """
            Say what a deploy would do, as the cluster sees it; change nothing.

            Examples:
              dotnet kubeapp plan                                       of the project, against the sandbox
              dotnet kubeapp plan -e prod --detailed-exitcode           2: something would change
              dotnet kubeapp plan --bundle out -e prod -o markdown      for the comment on a pull request
              dotnet kubeapp plan -e prod --comment auto                in a workflow, on the pull request that it runs for
              dotnet kubeapp plan --bundle out -e prod --out plan.json  and later: deploy --bundle out --plan plan.json
            """);
        command.Aliases.Add("diff");
        target.AddTo(command);
        sources.AddTo(command);
        foreach (var option in (Option[])[output, timeout, strategy, detailed, file])
            command.Add(option);
        var policy = new PolicyOptions();
        policy.AddTo(command);
        var slots = new SlotOrderOptions();
        slots.AddTo(command, resumes: false);
        var comment = new PlanComment();
        comment.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var order = new DeployOrder(
                parsed.GetValue(target.Environment), parsed.GetValue(target.Namespace), target.Choice(parsed), parsed.GetValue(timeout), DryRun: true, parsed.GetValue(strategy))
            {
                Policy = policy.Policy(parsed),
                Hold = slots.Holds(parsed),
                Soak = slots.Soaks(parsed),
                SavesPlan = parsed.GetValue(file) is not null,
            };
            var source = sources.Chosen(parsed, terminal);
            var place = await comment.FindAsync(parsed, terminal, cancellationToken);
            DeployResult result;
            try
            {
                using var renderer = terminal.Events();
                result = await DeployCommand.RunAsync(terminal, source, order, renderer, cancellationToken);
            }
            catch (DiagnosticException) when (place is not null)
            {
                PlanComment.TellNoPlan(place, terminal);
                throw;
            }

            var page = place is null ? null : await PlanComment.PutAsync(place, result, terminal, cancellationToken);
            terminal.Step?.EndPlan(result, page);
            if (result is not { Outcome: DeployOutcome.Planned or DeployOutcome.Unchanged or DeployOutcome.Held, Plan: { } plan })
                return result.ExitCode;
            // One that would stop is shown, and is nothing to hold to.
            if (parsed.GetValue(file) is { } path && result.ExitCode == ExitCodes.Done)
                SavedPlanFile.Write(result.SavedPlan!, Path.GetFullPath(path, terminal.Directory));
            Show(terminal, plan, parsed.GetValue(output)!);
            return result.ExitCode != ExitCodes.Done ? result.ExitCode : plan.HasDifferences && parsed.GetValue(detailed) ? ExitCodes.Differences : ExitCodes.Done;
        });
        return command;
    }

    public static void Show(Terminal terminal, PlanReport plan, string format)
    {
        switch (format)
        {
            case "text":
                PlanText.Write(plan, terminal.Out, terminal.UsesColor);
                break;
            case "markdown":
                terminal.Out.Write(PlanMarkdown.Of(plan));
                break;
            default:
                Json.Write(terminal.Out, PlanJson.Document(plan), format);
                break;
        }
    }
}
