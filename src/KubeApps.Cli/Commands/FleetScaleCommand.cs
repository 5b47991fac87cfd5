using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Fleet;
using KubeApps.Deploy.Locking;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>fleet scale</c>: another number of pods for a workload, wherever its app stands.</summary>
internal static class FleetScaleCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // For what is asked and written before and after: the waiting itself says why it ended.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public static Command Create(Terminal terminal)
    {
        var timeout = CommonOptions.Timeout("How long each app may take until its pods are ready: 90s, 5m. Default: 5m.", Patience);
        var options = new FleetOptions(timeout);
        var waves = new FleetWaveOptions(isCareful: true);
        var workload = new Argument<string>("workload") { Description = "The Deployment or StatefulSet, as the specification calls it." };
        var replicas = new Option<int>("--replicas") { Description = "How many pods.", HelpName = "N", Required = true };
        CommonOptions.Check(replicas, number => number is >= 0 and <= 10_000 ? null : "A number from 0.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done." };
        var yes = CommonOptions.Yes("On a terminal: do not ask.");
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "scale",
            """
            Give a workload another number of pods wherever its app stands, until the next deploy: one app first, then a tenth of all, then the rest.

            Examples:
              dotnet kubeapp fleet scale web --replicas 4 --context 'prod-*' -l app=storefront
              dotnet kubeapp fleet scale worker --replicas 0 --context '*' -l environment=staging --waves 100% -y
            """);
        command.Add(workload);
        options.AddTo(command);
        waves.AddTo(command);
        foreach (var option in (Option[])[replicas, dryRun, yes, output])
            command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var began = terminal.Clock.GetTimestamp();
            var (name, number, isDry) = (parsed.GetValue(workload)!, parsed.GetValue(replicas), parsed.GetValue(dryRun));
            using var found = await options.FindAsync(parsed, terminal, cancellationToken);
            // Whoever scales a fleet means those that have it.
            var fleet = found with { Apps = [.. found.Apps.Where(app => AppScaler.Find(app.Inventory, name) is not null)] };
            fleet.RequireApps($"and has a workload {Printable.Of(name)}");
            var order = waves.Of(parsed, options.Order(parsed) with { Timeout = parsed.GetValue(timeout) + Grace }, fleet);
            var question = $"Scale {Printable.Of(name)} to {number} in {Words.Count(fleet.Apps.Count, "app")} ({string.Join(", then ", order.Sizes(fleet.Apps.Count))})?";
            if (terminal.CanAsk && !isDry && !parsed.GetValue(yes) && !await terminal.ConfirmAsync(question, cancellationToken))
                throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Not confirmed; nothing was changed.", nextStep: "Answer y to scale, or confirm with -y."));
            var holder = LockHolder.Of("scale", terminal.ReadVariable);
            var results = await FleetOptions.RunAsync(
                terminal, order, isDry ? "apps planned" : "apps scaled", fleet,
                (app, sink, token) => new AppScaler(app.Connection.Client, sink) { Holder = holder, Patience = parsed.GetValue(timeout) ?? Patience }.ScaleAsync(app.Inventory, name, number, isDry, token), null, cancellationToken);
            FleetOptions.TellSkipped(terminal, fleet, results);
            if (parsed.GetValue(output) is { } format and not "text")
                Json.Write(terminal.Out, Document(name, number, isDry, order, fleet, results, terminal.Clock.GetElapsedTime(began)), format);
            else
                foreach (var line in Table(isDry, results))
                    terminal.Out.WriteLine(line);
            return FleetOptions.ExitCode(fleet, results, cancellationToken);
        });
        return command;
    }

    private static IEnumerable<string> Table(bool isDry, IReadOnlyList<FleetResult<FleetApp, Scaling>> results) => results.Count == 0 ? [] : PlainTable.Of(
        ["CLUSTER", "APP", "ENVIRONMENT", "WORKLOAD", "REPLICAS", "OUTCOME", "MESSAGE"], results.Select(result => (string[])
        [
            Printable.Of(result.Item.Cluster.Title), Printable.Of(result.Item.Inventory.App), Printable.Of(result.Item.Inventory.Environment), Printable.Of(result.Value?.Id.Name ?? ""),
            result.Value is { } scaling ? $"{scaling.From} → {scaling.To}" : "", Outcome(isDry, result), Printable.Line(result.Problems.FirstOrDefault()?.Cause ?? "", 140),
        ]));

    private static string Outcome(bool isDry, FleetResult<FleetApp, Scaling> result) =>
        result.Value is { } scaling ? scaling.From == scaling.To ? "unchanged" : isDry ? "planned" : "scaled" : Json.Camel(result.Outcome);

    private static JsonObject Document(
        string workload, int replicas, bool isDry, FleetOrder order, FleetApps fleet, IReadOnlyList<FleetResult<FleetApp, Scaling>> results, TimeSpan elapsed)
    {
        var document = Json.Document("FleetScale");
        document["workload"] = workload;
        document["replicas"] = replicas;
        document["dryRun"] = isDry;
        document["waves"] = Json.Array(order.Sizes(results.Count), size => size);
        document["clusters"] = FleetJson.Clusters(fleet);
        document["apps"] = Json.Array(results, result =>
        {
            var item = FleetJson.Whose(result.Item);
            item["outcome"] = Outcome(isDry, result);
            item["object"] = result.Value?.Id.ToString();
            item["from"] = result.Value?.From;
            item["to"] = result.Value?.To;
            item["diagnostics"] = Json.Array(result.Problems, Json.Of);
            item["elapsedSeconds"] = Json.Seconds(result.Elapsed);
            return item;
        });
        document["elapsedSeconds"] = Json.Seconds(elapsed);
        return document;
    }
}
