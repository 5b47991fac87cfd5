using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy;
using KubeApps.Deploy.Fleet;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet upgrade</c>: a newer version of Kubernetes for the clusters of the fleet, a few first.</summary>
internal static class FleetUpgradeCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);

    public static Command Create(Terminal terminal)
    {
        var timeout = CommonOptions.Timeout("How long each cluster may take: 90m, 12h. Default: 6h. What AWS does already it does to its end.", Patience);
        var options = new FleetOptions(timeout, isOfClusters: true);
        var version = new Option<string>("--kubernetes-version") { Description = "The version of Kubernetes that all shall have: 1.34. Those that have it, or a newer one, stay as they are.", HelpName = "VERSION", Required = true };
        var waves = new FleetWaveOptions(isCareful: true);
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done." };
        var (yes, nonInteractive) = (CommonOptions.Yes(), CommonOptions.NonInteractive());
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        CommonOptions.Check(version, text => text is not null && Version.TryParse(text, out var parsed) && parsed is { Major: 1, Build: -1 } ? null : $"'{text}' is no version of Kubernetes. Write 1.34.");
        var command = new Command(
            "upgrade",
            """
            Upgrade the clusters of the fleet to a version of Kubernetes: one first, then a tenth of all, then the rest, and no further than the first failure. It shows what
            it will do, asks, and does to each what 'cluster update' does: control plane, add-ons, node groups. All else stays as it is. A cluster is done when its apps are up.

            Examples:
              dotnet kubeapp fleet upgrade --kubernetes-version 1.34 --eks eu-central-1 --dry-run
              dotnet kubeapp fleet upgrade --kubernetes-version 1.34 --eks eu-central-1,us-east-1 -l environment=staging
              dotnet kubeapp fleet upgrade --kubernetes-version 1.34 --eks eu-central-1 --waves 2,25% --max-failures 3 -y -o json
            """);
        command.Add(version);
        options.AddTo(command);
        waves.AddTo(command);
        foreach (var option in (Option[])[dryRun, yes, nonInteractive, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var began = terminal.Clock.GetTimestamp();
            var (wanted, isDry, format) = (parsed.GetValue(version)!, parsed.GetValue(dryRun), parsed.GetValue(output));
            using var fleet = await options.OfProvidersAsync(parsed, terminal, cancellationToken);
            var planned = await FleetOptions.RunAsync(
                terminal, options.Order(parsed), "clusters planned", fleet.Clusters, cluster => Printable.Of(cluster.Title), (cluster, sink, token) => FleetUpgrade.PlanAsync(cluster, wanted, sink, token), null,
                cancellationToken);
            var order = waves.Of(parsed, options.Order(parsed) with { Timeout = parsed.GetValue(timeout) }, planned.Count(plan => plan.Outcome != FleetOutcome.Done));
            var report = FleetUpgradeReport.Of(wanted, order, planned);
            if (!isDry && !cancellationToken.IsCancellationRequested)
                report = report.With(report.CanBegin ? await RunAsync(terminal, report, parsed.GetValue(yes), terminal.CanAsk && !parsed.GetValue(nonInteractive), cancellationToken) : []);
            if (report.Untouched is > 0 and var untouched)
                terminal.Tell(DiagnosticDescriptors.FleetStopped.Because(
                    $"{Words.Count(report.Failures, "failure")}: {Words.Count(untouched, "cluster")} of {report.Items.Count} {(untouched == 1 ? "was" : "were")} not touched."));
            if (format is not "text")
                Json.Write(terminal.Out, report.ToDocument(isDry, terminal.Clock.GetElapsedTime(began)), format!);
            else
                foreach (var line in report.Table())
                    terminal.Out.WriteLine(line);
            terminal.Error.WriteLine(report.Summary());
            return cancellationToken.IsCancellationRequested ? ExitCodes.Cancelled : report.IsGood ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<FleetResult<FleetCluster, FleetUpgrade>>> RunAsync(
        Terminal terminal, FleetUpgradeReport report, bool isConfirmed, bool canAsk, CancellationToken cancellationToken)
    {
        // No version can be taken back: whoever cannot be asked must have said so.
        if (!isConfirmed && report.Waiting.Count > 0)
        {
            foreach (var line in report.Table())
                terminal.Error.WriteLine(line);
            if (!canAsk || !await terminal.ConfirmAsync(report.Question(), cancellationToken))
                throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Nothing was upgraded."));
        }

        return await FleetOptions.RunAsync(
            terminal, report.Order, "clusters upgraded", report.Waiting, cluster => Printable.Of(cluster.Title),
            (cluster, sink, token) => FleetUpgrade.RunAsync(cluster, report.Version, sink, token), null, cancellationToken);
    }
}
