using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>cluster plan|update</c>: what a cluster shall be, said and done.</summary>
internal static class ClusterChangeCommands
{
    public static Command CreatePlan(Terminal terminal)
    {
        var (selection, specification) = (new ClusterSelection(), new ClusterSpecificationOptions());
        var (name, removal) = (Name(), new Option<bool>("--delete") { Description = "Show what a deletion would do." });
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "plan",
            """
            Show what would be done to make the app's cluster what its specification says: the steps, how long they take, quotas that do not suffice, and
            what it costs in an hour. Exit code 1: it could not be done.

            Examples:
              dotnet kubeapp cluster plan storefront -e prod
              dotnet kubeapp cluster plan --bundle bundle -e prod --kubernetes-version 1.34
              dotnet kubeapp cluster plan storefront -e prod --delete
            """);
        selection.AddAppTo(command);
        specification.AddTo(command);
        foreach (var option in (Option[])[name, removal, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var owner = selection.Owner(parsed, place, terminal);
            var chosen = parsed.GetValue(name) ?? ClusterCommands.Choose(owner, await place.Provider.ListAsync(null, cancellationToken), await place.Provider.NamesAsync(cancellationToken), beside: false);
            ClusterChange change = parsed.GetValue(removal) ? new ClusterChange.Remove(chosen, owner) : new ClusterChange.Ensure(chosen, owner, specification.Of(parsed, place)) { IsAll = true };
            var plan = await place.Provider.PlanAsync(change, cancellationToken);
            foreach (var finding in plan.Findings)
                terminal.Tell(finding);
            if (parsed.GetValue(output) is { } format && format != "text")
                Json.Write(terminal.Out, Document(plan, place.Provider.Description), format);
            else
                foreach (var line in ClusterPlanText.Lines(plan))
                    terminal.Out.WriteLine(line);
            if (plan.IsNoOp)
                terminal.Error.WriteLine($"Nothing is to be done for {chosen} on {place.Provider.Description}.");
            return plan.Findings.Any(finding => finding.Severity == DiagnosticSeverity.Error) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    public static Command CreateUpdate(Terminal terminal)
    {
        var (selection, specification) = (new ClusterSelection(), new ClusterSpecificationOptions());
        var (yes, nonInteractive, name) = (CommonOptions.Yes(), CommonOptions.NonInteractive(), Name());
        var command = new Command(
            "update",
            """
            Change the app's cluster to what its specification says: the version of Kubernetes (control plane, add-ons, then one node group after the other),
            the bounds of pools, other machines (the new ones stand before the old ones go). Cut anywhere, it goes on when it is run again.

            Examples:
              dotnet kubeapp cluster update storefront -e prod --kubernetes-version 1.34
              dotnet kubeapp cluster update --bundle bundle -e prod -y
            """);
        selection.AddAppTo(command);
        specification.AddTo(command);
        foreach (var option in (Option[])[name, yes, nonInteractive])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var place = await selection.OpenAsync(parsed, terminal, cancellationToken);
            var owner = selection.Owner(parsed, place, terminal);
            var own = await place.Provider.ListAsync(owner, cancellationToken);
            var chosen = parsed.GetValue(name) is { } named ? own.FirstOrDefault(cluster => cluster.Name == named) : own.Where(cluster => cluster.State != ClusterState.Deleting).MaxBy(cluster => cluster.CreatedAt);
            if (chosen is null)
                throw new DiagnosticException(DiagnosticDescriptors.ClusterNotFound.Because($"{owner.App} ({owner.Environment}) has no such cluster on {place.Provider.Description}."));
            using (var sink = terminal.Lines())
                await new AppClusters(place.Provider, owner, sink).RequireUnheldAsync(chosen.Name, own, cancellationToken);
            var plan = await place.Provider.PlanAsync(new ClusterChange.Ensure(chosen.Name, owner, specification.Of(parsed, place)) { IsAll = true }, cancellationToken);
            if (!parsed.GetValue(yes) && plan.Steps.Any(step => step.Action is not ClusterAction.Create and not ClusterAction.Await) && plan.Findings.All(finding => finding.Severity != DiagnosticSeverity.Error))
                await ConfirmAsync(plan, chosen, terminal, terminal.CanAsk && !parsed.GetValue(nonInteractive), cancellationToken);
            await ClusterCommands.ExecuteAsync(place.Provider, plan, isDry: false, terminal, cancellationToken);
            terminal.Error.WriteLine(plan.IsNoOp ? $"{chosen.Name} is as it shall be." : $"{chosen.Name} is changed.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task ConfirmAsync(ClusterPlan plan, AppCluster cluster, Terminal terminal, bool canAsk, CancellationToken cancellationToken)
    {
        foreach (var line in ClusterPlanText.Lines(plan))
            terminal.Error.WriteLine(line);
        if (!canAsk || !await terminal.ConfirmAsync($"Change {cluster.Name}?", cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because($"Nothing was changed of {cluster.Name}."));
    }

    private static Option<string?> Name() => new("--name") { Description = "The cluster's name. Default: the app's newest one; for a new one APP-ENVIRONMENT-N.", HelpName = "NAME" };

    private static JsonObject Document(ClusterPlan plan, string provider)
    {
        var document = Json.Document("ClusterPlan");
        document["provider"] = provider;
        document["name"] = plan.Change.Name;
        document["app"] = plan.Change.Owner.App;
        document["environment"] = plan.Change.Owner.Environment;
        document["expectedSeconds"] = ClusterSteps.Expected(plan.Steps).TotalSeconds;
        document["steps"] = Json.Array(plan.Steps, ClusterJson.Of);
        document["findings"] = Json.Array(plan.Findings, Json.Of);
        document["cost"] = plan.Cost is { } cost ? ClusterJson.Of(cost) : null;
        return document;
    }
}
