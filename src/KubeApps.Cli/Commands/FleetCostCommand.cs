using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy;
using KubeApps.Deploy.Fleet;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet cost</c>: what the clusters of the fleet cost, from the table of prices.</summary>
internal static class FleetCostCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new FleetOptions();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "cost",
            """
            Show what the clusters of the fleet cost, by AWS's prices on demand. What has no price in the table is named. Exit code 1: a cluster could not be read.

            Examples:
              dotnet kubeapp fleet cost --context 'prod-*'
              dotnet kubeapp fleet cost --eks eu-central-1,us-east-1 -l app=storefront -o json
            """);
        options.AddTo(command);
        command.Add(output);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var fleet = await options.FindAsync(parsed, terminal, cancellationToken);
            var chooses = options.Chooses(parsed);
            if (chooses)
                fleet.RequireApps();
            // A cluster costs the same whatever stands in it: where all are meant, those without an app are, too.
            var sites = fleet.Clusters.Where(site => site.Value is not null && (!chooses || fleet.Apps.Any(app => app.Cluster == site.Item))).ToList();
            var costs = await FleetOptions.RunAsync(
                terminal, options.Order(parsed), "clusters priced", sites, site => Printable.Of(site.Item.Title),
                (site, _, token) => FleetCost.ReadAsync(site.Value!.Connection.Client, token), null, cancellationToken);
            var bill = FleetBill.Of(fleet, [.. costs.Select(cost => new FleetResult<FleetCluster, FleetCost>(cost.Item.Item, cost.Outcome, cost.Value, cost.Problems, cost.Elapsed))]);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, bill.ToDocument(fleet), format);
            else
                foreach (var line in bill.Table())
                    terminal.Out.WriteLine(line);
            terminal.Error.WriteLine(bill.Summary());
            foreach (var doubt in bill.Doubts)
                terminal.Error.WriteLine(doubt);
            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled : fleet.IsComplete && bill.IsComplete ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
