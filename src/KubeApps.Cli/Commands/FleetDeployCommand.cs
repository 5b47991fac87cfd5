using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy;
using KubeApps.Deploy.Fleet;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet deploy</c>: one bundle to wherever its app stands, a few first.</summary>
internal static class FleetDeployCommand
{
    public static Command Create(Terminal terminal)
    {
        var timeout = CommonOptions.Timeout();
        var options = new FleetOptions(timeout);
        var bundle = CommonOptions.Bundle();
        bundle.Description = "What is deployed: a folder that holds bundle.json, or a bundle in a registry, oci://REPO@sha256:… or oci://REPO:TAG.";
        bundle.Required = true;
        var waves = new FleetWaveOptions(isCareful: true);
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, as the clusters see it; change nothing." };
        var noRollback = new Option<bool>("--no-rollback") { Description = "Leave a version that does not come up as it is." };
        var strategy = CommonOptions.Strategy();
        var waitForLock = CommonOptions.WaitForLock();
        var policy = new PolicyOptions();
        var record = new RecordOptions(creates: false);
        var yes = CommonOptions.Yes("On a terminal: do not ask.");
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "deploy",
            """
            Deploy a bundle to wherever its app stands in the fleet: to one first, then to a tenth of all, then to the rest, and no further than the first failure.

            Examples:
              dotnet kubeapp fleet deploy --context 'prod-*' --bundle oci://registry.example.com/shop@sha256:…
              dotnet kubeapp fleet deploy --context prod-eu --context 'prod-*' --bundle out --waves 2,25% --max-failures 3
              dotnet kubeapp fleet deploy --context '*' -l environment=prod --bundle out --dry-run -o json
            """);
        options.AddTo(command);
        foreach (var option in (Option[])[bundle, dryRun, noRollback, strategy, waitForLock, yes, output])
            command.Add(option);
        waves.AddTo(command);
        policy.AddTo(command);
        record.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var began = terminal.Clock.GetTimestamp();
            var order = new DeployOrder(null, null, new TargetChoice(), parsed.GetValue(timeout), parsed.GetValue(dryRun), parsed.GetValue(strategy))
            {
                WaitForLock = parsed.GetValue(waitForLock),
                RollbackOnFailure = !parsed.GetValue(noRollback),
                Policy = policy.Policy(parsed),
                Record = record.Order(parsed),
            };
            Bundle content;
            using (var said = terminal.Lines())
                content = (await BundleSource.OpenAsync(parsed.GetValue(bundle)!, terminal, startsSandbox: false, said, cancellationToken)).WithStrategy(order.Strategy);
            using var found = await options.FindAsync(parsed, terminal, cancellationToken);
            // What is there for a pull request is its workflow's to deploy.
            var fleet = found with { Apps = [.. found.Apps.Where(app => app.Inventory.App == content.App && !app.Inventory.IsTransient)] };
            fleet.RequireApps($"and is {Printable.Of(content.App)}");
            foreach (var environment in fleet.Apps.Select(app => app.Inventory.Environment).Distinct(StringComparer.OrdinalIgnoreCase))
                BundleSource.EnvironmentOf(content, environment);
            var sequence = waves.Of(parsed, options.Order(parsed) with { Timeout = null }, fleet);
            if (terminal.CanAsk && !order.DryRun && !parsed.GetValue(yes) && !await terminal.ConfirmAsync(Question(content, fleet, sequence), cancellationToken))
                throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Not confirmed; nothing was changed.", nextStep: "Answer y to deploy, or confirm with -y."));

            var results = await FleetOptions.RunAsync(
                terminal, sequence, order.DryRun ? "apps planned" : "apps deployed", fleet,
                (app, sink, token) => DeployAsync(terminal, app, content, order, sink, token), result => result.ExitCode == ExitCodes.Done, cancellationToken);
            FleetOptions.TellSkipped(terminal, fleet, results);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, FleetDeployText.Document(content, order.DryRun, sequence, fleet, results, terminal.Clock.GetElapsedTime(began)), format);
            else
                foreach (var line in FleetDeployText.Table(sequence, results))
                    terminal.Out.WriteLine(line);
            return FleetOptions.ExitCode(fleet, results, cancellationToken);
        });
        return command;
    }

    private static string Question(Bundle bundle, FleetApps fleet, FleetOrder order) =>
        $"Deploy {Printable.Of(bundle.App)}{(bundle.Commit is { } commit ? $" {Printable.Of(Printable.Commit(commit))}" : "")} to {Words.Count(fleet.Apps.Count, "app")}"
            + $" in {Words.Count(fleet.Apps.DistinctBy(app => app.Cluster).Count(), "cluster")} ({string.Join(", then ", order.Sizes(fleet.Apps.Count))})?";

    private static async Task<DeployResult> DeployAsync(Terminal terminal, FleetApp app, Bundle bundle, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
    {
        // Several apps of one cluster share its connections, but not what they learn of its kinds meanwhile.
        var cluster = new ClusterConnection(app.Connection.Description, app.Connection.Client);
        var environment = BundleSource.EnvironmentOf(bundle, app.Inventory.Environment);
        order = order with { Namespace = app.Inventory.Namespace == environment.Namespace ? null : app.Inventory.Namespace };
        var began = terminal.Clock.GetTimestamp();
        var result = await DeployCommand.ToAsync(terminal, cluster, CopyOf(bundle), environment.Name, order, null, null, sink, cancellationToken);
        result = result with { Elapsed = terminal.Clock.GetElapsedTime(began) };
        sink.Publish(new DeployEvent.Note($"{FleetDeployText.Words(result.Outcome)} ({Words.Seconds(result.Elapsed)})."));
        return result;
    }

    // Deploys that go on side by side share no tree of JSON: neither reading nor copying one is meant for two at once.
    private static Bundle CopyOf(Bundle bundle)
    {
        lock (bundle)
            return bundle with
            {
                Environments = [.. bundle.Environments.Select(item => item with { Objects = [.. item.Objects.Select(each => each with { Content = (JsonObject)each.Content.DeepClone() })] })],
            };
    }
}
